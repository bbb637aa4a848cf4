import type { Row } from './row.ts'
import type { PlayOf } from './scenario.ts'

const HOSTS = { hosts: 4, order: 'across' } as const
/** A play in turns, and one after it. */
const inTurns = (how: Partial<PlayOf>, steps: PlayOf['steps'] = ['a', 'b']): Row['plays'] => [{ ...how, steps }]
const then = (how: Partial<PlayOf>, steps: PlayOf['steps'] = ['a', 'b']): Row['plays'] => [{ name: 'p', ...how, steps }, { name: 'q', steps: ['c'] }]

const DRAIN: readonly PlayOf[] = ['drain', 'upgrade', 'back'].map(name => ({ name, steps: [name] }))

/** playbooks_strategies.rst, playbooks_error_handling.rst */
export const turns: readonly Row[] = [
  { name: 'serial: 1 takes one host after the other, in inventory order', ...HOSTS, plays: inTurns({ serial: 1 }), gives: ['h1 a changed, h1 b changed, h2 a changed, h2 b changed, h3 a changed, h3 b changed, h4 a changed, h4 b changed', 'done'] },
  { name: 'serial: 2 takes two at a time', ...HOSTS, plays: inTurns({ serial: 2 }, ['a']), gives: ['h1 a changed, h2 a changed, h3 a changed, h4 a changed', 'done'] },
  { name: 'serial: a share of the hosts', ...HOSTS, plays: inTurns({ serial: '25%' }), gives: ['h1 a changed, h1 b changed, h2 a changed, h2 b changed, h3 a changed, h3 b changed, h4 a changed, h4 b changed', 'done'] },
  { name: 'serial: a share under one host is one host', ...HOSTS, hosts: 2, plays: inTurns({ serial: '1%' }), gives: ['h1 a changed, h1 b changed, h2 a changed, h2 b changed', 'done'] },
  { name: 'serial: more than there are is all of them', ...HOSTS, hosts: 2, plays: inTurns({ serial: 5 }, ['a']), gives: ['h1 a changed, h2 a changed', 'done'] },
  { name: 'handlers of a serial play run in the turn of their host', ...HOSTS, hosts: 2, plays: [{ serial: 1, steps: ['a → x', 'b'], handlers: ['x'] }], gives: ['h1 a changed, h1 b changed, h1 handler x changed, h2 a changed, h2 b changed, h2 handler x changed', 'done'] },
  { name: 'a host of a serial play that is as wanted keeps nobody up', ...HOSTS, hosts: 3, plays: inTurns({ serial: 1 }, ['a']), done: ['h1 a', 'h2 a'], gives: ['h1 a ok, h2 a ok, h3 a changed', 'done'] },
  {
    name: 'a place is free as soon as its host is done, not when the whole batch is', ...HOSTS, plays: inTurns({ serial: 2 }, ['a']), trouble: { 'h1 a': 'slow' },
    gives: ['h2 a changed, h3 a changed, h4 a changed, h1 a changed', 'done'],
    ansible: { differs: 'Batches', gives: ['h2 a changed, h1 a changed, h3 a changed, h4 a changed', 'done'] },
  },
  {
    name: 'without turns a slow host keeps no other from its next task', ...HOSTS, hosts: 2, plays: inTurns({}), trouble: { 'h1 a': 'slow' },
    gives: ['h2 a changed, h2 b changed, h1 a changed, h1 b changed', 'done'],
    ansible: { differs: 'Hosts do not wait for each other', gives: ['h2 a changed, h1 a changed, h1 b changed, h2 b changed', 'done'] },
  },
  {
    name: 'a slow host keeps no other from its next play', ...HOSTS, hosts: 2, plays: then({}, ['a']), trouble: { 'h1 a': 'slow' },
    gives: ['h2 a changed, h2 c changed, h1 a changed, h1 c changed', 'done'],
    ansible: { differs: 'Hosts do not wait for each other', gives: ['h2 a changed, h1 a changed, h1 c changed, h2 c changed', 'done'] },
  },

  {
    name: 'serial: 1, the first one fails: the others keep what they have', ...HOSTS, plays: then({ serial: 1 }), trouble: { 'h1 b': 'fails' }, gives: ['h1 a changed, h1 b failed', 'failed'],
  },
  { name: 'serial: 1, the second one fails: later ones do not get their turn', ...HOSTS, plays: inTurns({ serial: 1 }), trouble: { 'h2 b': 'fails' }, gives: ['h1 a changed, h1 b changed, h2 a changed, h2 b failed', 'failed'] },
  { name: 'serial: 1, a task that fails first of all', ...HOSTS, plays: inTurns({ serial: 1 }), trouble: { 'h2 a': 'fails' }, gives: ['h1 a changed, h1 b changed, h2 a failed', 'failed'] },
  {
    name: 'after a serial play that stopped, hosts that had their turn go on', ...HOSTS, hosts: 3, plays: then({ serial: 1 }), trouble: { 'h2 b': 'fails' },
    gives: ['h1 a changed, h1 b changed, h1 c changed, h2 a changed, h2 b failed', 'failed'],
    ansible: { differs: 'A failure in a serial play', gives: ['h1 a changed, h1 b changed, h2 a changed, h2 b failed', 'failed'] },
  },
  {
    name: 'serial: 2, one of the first two fails: later ones do not get their turn', ...HOSTS, plays: inTurns({ serial: 2 }), trouble: { 'h1 b': 'fails' },
    gives: ['h1 a changed, h2 a changed, h1 b failed, h2 b changed', 'failed'],
    ansible: { differs: 'A failure in a serial play', gives: ['h1 a changed, h2 a changed, h1 b failed, h2 b changed, h3 a changed, h4 a changed, h3 b changed, h4 b changed', 'failed'] },
  },
  { name: 'serial: 2, both of the first two fail', ...HOSTS, plays: inTurns({ serial: 2 }), trouble: { 'h1 a': 'fails', 'h2 a': 'fails' }, gives: ['h1 a failed, h2 a failed', 'failed'] },
  {
    name: 'serial: 1, a host that is down is passed over', ...HOSTS, hosts: 3, plays: inTurns({ serial: 1 }, ['a']), trouble: { h1: 'down' },
    gives: ['h1 unreachable, h2 a changed, h3 a changed', 'unreachable'],
    ansible: { differs: 'Unreachable in a serial play', gives: ['h1 unreachable', 'unreachable'] },
  },
  {
    name: 'serial: 2, a host that is down is passed over', ...HOSTS, plays: inTurns({ serial: 2 }, ['a']), trouble: { h1: 'down' },
    gives: ['h1 unreachable, h2 a changed, h3 a changed, h4 a changed', 'unreachable'],
  },
  {
    name: 'serial: 1, a host that is lost after its first change counts as a failure', ...HOSTS, hosts: 3, plays: inTurns({ serial: 1 }), trouble: { 'h1 b': 'breaks' },
    gives: ['h1 a changed, h1 unreachable', 'unreachable'],
  },
  {
    name: 'serial: 1, a host whose assertion does not hold is passed over: nothing was changed on it', hosts: 3, plays: inTurns({ serial: 1 }, [{ assert: 'fit' }, 'a']), trouble: { 'h2 fit': 'fails' },
    gives: ['h1: fit ok, a changed', 'h2: fit failed', 'h3: fit ok, a changed', 'failed'],
    ansible: { differs: 'A failure in a serial play', gives: ['h1: fit ok, a changed', 'h2: fit failed', 'failed'] },
  },
  { name: 'serial: 1, a failure that is ignored stops nothing', ...HOSTS, hosts: 2, plays: inTurns({ serial: 1 }, [{ do: 'a', ignore: true }, 'b']), trouble: { 'h1 a': 'fails' }, gives: ['h1 a failed, ignored, h1 b changed, h2 a changed, h2 b changed', 'done'] },
  {
    name: 'serial: 1, a handler that fails', ...HOSTS, hosts: 2, plays: [{ serial: 1, steps: ['a → x'], handlers: ['x'] }], trouble: { 'h1 x': 'fails' }, gives: ['h1 a changed, h1 handler x failed', 'failed'],
  },

  {
    name: 'serial: 1 with maxFailPercentage: a share that is reached', ...HOSTS, plays: inTurns({ serial: 1, maxFailPercentage: 25 }, ['a']), trouble: { 'h1 a': 'fails' },
    gives: ['h1 a failed, h2 a changed, h3 a changed, h4 a changed', 'failed'],
    ansible: { differs: 'maxFailPercentage', gives: ['h1 a failed', 'failed'] },
  },
  { name: 'serial: 1 with maxFailPercentage: a share that is exceeded', ...HOSTS, plays: inTurns({ serial: 1, maxFailPercentage: 24 }, ['a']), trouble: { 'h1 a': 'fails' }, gives: ['h1 a failed', 'failed'] },
  {
    name: 'serial: 1 with maxFailPercentage: exceeded by the second', ...HOSTS, plays: inTurns({ serial: 1, maxFailPercentage: 25 }, ['a']), trouble: { 'h1 a': 'fails', 'h2 a': 'fails' },
    gives: ['h1 a failed, h2 a failed', 'failed'],
    ansible: { differs: 'maxFailPercentage', gives: ['h1 a failed', 'failed'] },
  },
  {
    name: 'serial: 2 with maxFailPercentage: half of a batch, a quarter of the hosts', ...HOSTS, plays: inTurns({ serial: 2, maxFailPercentage: 30 }, ['a']), trouble: { 'h1 a': 'fails' },
    gives: ['h1 a failed, h2 a changed, h3 a changed, h4 a changed', 'failed'],
    ansible: { differs: 'maxFailPercentage', gives: ['h1 a failed, h2 a changed', 'failed'] },
  },
  {
    name: 'serial: 1 with anyErrorsFatal: a host that is down', ...HOSTS, hosts: 3, plays: inTurns({ serial: 1, anyErrorsFatal: true }, ['a']), trouble: { h1: 'down' },
    gives: ['h1 unreachable', 'unreachable'],
    ansible: { differs: 'anyErrorsFatal', gives: ['h1 unreachable, h2 a changed, h3 a changed', 'unreachable'] },
  },

  { name: 'a rolling takes each host through all its plays before the next', ...HOSTS, hosts: 2, rolling: { batch: 1 }, plays: DRAIN, gives: ['h1 drain changed, h1 upgrade changed, h1 back changed, h2 drain changed, h2 upgrade changed, h2 back changed', 'done'] },
  { name: 'a rolling of a share of the hosts', ...HOSTS, hosts: 3, rolling: { batch: '34%' }, plays: DRAIN.slice(0, 2), gives: ['h1 drain changed, h1 upgrade changed, h2 drain changed, h2 upgrade changed, h3 drain changed, h3 upgrade changed', 'done'] },
  { name: 'a rolling stops after a failure', ...HOSTS, hosts: 3, rolling: { batch: 1 }, plays: DRAIN, trouble: { 'h1 upgrade': 'fails' }, gives: ['h1 drain changed, h1 upgrade failed', 'failed'] },
  { name: 'a rolling stops after a host that was lost in the middle', ...HOSTS, hosts: 3, rolling: { batch: 1 }, plays: DRAIN, trouble: { 'h1 upgrade': 'breaks' }, gives: ['h1 drain changed, h1 unreachable', 'unreachable'] },
  {
    name: 'a rolling passes over a host that is down', ...HOSTS, hosts: 2, rolling: { batch: 1 }, plays: DRAIN, trouble: { h1: 'down' },
    gives: ['h1 unreachable, h2 drain changed, h2 upgrade changed, h2 back changed', 'unreachable'],
    ansible: { differs: 'Unreachable in a serial play', gives: ['h1 unreachable', 'unreachable'] },
  },
  {
    name: 'a rolling with as many failures as it may have', ...HOSTS, hosts: 3, rolling: { batch: 1, maxFailures: 1 }, plays: DRAIN, trouble: { 'h1 upgrade': 'fails', 'h2 drain': 'fails' },
    gives: ['h1 drain changed, h1 upgrade failed, h2 drain failed', 'failed'],
    ansible: { none: 'it counts failures by share, in each batch' },
  },
  {
    name: 'handlers of a rolling run at the end of their play, in the turn of their host', ...HOSTS, hosts: 2, rolling: { batch: 1 }, plays: [{ name: 'p', steps: ['a → x'], handlers: ['x'] }, { name: 'q', steps: ['b'] }],
    gives: ['h1 a changed, h1 handler x changed, h1 b changed, h2 a changed, h2 handler x changed, h2 b changed', 'done'],
    ansible: { none: 'several plays cannot be taken in turns' },
  },
]
