import type { Change } from './change.ts'
import type { Effect } from './effect.ts'
import type { Expectation } from './expectation.ts'
import type { Facts, FactValues } from './fact.ts'
import type { Block } from './block.ts'
import type { Handler, HandlerList, Topic } from './handler.ts'
import type { Include, Omitted } from './include.ts'
import { callSite, type Origin } from './origin.ts'
import type { Report } from './report.ts'
import type { Script } from './script.ts'
import type { Secret } from './secret.ts'
import type { SectionResult, SourceFile } from './session.ts'

/** What an author may say about a task beside its spec. */
export interface TaskOptions {
  /** Shown instead of `kind id`. */
  readonly name?: string
  /** Handlers, and topics that handlers listen to, which run at the end of the node if this task changed something. */
  readonly notify?: readonly (Handler | Topic)[]
  /** Tags of its own, beside those of its play. */
  readonly tags?: readonly string[]
  /** `false` leaves the task out, shown as skipped. */
  readonly when?: boolean
  /** Run as this user instead of the play's. */
  readonly become?: boolean | string
  /**
   * The host of the inventory, or `localhost`, that this task is executed on for the host of the node. It is made from this host's variables and facts,
   * and counts for this host; what it notifies runs over there too.
   */
  readonly on?: string
  /** Tries after a failure, `delay` milliseconds apart (default 0 and 1000). */
  readonly retries?: number
  readonly delay?: number
  /** How many times longer each further delay is; default 1. */
  readonly backoff?: number
  /** Milliseconds that bringing it about may take, then the host ends it; default is the kind's own (10 minutes). Costs a round trip. */
  readonly timeout?: number
  /** Environment of probe and apply; it travels in the frame, never in arguments, and secrets in it are redacted. */
  readonly environment?: Readonly<Record<string, string | Secret<string>>>
  /** Go on with the host when this task fails; the reason is shown. */
  readonly ignoreErrors?: string
  /** Shows that it changed, never what. */
  readonly noLog?: boolean
}

/** The outcome of looking: what differs, and how it would be mended. */
export interface Assessment {
  readonly changes: readonly Change[]
  /** Whether something that is brought about before may turn what was found. */
  readonly turnedBy: (effect: Effect) => boolean
  readonly apply: () => Script
  /** What the probe says once the changes are made, where that can be told beforehand. */
  readonly settled: () => Expectation | undefined
}

/** A resource in a role's list with its options; its kind's types are closed over. */
export interface Task {
  readonly type: 'task'
  readonly kind: string
  readonly id: string
  readonly spec: unknown
  readonly sources: readonly string[]
  readonly helpers: string | undefined
  readonly deadline: number | undefined
  readonly killable: boolean
  /** Whether a program judges the result before it takes effect. */
  readonly validates: boolean
  readonly probe: Script
  /** What making these changes does to what other tasks look at; of no changes: what it may do at most. */
  readonly effects: (changes: readonly Change[]) => readonly Effect[]
  assess(output: SectionResult, source: (path: string) => SourceFile): Assessment
  readonly options: TaskOptions
  /** Names of the included roles it came with, outermost first: tags, but not such that its author gave it. */
  readonly roles?: readonly string[]
  readonly origin: Origin
}

/** Runs the handlers that are due here instead of at the end of the node. */
export interface Flush {
  readonly type: 'flush'
}

/** A condition that has to hold for this host, judged before any later task: a refusal with its remedy. */
export interface Assertion {
  readonly type: 'assertion'
  readonly name: string
  readonly holds: boolean
  readonly message: string
  readonly remedy: string
  readonly origin: Origin
}

/** Facts gathered at this point, then more tasks. */
export interface Stage {
  readonly type: 'stage'
  readonly facts: Facts
  /** The host they are gathered on, where it is not the node's. */
  readonly on?: string | undefined
  readonly tasks: (context: { readonly facts: Readonly<Record<string, unknown>> }) => readonly Item[]
}

export type Item = Task | Flush | Assertion | Report | Stage | Block | Include | HandlerList | Omitted

export function task(fields: Omit<Task, 'type' | 'origin'>): Task {
  return { type: 'task', ...fields, origin: callSite() }
}

/** Brings the due handlers forward to this point of the list. */
export function flush(): Flush {
  return { type: 'flush' }
}

/**
 * Refuses to go on with a host, with the reason and the remedy. Judged in check mode too.
 *
 * @param check.that the condition that has to hold
 * @param check.message what was found, with the value
 * @param check.remedy what the user can do
 */
export function assert(check: { name: string; that: boolean; message: string; remedy: string }): Assertion {
  return { type: 'assertion', name: check.name, holds: check.that, message: check.message, remedy: check.remedy, origin: callSite() }
}

/** Gathers facts at this point of the list and goes on with tasks made from them. */
export function stage<const F extends Facts>(
  needs: { facts: F },
  tasks: (context: { readonly facts: FactValues<F> }) => readonly Item[],
): Stage {
  // Inference plumbing: the engine hands over exactly the facts that `needs` names.
  // oxlint-disable-next-line typescript/consistent-type-assertions
  return { type: 'stage', facts: needs.facts, tasks: tasks as Stage['tasks'] }
}
