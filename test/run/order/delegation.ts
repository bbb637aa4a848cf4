import type { Row } from './row.ts'
import type { PlayOf, Step } from './scenario.ts'

const on = (host: string, name: string): Step => ({ do: name, on: host })
const of = (...steps: readonly Step[]): readonly PlayOf[] => [{ steps }]
/** For h1 and h2; h3 is where things are executed. */
const two = (...steps: readonly Step[]): readonly PlayOf[] => [{ hosts: ['h1', 'h2'], steps }]

/** playbooks_delegation.rst */
export const delegation: readonly Row[] = [
  { name: 'a task is executed on another host and counts for its own', hosts: 2, plays: [{ hosts: ['h1'], steps: ['a', on('h2', 'b'), 'c'] }], gives: ['h1: a changed, b changed on h2, c changed', 'done'] },
  { name: 'what was done over there for one host is found done for the next', hosts: 3, order: 'across', plays: [{ ...two(on('h3', 'a'))[0]!, serial: 1 }], gives: ['h1 a changed on h3, h2 a ok on h3', 'done'] },
  { name: 'a task over there fails the host that it is for', hosts: 3, plays: two(on('h3', 'a'), 'b'), trouble: { 'h3 a': 'fails' }, gives: ['h1: a failed on h3', 'h2: a failed on h3', 'failed'] },
  {
    name: 'a host that fails over there is not the one over there', hosts: 2, plays: [{ name: 'p', hosts: ['h1'], steps: [on('h2', 'a')] }, { name: 'q', hosts: ['h2'], steps: ['b'] }], trouble: { 'h2 a': 'fails' },
    gives: ['h1: a failed on h2', 'h2: b changed', 'failed'],
    ansible: { differs: 'A play that failed on all its hosts', gives: ['h1: a failed on h2', 'failed'] },
  },
  { name: 'a failure over there that is ignored', hosts: 2, plays: [{ hosts: ['h1'], steps: [{ do: 'a', on: 'h2', ignore: true }, 'b'] }], trouble: { 'h2 a': 'fails' }, gives: ['h1: a failed, ignored on h2, b changed', 'done'] },
  { name: 'a failure over there is rescued', hosts: 2, plays: [{ hosts: ['h1'], steps: [{ block: [on('h2', 'a')], rescue: ['r'] }, 'b'] }], trouble: { 'h2 a': 'fails' }, gives: ['h1: a failed on h2, r changed, b changed', 'done'] },
  { name: 'a task over there may be tried again', hosts: 2, plays: [{ hosts: ['h1'], steps: [{ do: 'a', on: 'h2', retries: 1 }] }], trouble: { 'h2 a': 'fails once' }, gives: ['h1: a changed on h2', 'done'] },
  { name: 'a task over there may be skipped', hosts: 2, plays: [{ hosts: ['h1'], steps: [{ do: 'a', on: 'h2', when: false }, 'b'] }], gives: ['h1: a skipped on h2, b changed', 'done'] },
  {
    name: 'what is down over there fails the task: the host that it is for can be reached', hosts: 2, plays: [{ hosts: ['h1'], steps: ['a', on('h2', 'b'), 'c'] }], trouble: { h2: 'down' },
    gives: ['h1: a changed, b failed on h2', 'failed'],
    ansible: { differs: 'A delegate that is down', gives: ['h1: a changed, unreachable', 'unreachable'] },
  },
  {
    name: 'what is lost over there can be rescued', hosts: 2, plays: [{ hosts: ['h1'], steps: [{ block: [on('h2', 'a')], rescue: ['r'], always: ['z'] }] }], trouble: { 'h2 a': 'breaks' },
    gives: ['h1: a failed on h2, r changed, z changed', 'done'],
    ansible: { differs: 'A delegate that is down', gives: ['h1: unreachable', 'unreachable'] },
  },
  {
    name: 'a handler of a task that changed something over there', hosts: 2, plays: [{ hosts: ['h1'], steps: [{ do: 'a', on: 'h2', notify: ['x'] }], handlers: ['x'] }],
    gives: ['h1: a changed on h2, handler x changed on h2', 'done'],
    ansible: { differs: 'Handlers of delegated tasks', gives: ['h1: a changed on h2, handler x changed', 'done'] },
  },
  { name: 'a handler that says where it runs', hosts: 2, plays: [{ hosts: ['h1'], steps: ['a → x'], handlers: [{ do: 'x', on: 'h2' }] }], gives: ['h1: a changed, handler x changed on h2', 'done'] },
  { name: 'a play that is executed on another host for each of its own', hosts: 3, order: 'across', plays: [{ hosts: ['h1', 'h2'], on: 'h3', serial: 1, steps: ['a', 'b'] }], gives: ['h1 a changed on h3, h1 b changed on h3, h2 a ok on h3, h2 b ok on h3', 'done'] },
  { name: 'a play that is executed on a host that is down', hosts: 3, plays: [{ hosts: ['h1', 'h2'], on: 'h3', steps: ['a'] }], trouble: { h3: 'down' }, gives: ['h1: delegate-unreachable', 'h2: delegate-unreachable', 'failed'], ansible: { differs: 'A delegate that is down', gives: ['h1: unreachable', 'h2: unreachable', 'unreachable'] } },
  { name: 'a host that is down itself, and of which all is executed elsewhere', hosts: 2, plays: [{ hosts: ['h1'], on: 'h2', steps: ['a'] }], trouble: { h1: 'down' }, gives: ['h1: a changed on h2', 'done'] },
  {
    name: 'a task for a host that is down, executed elsewhere', hosts: 2, plays: [{ hosts: ['h1'], steps: [on('h2', 'a'), 'b'] }], trouble: { h1: 'down' },
    gives: ['h1: unreachable', 'unreachable'],
    ansible: { differs: 'A host is looked at first', gives: ['h1: a changed on h2, unreachable', 'unreachable'] },
  },
  {
    name: 'two hosts whose tasks are executed on one take turns there', hosts: 3, order: 'across', plays: two(on('h3', 'a'), on('h3', 'b')), trouble: { 'h3 a': 'slow' },
    gives: ['h1 a changed on h3, h2 a ok on h3, h1 b changed on h3, h2 b ok on h3', 'done'],
    ansible: { differs: 'Two at work on one host', gives: ['h1 a changed on h3, h2 a changed on h3, h1 b changed on h3, h2 b changed on h3', 'done'] },
  },
  { name: 'in check mode nothing is done over there either', hosts: 2, plays: [{ hosts: ['h1'], steps: [on('h2', 'a'), 'b'] }], mode: 'check', gives: ['h1: a would change on h2, b would change', 'done'] },
  { name: 'a task on the host itself', plays: of(on('h1', 'a')), gives: ['h1: a changed', 'done'] },
  { name: 'run once is a play of one host', hosts: 3, plays: [{ name: 'p', hosts: ['h1'], steps: ['a'] }, { name: 'q', steps: ['b'] }], gives: ['h1: a changed, b changed', 'h2: b changed', 'h3: b changed', 'done'] },
]
