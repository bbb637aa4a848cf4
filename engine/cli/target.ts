import { join } from 'node:path'
import { account } from '../connection/local.ts'
import { quoted } from '../connection/openssh-arguments.ts'
import type { Target } from '../connection/target.ts'
import type { Host } from '../inventory/inventory.ts'
import type { Asked } from './asked.ts'
import type { Options } from './options.ts'
import type { SshSetup } from './ssh-setup.ts'

interface Given {
  readonly options: Options
  readonly ssh: SshSetup
  readonly asked: Asked
}

/** How a host is reached: the inventory first, then the command line, then ssh_config, then what ssh users are used to. */
export function targetOf(host: Host, { options, ssh, asked }: Given): Target {
  const { access } = host
  const privateKeyFile = access.privateKeyFile ?? options.privateKey
  const sudo = access.becomePassword ?? asked.becomePassword
  const password = access.password ?? asked.loginPassword
  const becomeMethod = access.becomeMethod ?? options.becomeMethod
  const user = access.user ?? options.user
  const agent = ssh.environment['SSH_AUTH_SOCK']
  const knownHosts = options.knownHosts.length > 0 ? options.knownHosts : access.knownHostsFile !== undefined ? [access.knownHostsFile] : []
  const configured = ssh.configured || access.sshOptions.length > 0 || access.sshConfigFile !== undefined
  const inHome = (name: string): string => join(ssh.home, '.ssh', name)
  const file = access.sshConfigFile ?? ssh.file ?? (ssh.configured ? undefined : 'none')
  // In the order of what counts.
  const said = [
    ...(access.port === undefined ? [] : [`Port=${access.port}`]),
    ...(user === undefined ? [] : [`User=${user}`]),
    ...(privateKeyFile === undefined ? [] : [`IdentityFile=${quoted(privateKeyFile)}`]),
    ...(options.timeout === undefined ? [] : [`ConnectTimeout=${options.timeout}`]),
    ...access.sshOptions,
  ]
  return {
    name: host.name,
    address: host.address,
    port: access.port ?? 22,
    user: user ?? account().name,
    connection: access.connection === 'auto' ? options.transport : access.connection,
    knownHostsFiles: knownHosts.length > 0 || configured ? knownHosts : [inHome('known_hosts'), '/etc/ssh/ssh_known_hosts'],
    acceptNew: options.acceptNew,
    connectTimeout: (options.timeout ?? 15) * 1000,
    ...(configured
      ? { sshConfig: { ...(file === undefined ? {} : { file }), options: said, home: ssh.home, environment: ssh.environment, ...(options.knownHosts.length > 0 && { runKnownHosts: options.knownHosts }) } }
      : { identityFiles: ['id_rsa', 'id_ecdsa', 'id_ed25519'].map(inHome) }),
    ...(access.hostKeyPins === undefined ? {} : { hostKeyPins: access.hostKeyPins }),
    ...(privateKeyFile === undefined ? {} : { privateKeyFile }),
    ...(agent === undefined ? {} : { identityAgent: agent }),
    ...(password === undefined ? {} : { password }),
    ...(asked.passphrases.size === 0 ? {} : { passphrases: asked.passphrases }),
    ...(becomeMethod === undefined ? {} : { becomeMethod }),
    ...(sudo === undefined ? {} : { becomePassword: sudo }),
  }
}
