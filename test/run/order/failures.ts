import type { Row } from './row.ts'
import type { PlayOf, Step } from './scenario.ts'

const of = (...steps: readonly Step[]): Row['plays'] => [{ steps }]
/** A play with a policy, and one after it. */
const then = (how: Partial<PlayOf>, steps: PlayOf['steps'] = ['a', 'b']): Row['plays'] => [{ name: 'p', ...how, steps }, { name: 'q', steps: ['c'] }]

/** playbooks_error_handling.rst */
export const failures: readonly Row[] = [
  { name: 'a failure ends its host, the others go on', hosts: 2, plays: of('a', 'b'), trouble: { 'h1 a': 'fails' }, gives: ['h1: a failed', 'h2: a changed, b changed', 'failed'] },
  { name: 'a host that failed has no part in later plays', hosts: 2, plays: then({}), trouble: { 'h1 a': 'fails' }, gives: ['h1: a failed', 'h2: a changed, b changed, c changed', 'failed'] },
  { name: 'a host that is down has no part in later plays', hosts: 2, plays: then({}), trouble: { h1: 'down' }, gives: ['h1: unreachable', 'h2: a changed, b changed, c changed', 'unreachable'] },
  { name: 'a host that is lost between two tasks', hosts: 2, plays: then({}), trouble: { 'h1 b': 'breaks' }, gives: ['h1: a changed, unreachable', 'h2: a changed, b changed, c changed', 'unreachable'] },
  { name: 'a failure of all hosts ends the run', hosts: 2, plays: then({}), trouble: { a: 'fails' }, gives: ['h1: a failed', 'h2: a failed', 'failed'] },
  {
    name: 'a failure of all hosts of a play leaves other hosts alone', hosts: 2, plays: [{ name: 'p', hosts: ['h1'], steps: ['a'] }, { name: 'q', hosts: ['h2'], steps: ['c'] }], trouble: { a: 'fails' },
    gives: ['h1: a failed', 'h2: c changed', 'failed'],
    ansible: { differs: 'A play that failed on all its hosts', gives: ['h1: a failed', 'failed'] },
  },
  { name: 'failed weighs more than unreachable', hosts: 2, plays: of('a'), trouble: { h1: 'down', 'h2 a': 'fails' }, gives: ['h1: unreachable', 'h2: a failed', 'failed'], ansible: { differs: 'Exit codes', gives: ['h1: unreachable', 'h2: a failed', 'unreachable'] } },
  { name: 'a failure that is ignored: the host goes on', plays: of({ do: 'a', ignore: true }, 'b'), trouble: { a: 'fails' }, gives: ['h1: a failed, ignored, b changed', 'done'] },
  { name: 'a lost connection is not ignored', plays: of({ do: 'a', ignore: true }, 'b'), trouble: { a: 'breaks' }, gives: ['h1: unreachable', 'unreachable'] },
  { name: 'a deadline that is ignored: the host goes on', plays: of({ do: 'a', ignore: true }, 'b'), trouble: { a: 'hangs' }, gives: ['h1: a failed, ignored, b changed', 'done'] },
  { name: 'a task that takes too long has failed', hosts: 2, plays: of('a', 'b'), trouble: { 'h1 a': 'hangs' }, gives: ['h1: a failed', 'h2: a changed, b changed', 'failed'] },
  { name: 'a task is tried again as often as it says', plays: of({ do: 'a', retries: 1 }, 'b'), trouble: { a: 'fails once' }, gives: ['h1: a changed, b changed', 'done'] },
  { name: 'a task that fails each time has failed once', plays: of({ do: 'a', retries: 3 }, 'b'), trouble: { a: 'fails' }, gives: ['h1: a failed', 'failed'] },
  { name: 'a task that is not to be tried again is not', plays: of('a', 'b'), trouble: { a: 'fails once' }, gives: ['h1: a failed', 'failed'] },
  { name: 'the last try of a failure that is ignored', plays: of({ do: 'a', retries: 2, ignore: true }, 'b'), trouble: { a: 'fails' }, gives: ['h1: a failed, ignored, b changed', 'done'] },
  {
    name: 'an assertion is judged before anything is changed', plays: of('a', { assert: 'room' }, 'b'), trouble: { room: 'fails' }, gives: ['h1: room failed', 'failed'],
    ansible: { differs: 'Assertions', gives: ['h1: a changed, room failed', 'failed'] },
  },
  {
    name: 'a host that is gone early in a play of two runs is as it was: the next run goes on', plays: of('a', 'b'), trouble: { b: 'breaks' }, again: {}, gives: ['h1: a changed, unreachable', 'unreachable', 'h1: a ok, b changed', 'done'],
  },

  { name: 'anyErrorsFatal stops the play on all hosts', hosts: 2, plays: [{ anyErrorsFatal: true, steps: ['a', 'b'] }], trouble: { 'h1 a': 'fails', 'h2 a': 'slow' }, gives: ['h1: a failed', 'h2: a changed', 'failed'] },
  { name: 'anyErrorsFatal stops what the hosts would do after the play', hosts: 2, plays: then({ anyErrorsFatal: true }), trouble: { 'h1 a': 'fails', 'h2 a': 'slow' }, gives: ['h1: a failed', 'h2: a changed', 'failed'] },
  {
    name: 'anyErrorsFatal does not reach hosts that are not in the play', hosts: 2, plays: [{ name: 'p', hosts: ['h1'], anyErrorsFatal: true, steps: ['a'] }, { name: 'q', hosts: ['h2'], steps: ['c'] }], trouble: { a: 'fails' },
    gives: ['h1: a failed', 'h2: c changed', 'failed'],
    ansible: { differs: 'A play that failed on all its hosts', gives: ['h1: a failed', 'failed'] },
  },
  { name: 'anyErrorsFatal with a host that is lost', hosts: 2, plays: [{ anyErrorsFatal: true, steps: ['a', 'b'] }], trouble: { 'h1 a': 'breaks', 'h2 a': 'slow' }, gives: ['h1: unreachable', 'h2: a changed', 'unreachable'] },
  { name: 'anyErrorsFatal and a failure that is ignored', hosts: 2, plays: [{ anyErrorsFatal: true, steps: [{ do: 'a', ignore: true }, 'b'] }], trouble: { 'h1 a': 'fails' }, gives: ['h1: a failed, ignored, b changed', 'h2: a changed, b changed', 'done'] },
  {
    name: 'handlers of a host that anyErrorsFatal stops stay due', hosts: 2, plays: [{ anyErrorsFatal: true, steps: ['a → x', 'b', 'c'], handlers: ['x'] }], trouble: { 'h1 b': 'fails', 'h2 b': 'slow' }, again: {},
    gives: ['h1: a changed, b failed', 'h2: a changed, b changed', 'failed', 'h1: a ok, b changed, c changed, handler x changed', 'h2: a ok, b ok, c changed, handler x changed', 'done'],
    ansible: { differs: 'Handlers after a failure', gives: ['h1: a changed, b failed', 'h2: a changed, b changed', 'failed', 'h1: a ok, b changed, c changed', 'h2: a ok, b ok, c changed', 'done'] },
  },
  { name: 'maxFailPercentage: a share that is reached', hosts: 2, plays: [{ maxFailPercentage: 50, steps: ['a', 'b'] }], trouble: { 'h1 a': 'fails', 'h2 a': 'slow' }, gives: ['h1: a failed', 'h2: a changed, b changed', 'failed'] },
  { name: 'maxFailPercentage: a share that is exceeded', hosts: 2, plays: [{ maxFailPercentage: 49, steps: ['a', 'b'] }], trouble: { 'h1 a': 'fails', 'h2 a': 'slow' }, gives: ['h1: a failed', 'h2: a changed', 'failed'] },
  { name: 'maxFailPercentage: failures in different tasks add up', hosts: 4, plays: [{ maxFailPercentage: 25, steps: ['a', 'b', 'c'] }], trouble: { 'h1 a': 'fails', 'h2 b': 'fails', 'h3 b': 'slow', 'h4 b': 'slow' }, gives: ['h1: a failed', 'h2: a changed, b failed', 'h3: a changed, b changed', 'h4: a changed, b changed', 'failed'] },
  { name: 'maxFailPercentage stops what the hosts would do after the play', hosts: 2, plays: then({ maxFailPercentage: 10 }, ['a']), trouble: { 'h1 a': 'fails', 'h2 a': 'slow' }, gives: ['h1: a failed', 'h2: a changed', 'failed'] },
  {
    name: 'maxFailPercentage counts hosts that are lost', hosts: 2, plays: [{ maxFailPercentage: 10, steps: ['a', 'b'] }], trouble: { 'h1 a': 'breaks', 'h2 a': 'slow' }, gives: ['h1: unreachable', 'h2: a changed', 'unreachable'],
    ansible: { differs: 'maxFailPercentage', gives: ['h1: unreachable', 'h2: a changed, b changed', 'unreachable'] },
  },
]
