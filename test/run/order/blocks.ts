import type { Row } from './row.ts'
import type { Step } from './scenario.ts'

const of = (...steps: readonly Step[]): Row['plays'] => [{ steps }]
const x = ['x']

/** playbooks_blocks.rst */
export const blocks: readonly Row[] = [
  { name: 'a block runs its tasks and always, not rescue, when all goes well', plays: of({ block: ['a'], rescue: ['r'], always: ['z'] }, 'e'), gives: ['h1: a changed, z changed, e changed', 'done'] },
  { name: 'a block runs rescue, always and what follows after a failure', plays: of({ block: ['a', 'b', 'c'], rescue: ['r'], always: ['z'] }, 'e'), trouble: { b: 'fails' }, gives: ['h1: a changed, b failed, r changed, z changed, e changed', 'done'] },
  { name: 'a block without rescue runs always, and the host has failed', plays: of({ block: ['b'], always: ['z'] }, 'e'), trouble: { b: 'fails' }, gives: ['h1: b failed, z changed', 'failed'] },
  { name: 'a block whose rescue fails runs always, and the host has failed', plays: of({ block: ['b'], rescue: ['r', 's', 't'], always: ['z'] }, 'e'), trouble: { b: 'fails', s: 'fails' }, gives: ['h1: b failed, r changed, s failed, z changed', 'failed'] },
  { name: 'a block whose always fails has failed', plays: of({ block: ['a'], always: ['z', 'y'] }, 'e'), trouble: { z: 'fails' }, gives: ['h1: a changed, z failed', 'failed'] },
  { name: 'an always that fails after a rescue: the host has failed', plays: of({ block: ['b'], rescue: ['r'], always: ['z'] }, 'e'), trouble: { b: 'fails', z: 'fails' }, gives: ['h1: b failed, r changed, z failed', 'failed'] },
  { name: 'a block with nothing in it but always', plays: of({ block: [{ do: 'a', when: false }], always: ['z'] }), gives: ['h1: a skipped, z changed', 'done'] },
  { name: 'a rescue of several tasks', plays: of({ block: ['b'], rescue: ['r', 's'] }, 'e'), trouble: { b: 'fails' }, gives: ['h1: b failed, r changed, s changed, e changed', 'done'] },
  { name: 'a block that stands behind a failed one does not run', plays: of({ block: ['b'], always: ['z'] }, { block: ['c'], rescue: ['r'], always: ['y'] }), trouble: { b: 'fails' }, gives: ['h1: b failed, z changed', 'failed'] },
  { name: 'two blocks are rescued one after the other', plays: of({ block: ['b'], rescue: ['r'] }, { block: ['c'], rescue: ['s'] }, 'e'), trouble: { b: 'fails', c: 'fails' }, gives: ['h1: b failed, r changed, c failed, s changed, e changed', 'done'] },

  { name: 'a block rescues what a block in it did not', plays: of({ block: [{ block: ['b'], always: ['z'] }, 'a'], rescue: ['r'] }, 'e'), trouble: { b: 'fails' }, gives: ['h1: b failed, z changed, r changed, e changed', 'done'] },
  { name: 'a block does not see what a block in it rescued', plays: of({ block: [{ block: ['b'], rescue: ['s'] }, 'a'], rescue: ['r'] }, 'e'), trouble: { b: 'fails' }, gives: ['h1: b failed, s changed, a changed, e changed', 'done'] },
  { name: 'a block rescues the rescue of a block in it', plays: of({ block: [{ block: ['b'], rescue: ['s'], always: ['y'] }], rescue: ['r'], always: ['z'] }), trouble: { b: 'fails', s: 'fails' }, gives: ['h1: b failed, s failed, y changed, r changed, z changed', 'done'] },
  { name: 'a block may stand in a rescue', plays: of({ block: ['b'], rescue: [{ block: ['c'], rescue: ['r'] }, 's'] }), trouble: { b: 'fails', c: 'fails' }, gives: ['h1: b failed, c failed, r changed, s changed', 'done'] },
  { name: 'a block may stand in an always', plays: of({ block: ['a'], always: [{ block: ['b'], rescue: ['r'] }, 'z'] }, 'e'), trouble: { b: 'fails' }, gives: ['h1: a changed, b failed, r changed, z changed, e changed', 'done'] },
  { name: 'nested always run from the inside out', plays: of({ block: [{ block: [{ block: ['b'], always: ['x'] }], always: ['y'] }], always: ['z'] }, 'e'), trouble: { b: 'fails' }, gives: ['h1: b failed, x changed, y changed, z changed', 'failed'] },

  { name: 'a block is not left for a failure that is ignored', plays: of({ block: [{ do: 'b', ignore: true }, 'a'], rescue: ['r'] }, 'e'), trouble: { b: 'fails' }, gives: ['h1: b failed, ignored, a changed, e changed', 'done'] },
  { name: 'a block is left only after the last try', plays: of({ block: [{ do: 'b', retries: 2 }, 'a'], rescue: ['r'] }), trouble: { b: 'fails once' }, gives: ['h1: b changed, a changed', 'done'] },
  { name: 'a block is left after the last try', plays: of({ block: [{ do: 'b', retries: 2 }, 'a'], rescue: ['r'] }), trouble: { b: 'fails' }, gives: ['h1: b failed, r changed', 'done'] },
  { name: 'a task that takes too long is rescued', plays: of({ block: ['b', 'a'], rescue: ['r'] }), trouble: { b: 'hangs' }, gives: ['h1: b failed, r changed', 'done'] },
  { name: 'a block leaves out what its conditions leave out', plays: of({ block: [{ do: 'a', when: false }, 'b'], rescue: [{ do: 'r', when: false }, 's'] }), trouble: { b: 'fails' }, gives: ['h1: a skipped, b failed, r skipped, s changed', 'done'] },
  { name: 'a failure in a rescue that is ignored: the rescue goes on', plays: of({ block: ['b'], rescue: [{ do: 'r', ignore: true }, 's'] }, 'e'), trouble: { b: 'fails', r: 'fails' }, gives: ['h1: b failed, r failed, ignored, s changed, e changed', 'done'] },

  { name: 'a host that is lost in a block is not rescued', plays: of({ block: ['a', 'b'], rescue: ['r'], always: ['z'] }, 'e'), trouble: { b: 'breaks' }, gives: ['h1: a changed, unreachable', 'unreachable'] },
  { name: 'a host that is down is not rescued', plays: of({ block: ['b'], rescue: ['r'], always: ['z'] }), trouble: { h1: 'down' }, gives: ['h1: unreachable', 'unreachable'] },
  {
    name: 'a host that is lost in a rescue', plays: of({ block: ['b'], rescue: ['r'], always: ['z'] }), trouble: { b: 'fails', r: 'breaks' }, gives: ['h1: b failed, unreachable', 'unreachable'],
  },
  { name: 'a rescue is for the host that failed', hosts: 2, plays: of({ block: ['b', 'c'], rescue: ['r'], always: ['z'] }, 'e'), trouble: { 'h1 b': 'fails' }, gives: ['h1: b failed, r changed, z changed, e changed', 'h2: b changed, c changed, z changed, e changed', 'done'] },
  { name: 'a rescued host goes on to the next play', plays: [{ name: 'p', steps: [{ block: ['b'], rescue: ['r'] }] }, { name: 'q', steps: ['c'] }], trouble: { b: 'fails' }, gives: ['h1: b failed, r changed, c changed', 'done'] },
  { name: 'a rescued failure is none to a serial play', hosts: 2, order: 'across', plays: [{ serial: 1, steps: [{ block: ['b'], rescue: ['r'] }, 'c'] }], trouble: { 'h1 b': 'fails' }, gives: ['h1 b failed, h1 r changed, h1 c changed, h2 b changed, h2 c changed', 'done'] },
  { name: 'a rescued failure is none to maxFailPercentage', hosts: 2, plays: [{ maxFailPercentage: 0, steps: [{ block: ['b'], rescue: ['r'] }, 'c'] }], trouble: { 'h1 b': 'fails' }, gives: ['h1: b failed, r changed, c changed', 'h2: b changed, c changed', 'done'] },
  { name: 'a rescued failure is none to anyErrorsFatal', hosts: 2, plays: [{ anyErrorsFatal: true, steps: [{ block: ['b'], rescue: ['r'] }, 'c'] }], trouble: { 'h1 b': 'fails' }, gives: ['h1: b failed, r changed, c changed', 'h2: b changed, c changed', 'done'], ansible: { differs: 'anyErrorsFatal', gives: ['h1: b failed, r changed, c changed', 'h2: b changed, r changed, c changed', 'done'] } },
  { name: 'always of a block runs on a host that anyErrorsFatal stops', hosts: 2, plays: [{ anyErrorsFatal: true, steps: [{ block: ['b', 'c'], always: ['z'] }, 'e'] }], trouble: { 'h1 b': 'fails', 'h2 b': 'slow' }, gives: ['h1: b failed, z changed', 'h2: b changed, z changed', 'failed'] },

  { name: 'a block gives its tags to every task in it', plays: of('a', { block: ['b', { block: ['c'] }], always: ['z'], tags: ['deep'] }), tags: ['deep'], gives: ['h1: b changed, c changed, z changed', 'done'] },
  { name: 'a block keeps the tags of its tasks', plays: of('a', { block: ['b', { do: 'c', tags: ['own'] }], tags: ['deep'] }), tags: ['own'], gives: ['h1: c changed', 'done'] },
  { name: 'a rescue has the tags of its block', plays: of({ block: ['b'], rescue: ['r'], tags: ['deep'] }, 'e'), tags: ['deep'], trouble: { b: 'fails' }, gives: ['h1: b failed, r changed', 'done'] },
  { name: 'a tag of a rescue alone does not enter the block', plays: of({ block: ['b'], rescue: [{ do: 'r', tags: ['own'] }] }, { do: 'e', tags: ['own'] }), tags: ['own'], trouble: { b: 'fails' }, gives: ['h1: e changed', 'done'] },
  { name: 'a block of which everything is skipped by tag', plays: of({ block: ['b'], rescue: ['r'], always: ['z'], tags: ['t'] }, 'e'), skipTags: ['t'], trouble: { b: 'fails' }, gives: ['h1: e changed', 'done'] },

  {
    name: 'an assertion in a block is judged before anything of it is changed', plays: of('a', { block: ['b', { assert: 'room' }], rescue: ['r'] }, 'e'), trouble: { room: 'fails' }, gives: ['h1: a changed, room failed, r changed, e changed', 'done'],
    ansible: { differs: 'Assertions', gives: ['h1: a changed, b changed, room failed, r changed, e changed', 'done'] },
  },
  {
    name: 'a task that failed in a block leaves its handlers due', plays: [{ steps: [{ block: [{ do: 'b', notify: x }], rescue: ['r'] }], handlers: x }], trouble: { b: 'fails' }, gives: ['h1: b failed, r changed, handler x changed', 'done'],
    ansible: { differs: 'Handlers of a failed task', gives: ['h1: b failed, r changed', 'done'] },
  },
]
