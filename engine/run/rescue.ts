import type { Failed, Failure } from '../model/failure.ts'

/** Whether a failure is of a task, so that `rescue` may answer it: not of the host, of the role's code, or a question to the user. */
export function canRescue({ reason }: Failure): boolean {
  switch (reason) {
    case 'timed-out':
    case 'probe-failed':
    case 'apply-failed':
    case 'did-not-converge':
    case 'refused':
    case 'source-missing':
    case 'no-such-user':
    // The host itself is as it was: whoever takes a node out of a balancer may do without one that is down.
    case 'delegate-unreachable':
      return true
    case 'unreachable':
    case 'host-key':
    case 'authentication':
    case 'become':
    case 'connection-lost':
    case 'destroy-refused':
    case 'locked':
    case 'start-not-found':
    case 'input-missing':
    case 'output-failed':
    case 'role-threw':
    case 'wrong-include':
    case 'interrupted':
      return false
  }
}

/** A failed rescue is reported with what it was to rescue from: that is the root cause. */
export function afterRescue(failed: Failed, cause: Failed): Failed {
  return { ...failed, failure: { ...failed.failure, message: `${failed.failure.message}\nit was to rescue from: ${cause.failure.message}` } }
}
