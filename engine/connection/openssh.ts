import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
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
  if (target.acceptNew) await prepareKnownHosts(target.knownHostsFiles[0])
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

/** ssh would leave a new file open to read for others, and make no folder for it. What cannot be done here is told by ssh. */
async function prepareKnownHosts(file: string | undefined): Promise<void> {
  if (file === undefined) return
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await (await open(file, 'a', 0o600)).close()
  } catch {
    return
  }
}
