import type { ConnectFailure, Session } from '../model/session.ts'
import type { Transport } from './channel.ts'
import { chooseTransport, type Choice } from './choose-transport.ts'
import { effectiveTarget } from './effective-target.ts'
import { isFailure } from './failure.ts'
import { localTransport } from './local.ts'
import { OpenSession } from './open-session.ts'
import { createPool, type Pool } from './pool.ts'
import { ssh2 } from './ssh2-library.ts'
import type { ConnectOptions, Target } from './target.ts'

/**
 * Connects to a host and authenticates; shells are opened by `Session.shell`. Never throws for what a host, a network or a user's key does.
 * ssh2 is loaded by the first connection that may use it.
 */
export async function connect(target: Target, options: ConnectOptions = {}): Promise<Session | ConnectFailure> {
  if (target.connection === 'local') return new OpenSession(localTransport(), target, options)
  const { pool = createPool(), signal } = options
  const asked = effectiveTarget(target, pool)
  // It takes as long to load, with what uses it, as ssh takes to tell its configuration. Whether it can be loaded is asked where it is used.
  if (target.connection !== 'openssh') void Promise.all([ssh2(), import('./ssh2.ts')]).catch(() => undefined)
  const effective = await asked
  if (isFailure(effective)) return effective
  const way = { pool, ...(signal && { signal }) }
  let choice = await chooseTransport(effective, pool)
  let transport = await over(choice, effective.target, way)
  // What a host offers is known only when it was asked.
  if (isFailure(transport) && target.connection === 'auto' && choice.transport === 'ssh2' && /no algorithm in common/.test(transport.message)) {
    const other: Choice = { transport: 'openssh', because: 'the host offers no algorithms that ssh2 has' }
    const second = await over(other, effective.target, way)
    if (!isFailure(second)) [choice, transport] = [other, second]
  }
  return isFailure(transport) ? transport : new OpenSession(transport, effective.target, options, { transport: choice.transport, because: choice.because })
}

async function over({ transport, master }: Choice, target: Target, way: { readonly pool: Pool; readonly signal?: AbortSignal }): Promise<Transport | ConnectFailure> {
  switch (transport) {
    case 'ssh2': {
      const { ssh2Transport } = await import('./ssh2.ts')
      return ssh2Transport(target, way)
    }
    case 'openssh': {
      const { opensshTransport } = await import('./openssh.ts')
      return opensshTransport(target, { ...way, ...(master !== undefined && { master }) })
    }
  }
}

export { createPool, type Pool } from './pool.ts'
export type { ConnectOptions, FrameTrace, Target } from './target.ts'
