import type { ConnectFailure } from '../model/session.ts'

/** A connect failure; `remedy` says what the user can do. */
export function failure(reason: ConnectFailure['reason'], message: string, remedy: string): ConnectFailure {
  return { type: 'connect-failure', reason, message, remedy }
}

/** Tells a failure from what was asked for. */
export function isFailure<T extends object>(result: T | ConnectFailure): result is ConnectFailure {
  return 'type' in result && result.type === 'connect-failure'
}

/** The message of anything that was thrown. Node packs the tries for several addresses of a name into one error without a message. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) return thrown.errors.map(messageOf).join('; ')
  return thrown instanceof Error ? thrown.message : String(thrown)
}
