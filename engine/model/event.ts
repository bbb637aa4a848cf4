import type { Change } from './change.ts'
import type { Failed, Failure } from './failure.ts'
import type { Origin } from './origin.ts'

/** Version of the event stream; it grows when a field changes its meaning or goes. */
export const EVENT_VERSION = 1

export type Mode = 'check' | 'run'

/**
 * What became of a task.
 *
 * - `ok`: as wanted already. `changed`: brought about and verified (run).
 * - `would-change`: known difference (check). `unknown`: cannot be known without running (check), with the reason.
 * - `skipped`: `when`, or not selected.
 */
export type TaskOutcome =
  | { readonly type: 'ok' }
  | { readonly type: 'changed'; readonly changes: readonly Change[]; readonly verified: boolean }
  /** `validated: false`: a run would first let a program judge the result, which check mode does not. */
  | { readonly type: 'would-change'; readonly changes: readonly Change[]; readonly validated?: false }
  | { readonly type: 'unknown'; readonly why: string; readonly changes: readonly Change[] }
  | { readonly type: 'skipped'; readonly why: string }
  | { readonly type: 'failed'; readonly failure: Failure; readonly ignored: string | undefined }

/** How a node ended. `blocked` names the node that failed before it. */
export type NodeOutcome =
  | { readonly type: 'done' }
  | { readonly type: 'skipped'; readonly why: string }
  /** In check mode: the node's tasks cannot be known. */
  | { readonly type: 'unknown'; readonly why: string }
  | { readonly type: 'failed'; readonly failed: Failed }
  | { readonly type: 'unreachable'; readonly failed: Failed }
  | { readonly type: 'blocked'; readonly by: string }

interface At {
  /** Milliseconds since the run began. */
  readonly at: number
}
interface OnNode extends At {
  /** `play@host`. */
  readonly node: string
  readonly play: string
  readonly host: string
}

/** Everything a view may know about a run; every view is a function of this stream. Secrets are redacted before an event reaches a view. */
export type Event =
  | (At & { readonly type: 'run-started'; readonly version: number; readonly mode: Mode; readonly playbook: string; readonly plays: readonly PlaySummary[]; readonly seed: number })
  | (At & { readonly type: 'host-connected'; readonly host: string; readonly milliseconds: number; readonly transport?: string; readonly because?: string })
  | (OnNode & { readonly type: 'node-started' })
  /** Said once a node has waited for 5 s, with whom it waits for. */
  | (OnNode & { readonly type: 'node-waiting'; readonly for: string })
  /** `--list-tasks`: a task that would be looked at; `…` where the rest cannot be known without running. */
  | (OnNode & { readonly type: 'task-listed'; readonly title: string; readonly tags: readonly string[] })
  | (OnNode & { readonly type: 'task-started'; readonly task: TaskLabel })
  | (OnNode & { readonly type: 'task-finished'; readonly task: TaskLabel; readonly outcome: TaskOutcome; readonly milliseconds: number })
  /** A task of a block failed and its `rescue` runs. */
  | (OnNode & { readonly type: 'block-rescued'; readonly block: string; readonly failed: Failed })
  /** A table that a role shows. */
  | (OnNode & { readonly type: 'report-made'; readonly title: string; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] })
  /** A handler that an earlier run left due; in check mode also one that a change would make due. */
  | (OnNode & { readonly type: 'handler-pending'; readonly handler: string })
  | (OnNode & { readonly type: 'output-made'; readonly output: string; readonly minted: boolean })
  /** A value that somebody cannot go on without could not be had: told once, however many wait for it. */
  | (OnNode & { readonly type: 'output-failed'; readonly failed: Failed })
  | (OnNode & { readonly type: 'output-revoked'; readonly output: string; readonly problem: string | undefined })
  | (OnNode & { readonly type: 'frame'; readonly on?: string; readonly sections: number; readonly milliseconds: number; readonly purpose: 'facts' | 'probe' | 'apply' | 'output' })
  /** At most twice a second: how many bytes of a controller's file the host has. `on`: where that is another host. */
  | (OnNode & { readonly type: 'transfer-progress'; readonly on?: string; readonly path: string; readonly bytes: number; readonly size: number })
  | (OnNode & { readonly type: 'node-finished'; readonly outcome: NodeOutcome; readonly milliseconds: number })
  /** Something that was gone on in spite of, and that somebody should know. */
  | (At & { readonly type: 'warning'; readonly host: string; readonly message: string })
  | (At & { readonly type: 'interrupted'; readonly level: 'finish-running' | 'kill' })
  | (At & { readonly type: 'run-finished'; readonly exitCode: number; readonly hosts: readonly HostSummary[]; readonly failures: readonly Failed[] })

export interface TaskLabel {
  readonly kind: string
  readonly id: string
  /** The task's own name, or `kind id`. */
  readonly title: string
  readonly handler: boolean
  /** The host that it is executed on for its own, where that is another one. */
  readonly on?: string
  readonly origin: Origin
}

/** A play as the views show it: its row and how many hosts it has. */
export interface PlaySummary {
  readonly name: string
  readonly hosts: readonly string[]
  /** `outputs-only`: nothing of it changes a host in this run. */
  readonly mode: 'full' | 'outputs-only'
}

/** One line of the recap. */
export interface HostSummary {
  readonly host: string
  readonly ok: number
  readonly changed: number
  readonly wouldChange: number
  readonly unknown: number
  readonly skipped: number
  readonly failed: number
  readonly unreachable: boolean
  readonly blocked: number
}
