import type { Row } from './row.ts'

const x = ['x']
const xy = ['x', 'y']
const one = (steps: Row['plays'][number]['steps'], handlers: Row['plays'][number]['handlers'] = x): Row['plays'] => [{ steps, handlers }]

/** playbooks_handlers.rst */
export const handlers: readonly Row[] = [
  { name: 'a handler runs after the tasks, not behind the one that notified it', plays: one(['a → x', 'b']), gives: ['h1: a changed, b changed, handler x changed', 'done'] },
  { name: 'a handler that is notified twice runs once', plays: one(['a → x', 'b → x']), gives: ['h1: a changed, b changed, handler x changed', 'done'] },
  { name: 'a task that changed nothing notifies nobody', plays: one(['a → x', 'b']), done: ['h1 a'], gives: ['h1: a ok, b changed', 'done'] },
  { name: 'a task that was skipped notifies nobody', plays: one([{ do: 'a', when: false, notify: x }, 'b']), gives: ['h1: a skipped, b changed', 'done'] },
  { name: 'a command without a guard notifies each time', plays: one([{ do: 'a', runs: true, notify: x }]), again: {}, gives: ['h1: a changed, handler x changed', 'done', 'h1: a changed, handler x changed', 'done'] },
  { name: 'handlers run in the order in which they are defined, not notified', plays: one(['a → y', 'b → x'], xy), gives: ['h1: a changed, b changed, handler x changed, handler y changed', 'done'] },
  { name: 'handlers of one task run in the order in which they are defined, not listed', plays: one(['a → y x'], xy), gives: ['h1: a changed, handler x changed, handler y changed', 'done'] },
  { name: 'handlers run only on the hosts that changed', hosts: 2, plays: one(['a → x']), done: ['h2 a'], gives: ['h1: a changed, handler x changed', 'h2: a ok', 'done'] },
  { name: 'each play runs its own handlers at its end', plays: [{ name: 'p', steps: ['a → x'], handlers: x }, { name: 'q', steps: ['b → y'], handlers: ['y'] }], gives: ['h1: a changed, handler x changed, b changed, handler y changed', 'done'] },

  { name: 'a flush runs what is due, there', plays: one(['a → x', 'flush', 'b']), gives: ['h1: a changed, handler x changed, b changed', 'done'] },
  { name: 'a flush with nothing due is nothing', plays: one(['a → x', 'flush', 'b']), done: ['h1 a'], gives: ['h1: a ok, b changed', 'done'] },
  { name: 'a handler that was flushed does not run again at the end', plays: one(['a → x', 'flush', 'b → y'], xy), gives: ['h1: a changed, handler x changed, b changed, handler y changed', 'done'] },
  { name: 'a handler that is notified again after a flush runs again', plays: one(['a → x', 'flush', 'b → x']), gives: ['h1: a changed, handler x changed, b changed, handler x changed', 'done'] },
  { name: 'two flushes in a row run a handler once', plays: one(['a → x', 'flush', 'flush', 'b']), gives: ['h1: a changed, handler x changed, b changed', 'done'] },

  { name: 'a handler notifies another', plays: one(['a → x'], ['x → y', 'y']), gives: ['h1: a changed, handler x changed, handler y changed', 'done'] },
  { name: 'a handler notifies one that is due already: it runs once', plays: one(['a → x y'], ['x → y', 'y']), gives: ['h1: a changed, handler x changed, handler y changed', 'done'] },
  { name: 'a handler notifies one that is defined before it', plays: one(['a → y'], ['x', 'y → x']), gives: ['h1: a changed, handler y changed, handler x changed', 'done'] },
  { name: 'a handler notifies another at a flush', plays: one(['a → x', 'flush', 'b'], ['x → y', 'y']), gives: ['h1: a changed, handler x changed, handler y changed, b changed', 'done'] },

  { name: 'a handler that fails fails its host, and the ones after it do not run', plays: one(['a → x y'], xy), trouble: { x: 'fails' }, gives: ['h1: a changed, handler x failed', 'failed'] },
  { name: 'a handler that fails at a flush ends the host there', plays: one(['a → x', 'flush', 'b']), trouble: { x: 'fails' }, gives: ['h1: a changed, handler x failed', 'failed'] },
  { name: 'a handler that fails and may: the others run', plays: one(['a → x y'], [{ do: 'x', ignore: true }, 'y']), trouble: { x: 'fails' }, gives: ['h1: a changed, handler x failed, ignored, handler y changed', 'done'] },
  { name: 'a handler that fails on one host runs on the others', hosts: 2, plays: one(['a → x']), trouble: { 'h1 x': 'fails' }, gives: ['h1: a changed, handler x failed', 'h2: a changed, handler x changed', 'failed'] },
  { name: 'a handler may be retried', plays: one(['a → x'], [{ do: 'x', retries: 2 }]), trouble: { x: 'fails once' }, gives: ['h1: a changed, handler x changed', 'done'] },
  { name: 'a handler whose condition does not hold is skipped', plays: one(['a → x y'], [{ do: 'x', when: false }, 'y']), gives: ['h1: a changed, handler x skipped, handler y changed', 'done'] },

  { name: 'a failure keeps handlers from running on its host only', hosts: 2, plays: one(['a → x', 'b']), trouble: { 'h1 b': 'fails' }, gives: ['h1: a changed, b failed', 'h2: a changed, b changed, handler x changed', 'failed'] },
  {
    name: 'a handler that a failure left due runs the next time', plays: one(['a → x', 'b']), trouble: { b: 'fails' }, again: {},
    gives: ['h1: a changed, b failed', 'failed', 'h1: a ok, b changed, handler x changed', 'done'],
    ansible: { differs: 'Handlers after a failure', gives: ['h1: a changed, b failed', 'failed', 'h1: a ok, b changed', 'done'] },
  },
  {
    name: 'a handler that a lost connection left due runs the next time', plays: one(['a → x', 'b']), trouble: { b: 'breaks' }, again: {},
    gives: ['h1: a changed, unreachable', 'unreachable', 'h1: a ok, b changed, handler x changed', 'done'],
    ansible: { differs: 'Handlers after a failure', gives: ['h1: a changed, unreachable', 'unreachable', 'h1: a ok, b changed', 'done'] },
  },
  {
    name: 'a handler that failed runs the next time', plays: one(['a → x']), trouble: { x: 'fails' }, again: {},
    gives: ['h1: a changed, handler x failed', 'failed', 'h1: a ok, handler x changed', 'done'],
    ansible: { differs: 'Handlers after a failure', gives: ['h1: a changed, handler x failed', 'failed', 'h1: a ok', 'done'] },
  },
  {
    name: 'handlers behind one that failed run the next time', plays: one(['a → x y'], xy), trouble: { x: 'fails' }, again: {},
    gives: ['h1: a changed, handler x failed', 'failed', 'h1: a ok, handler x changed, handler y changed', 'done'],
    ansible: { differs: 'Handlers after a failure', gives: ['h1: a changed, handler x failed', 'failed', 'h1: a ok', 'done'] },
  },
  {
    name: 'a task that failed leaves its handlers due, for it may have changed half of it', plays: one([{ do: 'a', ignore: true, notify: x }, 'b']), trouble: { a: 'fails' },
    gives: ['h1: a failed, ignored, b changed, handler x changed', 'done'],
    ansible: { differs: 'Handlers of a failed task', gives: ['h1: a failed, ignored, b changed', 'done'] },
  },
  {
    name: 'force_handlers: they run in spite of a failure', plays: [{ steps: ['a → x', 'b'], handlers: x, ansible: { force_handlers: true } }], trouble: { b: 'fails' },
    gives: ['h1: a changed, b failed', 'failed'],
    ansible: { differs: 'Handlers after a failure', gives: ['h1: a changed, b failed, handler x changed', 'failed'] },
  },
  { name: 'a flush in an always runs handlers in spite of a failure', plays: one([{ block: ['a → x', 'b'], always: ['flush'] }, 'c']), trouble: { b: 'fails' }, gives: ['h1: a changed, b failed, handler x changed', 'failed'] },

  { name: 'handlers notified in a block, its rescue and its always run at the end', plays: one([{ block: ['a → x', 'b'], rescue: ['c → y'], always: ['d → z'] }, 'e'], ['x', 'y', 'z']), trouble: { b: 'fails' }, gives: ['h1: a changed, b failed, c changed, d changed, e changed, handler x changed, handler y changed, handler z changed', 'done'] },
  { name: 'a flush in a rescue runs what the block notified', plays: one([{ block: ['a → x', 'b'], rescue: ['flush', 'c'] }]), trouble: { b: 'fails' }, gives: ['h1: a changed, b failed, handler x changed, c changed', 'done'] },
  { name: 'a flush in a block', plays: one([{ block: ['a → x', 'flush', 'b'] }]), gives: ['h1: a changed, handler x changed, b changed', 'done'] },
  { name: 'handlers behind one that failed at a flush in a block run at the end', plays: one([{ block: ['a → x y', 'flush', 'b'], rescue: ['c'] }, 'd'], xy), trouble: { x: 'fails' }, gives: ['h1: a changed, handler x failed, c changed, d changed, handler y changed', 'done'] },
  { name: 'a handler notifies one that ran before it', plays: one(['a → x y'], ['x', 'y → x']), gives: ['h1: a changed, handler x changed, handler y changed, handler x changed', 'done'] },
  { name: 'a handler notifies one between it and the next', plays: one(['a → x z'], ['x → y', 'y', 'z']), gives: ['h1: a changed, handler x changed, handler y changed, handler z changed', 'done'] },
  { name: 'a handler that fails at a flush in a block', plays: one([{ block: ['a → x', 'flush', 'b'], rescue: ['c'], always: ['d'] }]), trouble: { x: 'fails' }, gives: ['h1: a changed, handler x failed, c changed, d changed', 'done'] },

  { name: 'a handler runs whatever its own tags, when its task is selected', plays: one([{ do: 'a', notify: x, tags: ['t'] }, 'b'], [{ do: 'x', tags: ['u'] }]), tags: ['t'], gives: ['h1: a changed, handler x changed', 'done'] },
  { name: 'a task that tags leave out notifies nobody', plays: one([{ do: 'a', notify: x, tags: ['t'] }, 'b']), skipTags: ['t'], gives: ['h1: b changed', 'done'] },
  { name: 'a handler runs also when a tag of it is to be skipped', plays: one(['a → x y'], [{ do: 'x', tags: ['u'] }, 'y']), skipTags: ['u'], gives: ['h1: a changed, handler x changed, handler y changed', 'done'] },

  {
    name: 'handlers of a host begin when its tasks are done, whatever the others do', order: 'across', hosts: 2, plays: one(['a → x', 'b']), trouble: { 'h1 b': 'slow' },
    gives: ['h1 a changed, h2 a changed, h2 b changed, h2 handler x changed, h1 b changed, h1 handler x changed', 'done'],
    ansible: { differs: 'Hosts do not wait for each other', gives: ['h1 a changed, h2 a changed, h2 b changed, h1 b changed, h1 handler x changed, h2 handler x changed', 'done'] },
  },
  {
    name: 'a flush of a host waits for no other', order: 'across', hosts: 2, plays: one(['a → x', 'flush', 'b']), trouble: { 'h1 a': 'slow' },
    gives: ['h2 a changed, h2 handler x changed, h2 b changed, h1 a changed, h1 handler x changed, h1 b changed', 'done'],
    ansible: { differs: 'Hosts do not wait for each other', gives: ['h2 a changed, h1 a changed, h1 handler x changed, h2 handler x changed, h1 b changed, h2 b changed', 'done'] },
  },

  { name: 'a topic runs the handlers that listen to it', plays: one(['a → t'], [{ do: 'x', listen: ['t'] }, { do: 'y', listen: ['t'] }]), gives: ['h1: a changed, handler x changed, handler y changed', 'done'] },
  { name: 'a handler may listen to several topics: it runs once', plays: one(['a → t', 'b → u'], [{ do: 'x', listen: ['t', 'u'] }]), gives: ['h1: a changed, b changed, handler x changed', 'done'] },
  { name: 'a handler that is notified by name and by topic runs once', plays: one(['a → t x'], [{ do: 'x', listen: ['t'] }]), gives: ['h1: a changed, handler x changed', 'done'] },
  { name: 'listeners run in the order in which they are defined', plays: one(['a → u t'], [{ do: 'x', listen: ['t'] }, { do: 'y', listen: ['u'] }]), gives: ['h1: a changed, handler x changed, handler y changed', 'done'] },
  { name: 'a handler notifies a topic', plays: one(['a → x'], [{ do: 'x', notify: ['t'] }, { do: 'y', listen: ['t'] }]), gives: ['h1: a changed, handler x changed, handler y changed', 'done'] },
  { name: 'a topic at a flush', plays: one(['a → t', 'flush', 'b → t'], [{ do: 'x', listen: ['t'] }]), gives: ['h1: a changed, handler x changed, b changed, handler x changed', 'done'] },
  { name: 'a topic that a failed rescue leaves due', plays: one([{ block: ['a → t', 'b'], rescue: ['r'] }, 'c'], [{ do: 'x', listen: ['t'] }]), trouble: { b: 'fails' }, gives: ['h1: a changed, b failed, r changed, c changed, handler x changed', 'done'] },
  { name: 'a handler of an included role runs at the end of all', plays: [{ steps: ['a', { include: 'inner', steps: ['b → x'], handlers: ['x'] }, 'c'] }], gives: ['h1: a changed, b changed, c changed, handler x changed', 'done'] },
  { name: 'a topic reaches handlers of another role', plays: [{ steps: [{ include: 'inner', steps: ['b → t'] }, 'c'], handlers: [{ do: 'x', listen: ['t'] }] }], gives: ['h1: b changed, c changed, handler x changed', 'done'] },
]
