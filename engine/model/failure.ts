import type { Origin } from './origin.ts'

/**
 * Why a node or a task did not do what it should. Expected failures are values of this union; an exception is a bug of ours or of a role,
 * and becomes `role-threw` with its node attached.
 */
export type Failure =
  | { readonly reason: 'unreachable' | 'host-key' | 'authentication' | 'become'; readonly message: string; readonly remedy: string }
  /** The user that a play or a task is to run as is not there: yet, if an earlier task makes it. */
  | { readonly reason: 'no-such-user'; readonly message: string; readonly remedy: string }
  /** The host that a task is executed on for its own cannot be used. */
  | { readonly reason: 'delegate-unreachable'; readonly message: string; readonly remedy: string }
  /** The connection broke while something ran; what it did is unknown until the next run probes again. */
  | { readonly reason: 'connection-lost'; readonly message: string; readonly remedy: string }
  | { readonly reason: 'timed-out'; readonly message: string; readonly remedy: string; readonly stderr: string }
  | { readonly reason: 'probe-failed'; readonly message: string; readonly remedy: string; readonly status: number | undefined; readonly stderr: string }
  | { readonly reason: 'apply-failed'; readonly message: string; readonly remedy: string; readonly status: number | undefined; readonly stdout: string; readonly stderr: string }
  /** Applied without an error, and the probe still sees a difference. */
  | { readonly reason: 'did-not-converge'; readonly message: string; readonly remedy: string; readonly stderr: string }
  /** A `destroys` change without permission. */
  | { readonly reason: 'destroy-refused'; readonly message: string; readonly remedy: string }
  /** Another run is at work on the host, or its lock could not be written. */
  | { readonly reason: 'locked'; readonly message: string; readonly remedy: string }
  /** A role is included in a way that its variables, inputs or itself do not allow. */
  | { readonly reason: 'wrong-include'; readonly message: string; readonly remedy: string }
  /** No task of the play has the title that `--start-at` names. */
  | { readonly reason: 'start-not-found'; readonly message: string; readonly remedy: string }
  /** An assertion of the role does not hold. */
  | { readonly reason: 'refused'; readonly message: string; readonly remedy: string }
  /** A controller file that a task names cannot be read. */
  | { readonly reason: 'source-missing'; readonly message: string; readonly remedy: string }
  /** An input could not be had: its producer failed, or hosts disagree. */
  | { readonly reason: 'input-missing'; readonly message: string; readonly remedy: string }
  | { readonly reason: 'output-failed'; readonly message: string; readonly remedy: string }
  | { readonly reason: 'role-threw'; readonly message: string; readonly remedy: string }
  | { readonly reason: 'interrupted'; readonly message: string; readonly remedy: string }

export type FailureReason = Failure['reason']

/** What failed where: enough to find it in the playbook and on the host. */
export interface Failed {
  readonly failure: Failure
  readonly host: string
  /** The host that the task was executed on, where that is another one. */
  readonly on?: string
  readonly play: string
  /** `kind id` or the task's name; absent when the node failed outside its tasks. */
  readonly task?: string
  readonly origin: Origin
}
