import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectFailure } from '../model/session.ts'
import type { Channel, Transport } from './channel.ts'
import { execAhead } from './exec-ahead.ts'
import { isFailure, messageOf } from './failure.ts'
import type { Pool } from './pool.ts'
import { ssh2Channel } from './ssh2-channel.ts'
import { ssh2Connect, type Ssh2Connection } from './ssh2-connection.ts'
import type { Target } from './target.ts'

/** Connects by ssh2: channels are those of one connection. */
export async function ssh2Transport(target: Target, way: { readonly pool: Pool; readonly signal?: AbortSignal }): Promise<Transport | ConnectFailure> {
  const made = await ssh2Connect(target, way)
  if (isFailure(made)) return made
  let connection: Ssh2Connection = made
  const begin = async (command: string): Promise<Channel> => {
    if (!execAhead(connection.client, command)) return openChannel(connection, command, false)
    try {
      return await ssh2Channel(connection.client, { command, terminal: false, connectionClosed: connection.closed })
    } catch {
      // Refused, or counted otherwise: the slow way works, or has the host's own words for why not.
      await connection.close()
      const again = await ssh2Connect(target, way)
      if (isFailure(again)) throw new Error(again.message)
      connection = again
      return openChannel(connection, command, false)
    }
  }
  /** The first channel, which may cost its connection: the others wait for how that ends. */
  let first: Promise<unknown> | undefined
  return {
    user: target.user,
    open: async (command, terminal = false) => {
      if (first) {
        await first
        return openChannel(connection, command, terminal)
      }
      const begun = terminal ? openChannel(connection, command, terminal) : begin(command)
      first = begun.catch(() => undefined)
      return begun
    },
    close: () => connection.close(),
  }
}

/** sshd frees the slot of a channel later than we see it close. @throws Error when it is refused */
async function openChannel({ client, closed }: Ssh2Connection, command: string, terminal: boolean): Promise<Channel> {
  for (let tries = 1; ; tries++) {
    try {
      return await ssh2Channel(client, { command, terminal, connectionClosed: closed })
    } catch (thrown) {
      if (tries === 3 || !/open fail/i.test(messageOf(thrown))) throw thrown
      await sleep(200 * tries)
    }
  }
}
