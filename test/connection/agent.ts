import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { until } from './machine.ts'

/** An ssh-agent behind a socket, ended by the caller. Its file is there before somebody listens: it is up when it answers (ssh-add exits 2 where it cannot be asked). */
export async function sshAgent(socket: string): Promise<ChildProcess> {
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
  await until(() => spawnSync('ssh-add', ['-l'], { env: { SSH_AUTH_SOCK: socket, PATH: '/usr/bin:/bin' } }).status !== 2, { within: 5000, what: 'the agent answers' })
  return agent
}
