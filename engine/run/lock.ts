import { sh } from '../model/command.ts'
import type { Failure } from '../model/failure.ts'
import type { Section, SectionResult } from '../model/session.ts'
import type { RunContext } from './context.ts'
import type { FrameFor } from './hosts.ts'
import { placeKey, type Place } from './place.ts'
import { HELD, LOCK_SHELL } from './lock-shell.ts'

/** Who runs, as the next controller will be told. */
export interface LockOwner {
  /** Nobody else's: two runs of one user on one machine are two owners. */
  readonly run: string
  /** `ada@laptop, process 4242, since 2026-03-01 09:30:12 UTC`. */
  readonly who: string
}

/** Seconds to wait for an owner that is about to end: the shell of a run that was over a moment ago. */
const PATIENCE = 3

/**
 * The locks of a run: one for each state folder it works with, that is for each host and user. A lock rides in the first frame that a node sends
 * there, before anything is looked at, because what was seen before another controller's change is worth nothing. It ends with the shell.
 */
export class Locks {
  readonly #context: RunContext
  readonly #held = new Set<string>()
  readonly #refused = new Map<string, Failure>()

  constructor(context: RunContext) {
    this.#context = context
  }

  /** The section that has to go before a frame; `undefined` when there is nothing to lock. Outputs-only nodes lock only what they change. */
  section(at: FrameFor, place: Place, changes: boolean): Section | undefined {
    const { graph, mode, owner, locks, forceUnlock } = this.#context
    if (mode === 'check' || !locks(place.host) || this.#held.has(placeKey(place))) return undefined
    if (!changes && graph.nodes.get(at.node)?.mode !== 'full') return undefined
    const force = forceUnlock.has(place.host) ? 'yes' : 'no'
    return { script: sh`tsp_lock ${owner.run} ${owner.who} ${PATIENCE} ${force}`.text, helpers: LOCK_SHELL, onFailure: 'stop' }
  }

  /** Why nothing may be done on a host: told once by the host, then known. */
  refusal(host: string): Failure | undefined {
    return this.#refused.get(host)
  }

  /**
   * Takes note of what became of a lock.
   *
   * @param own whether the node's own user took it; another one (`nobody`) may have no folder to keep a lock in
   */
  settle(place: Place, result: SectionResult | undefined, own: boolean): Failure | 'taken' | 'homeless' {
    const said = result?.stdout.trim() ?? ''
    if (result?.status === 0) {
      this.#held.add(placeKey(place))
      if (said !== '') this.#context.emit({ type: 'warning', host: place.host, message: `the lock was taken by force from ${said}` })
      return 'taken'
    }
    if (!own && result?.status !== HELD) {
      this.#held.add(placeKey(place))
      return 'homeless'
    }
    const failure: Failure = result?.status === HELD
      ? { reason: 'locked', message: `another run is at work on ${place.host}: ${said}`, remedy: `let that run end; if it must be given up: --force-unlock ${place.host}` }
      : { reason: 'locked', message: `the lock of ${place.host} could not be taken: ${result?.stderr.trim() ?? ''}`, remedy: 'see that the folder it names can be written to; --check takes no lock' }
    this.#refused.set(place.host, failure)
    return failure
  }

  /** The connection to a host is another one: its locks ended with the shells that held them. */
  gone(host: string): void {
    for (const key of this.#held) if (key.endsWith(`@${host}`)) this.#held.delete(key)
  }

  /** After a frame that was ended from outside, the shell on the host may be another process: the lock has to be told. */
  doubt(place: Place): void {
    this.#held.delete(placeKey(place))
  }
}
