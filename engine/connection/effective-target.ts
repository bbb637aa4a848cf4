import { hostname } from 'node:os'
import type { ConnectFailure } from '../model/session.ts'
import { failure } from './failure.ts'
import { badHostName, badUserName } from './names.ts'
import type { Pool } from './pool.ts'
import { askSshConfig, type SshConfigQuery, type SshSettings } from './ssh-config.ts'
import type { Proxy, Target } from './target.ts'

/** A target with what its ssh_config says, and that itself where there was one. */
export interface Effective {
  readonly target: Target
  readonly settings: SshSettings | undefined
}

/** Fills in what ssh_config says; asked once for each host and run, and not at all where nothing says where it is. */
export async function effectiveTarget(target: Target, pool: Pool): Promise<Effective | ConnectFailure> {
  const bad = badHostName(target.address) ?? badUserName(target.user)
  if (bad !== undefined) return failure('unreachable', `${JSON.stringify(badHostName(target.address) ? target.address : target.user)} cannot be used to reach ${target.name}: ${bad}`, 'Correct the address or the user in the inventory.')
  const query = target.sshConfig
  if (!query) return { target, settings: undefined }
  const id = JSON.stringify([target.address, query.file, query.options])
  const asked = pool.configs.get(id) ?? pool.turn('ssh -G', () => askSshConfig(query, target.address))
  pool.configs.set(id, asked)
  const reply = await asked
  if (reply.type !== 'settings') {
    const [message, remedy] = reply.type === 'missing' ? ['ssh_config cannot be read', 'Install OpenSSH'] : ['ssh does not take its configuration', 'Correct ssh_config or the options in the inventory']
    return failure('unreachable', `${message} for ${target.name} (${target.address}): ${reply.message}`, `${remedy}, or leave ssh_config out: --ssh-config none.`)
  }
  const { settings } = reply
  const made = applied(target, query, settings)
  const worse = badHostName(made.address) ?? badUserName(made.user)
  if (worse !== undefined) return failure('unreachable', `ssh_config sends ${target.name} to ${JSON.stringify(`${made.user}@${made.address}`)}: ${worse}`, 'Correct HostName or User in ssh_config.')
  const strict = settings.one('stricthostkeychecking')
  if (strict === 'false' || strict === 'no' || strict === 'off' || (strict === 'accept-new' && !target.acceptNew))
    pool.warn(target.name, `StrictHostKeyChecking ${strict === 'false' ? 'no' : strict} of ssh_config is not followed: the keys of hosts are always checked; --accept-new takes the key of a host that was never seen before`)
  return { target: made, settings }
}

function applied(target: Target, query: SshConfigQuery, settings: SshSettings): Target {
  const address = settings.one('hostname') ?? target.address
  const port = Number(settings.one('port') ?? target.port)
  const user = settings.one('user') ?? target.user
  const expand = (text: string): string => expanded(text, query, { '%': '%', h: address, n: target.address, p: String(port), r: user, d: query.home, u: query.environment['USER'] ?? user, L: hostname().split('.')[0] ?? '', l: hostname(), k: alias ?? address, i: String(process.getuid?.() ?? '') })
  const alias: string | undefined = settings.one('hostkeyalias')
  const agent = agentOf(settings, target, expand, query)
  const { identityAgent: _, ...rest } = target
  const timeout = Number(settings.one('connecttimeout'))
  const family = settings.one('addressfamily')
  const bindAddress = settings.one('bindaddress')
  const proxy = proxyOf(settings)
  return {
    ...rest,
    address, port, user,
    sshName: target.address,
    identityFiles: settings.all('identityfile').map(expand).filter(file => file !== target.privateKeyFile),
    identitiesOnly: settings.is('identitiesonly'),
    knownHostsFiles: target.knownHostsFiles.length > 0 ? target.knownHostsFiles : [...settings.words('userknownhostsfile'), ...settings.words('globalknownhostsfile')].map(expand),
    knownHostsGiven: target.knownHostsFiles.length > 0,
    hashKnownHosts: settings.is('hashknownhosts'),
    connectTimeout: Number.isFinite(timeout) && timeout > 0 ? timeout * 1000 : target.connectTimeout,
    algorithms: { kex: settings.list('kexalgorithms'), cipher: settings.list('ciphers'), mac: settings.list('macs'), hostKey: settings.list('hostkeyalgorithms') },
    ...(agent === undefined ? {} : { identityAgent: agent }),
    ...(alias === undefined ? {} : { hostKeyAlias: expand(alias) }),
    ...(family === 'inet' ? { addressFamily: 4 as const } : family === 'inet6' ? { addressFamily: 6 as const } : {}),
    ...(bindAddress === undefined ? {} : { bindAddress }),
    ...(proxy === undefined ? {} : { proxy }),
  }
}

function proxyOf(settings: SshSettings): Proxy | undefined {
  const jump = settings.list('proxyjump')
  if (jump.length > 0) return { type: 'jump', hops: jump }
  const command = settings.one('proxycommand')
  return command === undefined ? undefined : { type: 'command', command }
}

function agentOf(settings: SshSettings, target: Target, expand: (text: string) => string, { environment }: SshConfigQuery): string | undefined {
  if (settings.saysNone('identityagent')) return undefined
  const said = settings.one('identityagent')
  if (said === undefined) return target.identityAgent
  if (said === 'SSH_AUTH_SOCK') return environment['SSH_AUTH_SOCK']
  return said.startsWith('$') && !said.startsWith('${') ? environment[said.slice(1)] : expand(said)
}

/** `~`, `${NAME}` and the tokens of ssh_config(5). */
function expanded(text: string, { home, environment }: SshConfigQuery, tokens: Readonly<Record<string, string>>): string {
  return text
    .replace(/^~(?=\/|$)/, home)
    .replaceAll(/\$\{([A-Za-z_]\w*)\}/g, (whole, name: string) => environment[name] ?? whole)
    .replaceAll(/%(.)/g, (whole, letter: string) => tokens[letter] ?? whole)
}
