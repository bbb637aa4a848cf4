import { $ } from 'zx'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface SshOptions {
  readonly user?: 'root' | 'ops'
  /** Standard input; without it the command reads nothing. */
  readonly input?: string
  /** Milliseconds; default 120 s. */
  readonly timeout?: number
}

interface Login extends SshOptions {
  readonly address: string
  readonly keyFile: string
  readonly knownHosts: string
  readonly command: string
}

/** How the system's ssh reaches a host: with nothing of the user's own configuration, and a host key that must match. */
export function sshOptions({ keyFile, knownHosts }: Pick<Login, 'keyFile' | 'knownHosts'>): readonly string[] {
  const options = [`UserKnownHostsFile=${knownHosts}`, 'GlobalKnownHostsFile=none', 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes', 'BatchMode=yes', 'ConnectTimeout=5', 'ServerAliveInterval=5', 'LogLevel=ERROR']
  return ['-F', 'none', '-i', keyFile, ...options.flatMap(option => ['-o', option])]
}

export async function login({ address, keyFile, knownHosts, command, user = 'root', input = '', timeout = 120_000 }: Login): Promise<Outcome> {
  const result = await $({ quiet: true, nothrow: true, input, timeout, timeoutSignal: 'SIGKILL' })`ssh ${sshOptions({ keyFile, knownHosts })} ${user}@${address} ${command}`
  return { code: result.exitCode ?? 255, stdout: result.stdout, stderr: result.stderr }
}
