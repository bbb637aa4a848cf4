import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectFailure } from '../model/session.ts'
import type { Transport } from './channel.ts'
import { failure, isFailure, messageOf } from './failure.ts'
import { opensshChannel } from './openssh-channel.ts'
import { startMaster, type Master } from './openssh-master.ts'
import type { Pool } from './pool.ts'
import type { PrivateFolder } from './private-folder.ts'
import { retrying } from './retry.ts'
import type { Lease } from './shared.ts'
import type { Target } from './target.ts'

/** Connects by the system's ssh: one of them holds the connection, each channel is another one over that. */
export async function opensshTransport(target: Target, { pool, signal }: { pool: Pool; signal?: AbortSignal }): Promise<Transport | ConnectFailure> {
  let folder: Lease<PrivateFolder>
  try {
    folder = await pool.folder.lease()
  } catch (thrown) {
    return failure('unreachable', `there is no folder for the sockets of ssh: ${messageOf(thrown)}`, 'Make XDG_RUNTIME_DIR or the folder for temporary files writable.')
  }
  if (target.acceptNew) await prepareKnownHosts(target.knownHostsFiles[0])
  const master = await retrying<Master>({
    timeout: target.connectTimeout, ...(signal && { signal }),
    attempt: remaining => startMaster(target, { folder: folder.thing.path, name: String(pool.next()), remaining, signal }),
    giveUp: why => failure('unreachable', `${target.name} (${target.address}:${target.port}) cannot be reached: ${why}`, 'Check the address, that the host is up, and that no firewall is in between.'),
  })
  if (isFailure(master)) {
    await folder.release()
    return master
  }
  return {
    user: target.user,
    open: async (command, terminal) => {
      // sshd frees the slot of a channel later than we see it close.
      for (let tries = 1; ; tries++) {
        try {
          return await opensshChannel({ socket: master.socket, address: target.address, command, terminal: terminal === true, timeout: target.connectTimeout, connectionEnded: master.lately })
        } catch (thrown) {
          if (tries === 3 || !/refused|open fail/i.test(messageOf(thrown))) throw thrown
          await sleep(200 * tries)
        }
      }
    },
    close: async () => {
      await master.close()
      await folder.release()
    },
  }
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
