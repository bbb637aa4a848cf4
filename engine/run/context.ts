import type PQueue from 'p-queue'
import type { Event, Mode } from '../model/event.ts'
import type { ConnectFailure, Session, SourceFile } from '../model/session.ts'
import type { Change } from '../model/change.ts'
import type { Graph } from '../plan/graph.ts'
import type { JournalStore } from './journal.ts'
import type { LockOwner } from './lock.ts'

/** An event as the run makes it: the emitter adds the time and redacts. */
export type Emit = (event: DistributiveOmit<Event, 'at'>) => void
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** A change that somebody is asked about. */
export interface Step {
  readonly host: string
  readonly play: string
  readonly title: string
  readonly changes: readonly Change[]
}

/** A temporary file of the controller. */
export interface Spooled {
  readonly file: SourceFile
  readonly remove: () => Promise<void>
}

/** Everything a run needs from outside: capabilities are parameters, so a run can be driven by fakes and has no ambient state. */
export interface RunContext {
  readonly graph: Graph
  readonly mode: Mode
  /** In check mode: only name the tasks, do not look at them. */
  readonly listing: boolean
  /** Makes or fails a connection; called once per host. */
  readonly connect: (host: string) => Promise<Session | ConnectFailure>
  readonly hostAddress: (host: string) => string
  /** Whether the inventory has a host of this name, or it is the controller. */
  readonly knows: (host: string) => boolean
  readonly members: (groups: readonly string[]) => readonly { readonly name: string; readonly address: string; readonly vars: Readonly<Record<string, unknown>> }[]
  /** Size and hash of a controller file. @throws when it cannot be read. */
  readonly readSource: (path: string) => Promise<SourceFile>
  /** Writes what comes to a private temporary file of the controller, and gives its size and sum. */
  readonly spool: (chunks: AsyncIterable<Uint8Array>) => Promise<Spooled>
  readonly emit: Emit
  /** Told of every secret before it is used. */
  readonly redact: (secrets: readonly string[]) => void
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Waits; used for retries only. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Slots for connects and frames; never held while waiting for an input. */
  readonly slots: PQueue
  /** User to become on a host for plays that do not say; `undefined` is the login user. */
  readonly become: (host: string) => string | undefined
  /** Hosts on which `destroys` changes are allowed: `--allow-destroy`. */
  readonly allowDestroy: ReadonlySet<string>
  /** What the run that is resumed did, and where this one writes what it does. */
  readonly journal: JournalStore
  /** `--step`: asks before each change; `undefined`: nobody is asked. */
  readonly confirm: ((step: Step) => Promise<boolean>) | undefined
  /** Who holds the locks of the hosts while this runs. */
  readonly owner: LockOwner
  /** Whether a host is locked: not the controller itself, where runs for different hosts may meet. */
  readonly locks: (host: string) => boolean
  /** Hosts whose lock is taken whoever holds it: `--force-unlock`. */
  readonly forceUnlock: ReadonlySet<string>
  /** Aborted on the first Ctrl-C: start nothing new. */
  readonly finishing: AbortSignal
  /** Aborted on the second: stop waiting for running frames. */
  readonly killing: AbortSignal
  /** Shuffles siblings, so that a missing edge shows. */
  readonly seed: number
}
