import type { Failure } from '../model/failure.ts'

/** Whether a failure is that the host itself could not be worked with, rather than that something on it went wrong. */
export function isUnreachable({ reason }: Failure): boolean {
  return reason === 'unreachable' || reason === 'host-key' || reason === 'authentication' || reason === 'become' || reason === 'connection-lost'
}
