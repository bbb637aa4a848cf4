import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectFailure } from '../model/session.ts'
import type { Transport } from './channel.ts'
import { isFailure, messageOf } from './failure.ts'
import { opensshChannel } from './openssh-channel.ts'
import { opensshConnect, type OpensshConnection } from './openssh-connection.ts'
import type { Pool } from './pool.ts'
import type { Target } from './target.ts'

interface Way {
  readonly pool: Pool
  readonly signal?: AbortSignal
  /** The socket of a connection that is there already, and is not ours to end. */
  readonly master?: string
}

/** Connects by the system's ssh: one of them holds the connection, each channel is another one over that. */
export async function opensshTransport(target: Target, { master, ...way }: Way): Promise<Transport | ConnectFailure> {
  const connection = master === undefined ? await opensshConnect(target, way) : borrowed(master)
  if (isFailure(connection)) return connection
  return {
    user: target.user,
    open: async (command, terminal) => {
      // sshd frees the slot of a channel later than we see it close.
      for (let tries = 1; ; tries++) {
        try {
          return await opensshChannel({ socket: connection.socket, address: target.address, command, terminal: terminal === true, timeout: target.connectTimeout, connectionEnded: connection.lately })
        } catch (thrown) {
          if (tries === 3 || !/refused|open fail/i.test(messageOf(thrown))) throw thrown
          await sleep(200 * tries)
        }
      }
    },
    close: () => connection.close(),
  }
}

function borrowed(socket: string): OpensshConnection {
  return { socket, lately: async () => undefined, closed: new Promise(() => undefined), close: async () => undefined }
}
