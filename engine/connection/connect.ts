import type { ConnectFailure, Session } from '../model/session.ts'
import { isFailure } from './failure.ts'
import { localTransport } from './local.ts'
import { OpenSession } from './open-session.ts'
import { createPool } from './pool.ts'
import type { ConnectOptions, Target } from './target.ts'

/**
 * Connects to a host and authenticates; shells are opened by `Session.shell`. Never throws for what a host, a network or a user's key does.
 * ssh2 is loaded by the first ssh connection.
 */
export async function connect(target: Target, options: ConnectOptions = {}): Promise<Session | ConnectFailure> {
  if (target.connection === 'local') return new OpenSession(localTransport(), target, options)
  if (target.connection === 'openssh') {
    const { opensshTransport } = await import('./openssh.ts')
    const pool = options.pool ?? createPool()
    const transport = await opensshTransport(target, { pool, ...(options.signal && { signal: options.signal }) })
    return isFailure(transport) ? transport : new OpenSession(transport, target, options)
  }
  const { ssh2Transport } = await import('./ssh2.ts')
  const transport = await ssh2Transport(target, options.signal)
  return isFailure(transport) ? transport : new OpenSession(transport, target, options)
}

export { createPool } from './pool.ts'
export type { ConnectOptions, FrameTrace, Target } from './target.ts'
