import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Target } from '../connection/target.ts'
import type { Host } from '../inventory/inventory.ts'
import type { Asked } from './asked.ts'
import type { Options } from './options.ts'

/** How a host is reached: the inventory first, then the command line, then what ssh users are used to. */
export function targetOf(host: Host, options: Options, asked: Asked): Target {
  const { access } = host
  const privateKeyFile = access.privateKeyFile ?? options.privateKey
  const sudo = access.becomePassword ?? asked.becomePassword
  const password = access.password ?? asked.loginPassword
  const becomeMethod = access.becomeMethod ?? options.becomeMethod
  return {
    name: host.name,
    address: host.address,
    port: access.port ?? 22,
    user: access.user ?? options.user ?? process.env['USER'] ?? 'root',
    connection: access.connection,
    knownHostsFiles: options.knownHosts.length > 0 ? options.knownHosts : access.knownHostsFile !== undefined ? [access.knownHostsFile] : [join(homedir(), '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'],
    acceptNew: options.acceptNew,
    connectTimeout: options.timeout * 1000,
    ...(privateKeyFile === undefined ? {} : { privateKeyFile }),
    ...(process.env['SSH_AUTH_SOCK'] === undefined ? {} : { identityAgent: process.env['SSH_AUTH_SOCK'] }),
    ...(password === undefined ? {} : { password }),
    ...(asked.passphrases.size === 0 ? {} : { passphrases: asked.passphrases }),
    ...(becomeMethod === undefined ? {} : { becomeMethod }),
    ...(sudo === undefined ? {} : { becomePassword: sudo }),
  }
}
