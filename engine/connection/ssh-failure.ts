import type { ConnectFailure } from '../model/session.ts'
import { failure, messageOf } from './failure.ts'
import type { Attempt } from './retry.ts'
import type { Target } from './target.ts'

/** What an error of the socket means. */
export function dialFailure(error: Error): Attempt<never> {
  const code = 'code' in error ? error.code : ''
  // A name that does not exist will not come into being; everything else may be a host that boots.
  if (code === 'ENOTFOUND') return { type: 'done', result: failure('unreachable', `there is no address for this name: ${messageOf(error)}`, 'Correct the address in the inventory, or the DNS.') }
  return { type: 'again', why: messageOf(error) }
}

/**
 * What an error of ssh2 before the login means.
 *
 * @param tried the ways to log in, for the message
 */
export function handshakeFailure(error: Error & { level?: string }, target: Target, tried: readonly string[]): Attempt<never> {
  const done = (reason: ConnectFailure['reason'], message: string, remedy: string): Attempt<never> => ({ type: 'done', result: failure(reason, message, remedy) })
  if (error.level === 'client-authentication') return done('authentication', `${target.name} did not accept ${target.user} with ${tried.join(', ')}`, 'Check the user name and that its authorized_keys has the key.')
  // Never again by itself: each try counts for sshd and faillock.
  if (/too many authentication/i.test(error.message)) return done('authentication', `${target.name} ended the login of ${target.user} after too many keys (${tried.join(', ')})`, 'Name the right private key instead of offering a whole agent.')
  if (/no matching/.test(error.message)) return done('unreachable', `${target.name} and this transport have no algorithm in common: ${error.message}`, "Allow curve25519-sha256, an AES-GCM cipher and a plain ed25519, ECDSA or RSA host key in the host's sshd_config.")
  return { type: 'again', why: messageOf(error) }
}
