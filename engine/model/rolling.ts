import type { HostPattern } from './group.ts'
import { callSite, type Origin } from './origin.ts'
import type { Play } from './play.ts'

/** How many hosts at a time: a number, or a share of them (rounded down, at least one). */
export type Batch = number | `${number}%`

/** Plays that each host goes through together, few hosts at a time: drain, upgrade, uncordon. */
export interface Rolling {
  readonly type: 'rolling'
  readonly hosts: HostPattern
  readonly batch: Batch
  readonly maxFailures: number
  readonly pause: number
  readonly plays: readonly Play[]
  readonly origin: Origin
}

/**
 * Takes hosts through several plays together: a host whose turn it is goes through all of them before its place is given to the next.
 *
 * @param how.batch hosts that may be in it at a time
 * @param how.maxFailures hosts that may fail before no further host gets a turn (default 0)
 * @param how.pause milliseconds between the end of one host's turn and the beginning of the next (default 0)
 */
export function rolling(how: { hosts: HostPattern; batch: Batch; maxFailures?: number; pause?: number }, plays: readonly Play[]): Rolling {
  const { hosts, batch, maxFailures = 0, pause = 0 } = how
  return { type: 'rolling', hosts, batch, maxFailures, pause, plays, origin: callSite() }
}
