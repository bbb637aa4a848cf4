import type { Row } from './row.ts'
import type { Step } from './scenario.ts'

const of = (...steps: readonly Step[]): Pick<Row, 'plays' | 'mode'> => ({ plays: [{ steps }], mode: 'check' })

/** playbooks_checkmode.rst */
export const check: readonly Row[] = [
  { name: 'check: what differs is told, and what is as wanted', ...of('a', 'b'), done: ['h1 a'], gives: ['h1: a ok, b would change', 'done'] },
  { name: 'check: nothing is done, so the next check tells the same', ...of('a'), again: {}, gives: ['h1: a would change', 'done', 'h1: a would change', 'done'] },
  { name: 'check: what would fail only when it is done is not known to fail', ...of('a', 'b'), trouble: { a: 'fails' }, gives: ['h1: a would change, b would change', 'done'] },
  { name: 'check: a host that is down', hosts: 2, ...of('a'), trouble: { h1: 'down' }, gives: ['h1: unreachable', 'h2: a would change', 'unreachable'] },
  { name: 'check: a condition that does not hold', ...of({ do: 'a', when: false }, 'b'), gives: ['h1: a skipped, b would change', 'done'] },
  { name: 'check: an assertion is judged', ...of({ assert: 'room' }, 'a'), trouble: { room: 'fails' }, gives: ['h1: room failed', 'failed'] },
  { name: 'check: an assertion that does not hold is rescued', ...of({ block: [{ assert: 'room' }, 'a'], rescue: ['r'], always: ['z'] }, 'e'), trouble: { room: 'fails' }, gives: ['h1: room failed, r would change, z would change, e would change', 'done'] },
  { name: 'check: a rescue is not told where nothing is known to fail', ...of({ block: ['a'], rescue: ['r'], always: ['z'] }), gives: ['h1: a would change, z would change', 'done'] },
  { name: 'check: hosts in turns', hosts: 2, order: 'across', plays: [{ serial: 1, steps: ['a', 'b'] }], mode: 'check', gives: ['h1 a would change, h1 b would change, h2 a would change, h2 b would change', 'done'] },
  { name: 'check: tags', ...of({ do: 'a', tags: ['t'] }, 'b'), tags: ['t'], gives: ['h1: a would change', 'done'] },
  {
    name: 'check: a command without a guard', ...of({ do: 'a', runs: true }, 'b'), gives: ['h1: a unknown, b would change', 'done'],
    ansible: { differs: 'Commands in check mode', gives: ['h1: a skipped, b would change', 'done'] },
  },
  {
    name: 'check: a handler that a command would notify', plays: [{ steps: [{ do: 'a', runs: true, notify: ['x'] }], handlers: ['x'] }], mode: 'check', gives: ['h1: a unknown, handler x due', 'done'],
    ansible: { differs: 'Commands in check mode', gives: ['h1: a skipped', 'done'] },
  },
  {
    name: 'check: a handler that a change would notify', plays: [{ steps: ['a → x', 'b'], handlers: ['x'] }], mode: 'check', gives: ['h1: a would change, handler x due, b would change', 'done'],
    ansible: { differs: 'Handlers in check mode', gives: ['h1: a would change, b would change, handler x skipped', 'done'] },
  },
  { name: 'check: a handler of a task that is as wanted', plays: [{ steps: ['a → x', 'b'], handlers: ['x'] }], mode: 'check', done: ['h1 a'], gives: ['h1: a ok, b would change', 'done'] },
  {
    name: 'check: a handler that two changes would notify', plays: [{ steps: ['a → x', 'b → x'], handlers: ['x'] }], mode: 'check', gives: ['h1: a would change, handler x due, b would change', 'done'],
    ansible: { differs: 'Handlers in check mode', gives: ['h1: a would change, b would change, handler x skipped', 'done'] },
  },
]
