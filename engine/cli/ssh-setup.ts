import { accessSync, constants, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { account } from '../connection/local.ts'
import type { Options } from './options.ts'

/** What this machine has of ssh, for all hosts of a run. */
export interface SshSetup {
  readonly home: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `-F`, made absolute; `undefined`: the user's file and the system's. */
  readonly file: string | undefined
  /** Whether there is a file to ask about. */
  readonly configured: boolean
  /** Where a folder for sockets may be made, most wanted first. */
  readonly socketPlaces: readonly string[]
  /** What the user should know. */
  readonly warning: string | undefined
}

/** Looks for ssh and its configuration once. ssh finds the user's file by the password database, not by HOME, and so does this. */
export function sshSetup({ sshConfig }: Pick<Options, 'sshConfig'>, environment: Readonly<Record<string, string | undefined>>): SshSetup {
  const { home } = account()
  const files = [join(home, '.ssh', 'config'), '/etc/ssh/ssh_config'].filter(existsSync)
  const here = (environment['PATH'] ?? '').split(delimiter).some(folder => isProgram(join(folder, 'ssh')))
  const given = sshConfig === undefined || sshConfig === 'none' ? sshConfig : resolve(sshConfig)
  return {
    home, environment, file: given,
    socketPlaces: [environment['XDG_RUNTIME_DIR'] ?? '', tmpdir(), '/tmp'].filter(Boolean),
    configured: given === 'none' ? false : given !== undefined || (here && files.length > 0),
    warning: !here && given === undefined && files.length > 0 ? `${files.join(' and ')} cannot be read: there is no ssh program here; install OpenSSH, or say --ssh-config none` : undefined,
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
