import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectFailure } from '../model/session.ts'
import type { Transport } from './channel.ts'
import { isFailure, messageOf } from './failure.ts'
import type { Pool } from './pool.ts'
import { ssh2Channel } from './ssh2-channel.ts'
import { ssh2Connect } from './ssh2-connection.ts'
import type { Target } from './target.ts'

/** Connects by ssh2: channels are those of one connection. */
export async function ssh2Transport(target: Target, way: { readonly pool: Pool; readonly signal?: AbortSignal }): Promise<Transport | ConnectFailure> {
  const connection = await ssh2Connect(target, way)
  if (isFailure(connection)) return connection
  const { client, closed } = connection
  return {
    user: target.user,
    open: async (command, terminal) => {
      // sshd frees the slot of a channel later than we see it close.
      for (let tries = 1; ; tries++) {
        try {
          return await ssh2Channel(client, { command, terminal: terminal === true, connectionClosed: closed })
        } catch (thrown) {
          if (tries === 3 || !/open fail/i.test(messageOf(thrown))) throw thrown
          await sleep(200 * tries)
        }
      }
    },
    close: () => connection.close(),
  }
}
