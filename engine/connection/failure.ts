import type { ConnectFailure } from '../model/session.ts'

/** A connect failure; `remedy` says what the user can do. */
export function failure(reason: ConnectFailure['reason'], message: string, remedy: string): ConnectFailure {
  return { type: 'connect-failure', reason, message, remedy }
}

/** Tells a failure from what was asked for. */
export function isFailure<T extends object>(result: T | ConnectFailure): result is ConnectFailure {
  return 'type' in result && result.type === 'connect-failure'
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
