import { spawn } from 'node:child_process'
import type { Transport } from '../../../engine/connection/channel.ts'
import { connect, type ConnectOptions, type Target } from '../../../engine/connection/connect.ts'
import { OpenSession } from '../../../engine/connection/open-session.ts'
import type { ConnectFailure, Session } from '../../../engine/model/session.ts'
import type { Lab } from '../lab.ts'
import { sshOptions } from '../login.ts'
import { NODE } from './program-in-host.ts'

export const TRANSPORTS = ['ssh2', 'openssh', 'local'] as const
export type TransportName = (typeof TRANSPORTS)[number]

/** A session with a host over a transport. `local` is the local transport of a controller that runs on the host itself (`installProgram` first). */
export async function sessionOver(transport: TransportName, lab: Lab, { host, options = {}, ...changes }: { host: string; user: string; options?: ConnectOptions } & Partial<Target>): Promise<Session | ConnectFailure> {
  const target: Target = {
    name: host, address: lab.address(host), port: 22, connection: transport, privateKeyFile: lab.keyFile, knownHostsFiles: [lab.knownHosts], acceptNew: false, connectTimeout: 20_000, ...changes,
  }
  return transport === 'local' ? new OpenSession(inHost(lab, target), target, options) : connect(target, options)
}

/** The user's own login on the host starts a Node there, and that opens the channel: nothing else is in between but pipes. */
function inHost(lab: Lab, { address, user }: Target): Transport {
  return {
    user,
    open: async (command, terminal = false) => {
      const words = `env TS_PLAY_MARK=controller ${NODE} /opt/ts-play/test/lab/support/local-bridge.ts ${terminal ? 'terminal' : 'plain'} ${Buffer.from(command).toString('base64')}`
      const child = spawn('ssh', ['-T', ...sshOptions(lab), `${user}@${address}`, words], { stdio: 'pipe' })
      const { promise: closed, resolve } = Promise.withResolvers<string>()
      child.on('error', error => resolve(error.message))
      child.on('close', code => resolve(`exit status ${code}`))
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined)
      return { input: child.stdin, output: child.stdout, errors: child.stderr, closed, destroy: () => void child.kill('SIGTERM') }
    },
    close: async () => undefined,
  }
}
