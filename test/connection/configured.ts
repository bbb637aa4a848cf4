import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, createPool, type Target } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import type { Session } from '../../engine/model/session.ts'
import { calm, results, target } from './open.ts'
import type { Sshd } from './sshd.ts'

let configs = 0
/** A target that only an ssh_config of its own knows the way to. */
export function configured(folder: string, name: string, config: string, changes: Partial<Target> = {}): Target {
  const file = join(folder, `ssh_config_${configs++}`)
  writeFileSync(file, config)
  return target({ name, address: name, connection: 'auto', connectTimeout: 10_000, sshConfig: { file, options: [], home: folder, environment: process.env }, ...changes })
}

/** A session that has to come about, closed by the caller. */
export async function open(where: Target, pool = createPool()): Promise<Session> {
  const made = await connect(where, { pool })
  if (isFailure(made)) throw new Error(`${made.message}; ${made.remedy}`)
  return made
}

/** stdout of one script, as the login user. */
export async function say(made: Session, script: string): Promise<string> {
  const shell = await made.shell(undefined)
  if (isFailure(shell)) throw new Error(shell.message)
  return results(await shell.query([{ script }], calm))[0]?.stdout ?? ''
}

/** Connects, asks who it is, and closes. */
export async function once(where: Target): Promise<string> {
  const made = await open(where)
  const said = await say(made, 'id -un')
  await made.close()
  return `${said.trim()} over ${made.transport}`
}

/** The end of a block `Host *`: where known keys are, and what to log in with. */
export function common({ key }: Sshd, knownHosts: string): string {
  return `  UserKnownHostsFile ${knownHosts}\n  IdentityFile ${key}\n  IdentitiesOnly yes\n`
}

/** A block that says where a name is. */
export function via(name: string, { port }: Sshd, more = ''): string {
  return `Host ${name}\n  HostName 127.0.0.1\n  Port ${port}\n${more}`
}

/** Logins that a daemon has let in. */
export function logins(server: Sshd): number {
  return server.log().split('Accepted publickey').length - 1
}
