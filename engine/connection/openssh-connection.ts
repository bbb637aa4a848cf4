import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ConnectFailure } from '../model/session.ts'
import { leaseBastion } from './bastion.ts'
import { failure, isFailure, messageOf } from './failure.ts'
import { withoutRevoked } from './host-key.ts'
import { startMaster, type Master } from './openssh-master.ts'
import type { Pool } from './pool.ts'
import type { PrivateFolder } from './private-folder.ts'
import { retrying } from './retry.ts'
import type { Lease } from './shared.ts'
import { doorOf } from './ssh2-connection.ts'
import type { Target } from './target.ts'

/** A connection that an ssh of the system's holds. */
export interface OpensshConnection {
  readonly socket: string
  /** How it ended, if it did or is about to; `undefined` while it lives. */
  readonly lately: () => Promise<string | undefined>
  /** Settles with why when it is gone. */
  readonly closed: Promise<string>
  readonly close: () => Promise<void>
}

interface Way {
  readonly pool: Pool
  readonly signal?: AbortSignal
  readonly before?: readonly string[]
}

/** Connects, with retries inside `connectTimeout` for what passes by itself. */
export async function opensshConnect(given: Target, { pool, signal, before = [] }: Way): Promise<OpensshConnection | ConnectFailure> {
  const target = await withoutRevoked(given)
  const bastion = target.proxy?.type === 'jump' ? await leaseBastion(target, { pool, kind: 'openssh', before, ...(signal && { signal }) }) : undefined
  if (bastion && isFailure(bastion)) return bastion
  let folder: Lease<PrivateFolder>
  try {
    folder = await pool.folder.lease()
  } catch (thrown) {
    await bastion?.release()
    return failure('unreachable', `there is no folder for the sockets of ssh: ${messageOf(thrown)}`, 'Make XDG_RUNTIME_DIR or the folder for temporary files writable.')
  }
  const release = async (): Promise<void> => {
    await folder.release()
    await bastion?.release()
  }
  if (target.acceptNew) await prepareKnownHosts(target.knownHostsFiles[0])
  const master = await retrying<Master>({
    timeout: target.connectTimeout, ...(signal && { signal }),
    turn: run => pool.turn(doorOf(target, bastion?.thing), run),
    attempt: remaining => startMaster(target, { folder: folder.thing.path, name: String(pool.next()), remaining, signal, through: bastion?.thing.program }),
    giveUp: why => failure('unreachable', `${target.name} (${target.address}:${target.port}) cannot be reached: ${why}`, 'Check the address, that the host is up, and that no firewall is in between.'),
  })
  if (isFailure(master)) {
    await release()
    return master
  }
  const { socket, closed } = master
  const lost = (why: string | undefined): string | undefined => {
    const gone = bastion?.thing.lost()
    return gone === undefined ? why : `${bastion?.thing.label} was lost: ${gone}`
  }
  return {
    socket,
    lately: async () => lost(await master.lately()),
    closed: closed.then(why => lost(why) ?? why),
    close: async () => {
      await master.close()
      await release()
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
