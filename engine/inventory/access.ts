import type { Diagnostic } from '../model/diagnostic.ts'
import { Secret } from '../model/secret.ts'
import { describe } from './describe.ts'
import type { HostDraft } from './draft.ts'
import type { Access } from './inventory.ts'
import { fingerprintsOf } from './host-key-pins.ts'
import { error, warning } from './place.ts'
import { absolute } from './references.ts'
import { parseSshArgs, type SshArgs } from './ssh-args.ts'
import { didYouMean, list } from './suggest.ts'
import { OLD_BOOLEANS } from './traps.ts'
import type { Setting, Settings } from './var-source.ts'

/** What a host's `ansible_*` variables say, and the variables that are left. */
export interface Accessed {
  readonly address: string
  readonly access: Access
  readonly rest: Settings
}

/** Ansible's names, the older ones after the current one. */
const NAMES = {
  host: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  key: ['ansible_ssh_private_key_file', 'ansible_private_key_file'],
  password: ['ansible_password', 'ansible_ssh_password', 'ansible_ssh_pass'],
  connection: ['ansible_connection'],
  hostKey: ['ansible_host_key'],
  become: ['ansible_become'],
  becomeUser: ['ansible_become_user'],
  becomeMethod: ['ansible_become_method'],
  becomePassword: ['ansible_become_password', 'ansible_become_pass'],
} as const
/** Ansible's words, and ours for a transport of one's own choice. */
const CONNECTIONS = { ssh: 'auto', smart: 'auto', auto: 'auto', paramiko: 'ssh2', ssh2: 'ssh2', openssh: 'openssh', local: 'local' } as const
/** Arguments of ssh, in the order in which Ansible gives them. */
const SSH_ARGS = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'] as const
const UNDERSTOOD: ReadonlySet<string> = new Set([...Object.values(NAMES).flat(), ...SSH_ARGS])

/** Of no meaning here, because no Python and no files are used on the host: no warning. */
const NEEDLESS: ReadonlySet<string> = new Set(['ansible_python_interpreter', 'ansible_pipelining', 'ansible_ssh_pipelining', 'ansible_remote_tmp', 'ansible_shell_type'])

/** Reads a host's connection variables; mistakes are reported where they were written. */
export function readAccess(host: HostDraft, settings: Settings, { home, diagnostics }: { home: string; diagnostics: Diagnostic[] }): Accessed {
  const get = (names: readonly string[]): Setting | undefined => {
    const found = names.map(name => settings.get(name)).find(setting => setting !== undefined)
    return found?.value === null || found?.value === undefined ? undefined : found
  }
  const wrong = (setting: Setting, expected: string, hint?: string): undefined => {
    diagnostics.push(error(setting.source.at(), `expected ${expected}, got ${describe(setting.value)}`, hint))
    return undefined
  }
  const word = (names: readonly string[], expected: string): string | undefined => {
    const setting = get(names)
    if (!setting) return undefined
    // A leading `-` would be an option of ssh; white space, control characters and what means something to a shell have no place in a word: a ProxyCommand gets it.
    const text = plain(setting.value)
    if (typeof text === 'string' && /^[^-\s\p{Cc}{}'"`$;&<>|()][^\s\p{Cc}{}'"`$;&<>|()]*$/u.test(text)) return text
    return wrong(setting, expected, typeof setting.value === 'number' ? 'write it in quotes' : undefined)
  }
  const path = (names: readonly string[]): string | undefined => {
    const setting = get(names)
    if (!setting) return undefined
    const text = plain(setting.value)
    return typeof text === 'string' && text !== '' && !text.includes('\0') ? absolute(text, setting.source.at().file, home) : wrong(setting, 'the path of a private key')
  }
  const flag = (names: readonly string[]): boolean | undefined => {
    const setting = get(names)
    if (!setting || typeof setting.value === 'boolean') return setting?.value === true ? true : setting ? false : undefined
    const old = OLD_BOOLEANS.get(String(setting.value))
    if (old === undefined) return wrong(setting, 'true or false')
    diagnostics.push(warning(setting.source.at(), `${describe(setting.value)} is text in YAML 1.2; taken as ${old}`, `write ${old}`))
    return old
  }
  const password = (names: readonly string[]): Secret<string> | undefined => {
    const setting = get(names)
    if (!setting) return undefined
    const text = plain(setting.value)
    if (typeof text !== 'string') {
      diagnostics.push(error(setting.source.at([], 'key'), 'expected a password as text', 'digits need quotes to be text'))
      return undefined
    }
    if (!(setting.value instanceof Secret)) diagnostics.push(warning(setting.source.at([], 'key'), 'a password in plain text', 'use `!vault`, `!env NAME` or `!file PATH`'))
    return new Secret(text)
  }
  const oneOf = <const T extends string>(names: readonly string[], allowed: Readonly<Record<string, T>>): T | undefined => {
    const setting = get(names)
    if (!setting) return undefined
    const chosen = typeof setting.value === 'string' && Object.hasOwn(allowed, setting.value) ? allowed[setting.value] : undefined
    return chosen ?? wrong(setting, list(Object.keys(allowed), 9).replace(/, ([^,]+)$/, ' or $1'))
  }
  const port = (): number | undefined => {
    const setting = get(NAMES.port)
    if (!setting) return host.port
    const value = typeof setting.value === 'string' && /^\d+$/.test(setting.value) ? Number(setting.value) : setting.value
    return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535 ? value : wrong(setting, 'a port from 1 to 65535')
  }

  const hostKeyPins = (): Access['hostKeyPins'] => {
    const setting = get(NAMES.hostKey)
    if (!setting) return undefined
    const fingerprints = fingerprintsOf(plain(setting.value))
    const { file, line } = setting.source.at()
    return fingerprints ? { fingerprints, place: `${file}:${line}` } : wrong(setting, 'the fingerprint of a host key (SHA256:…), a public key, or a list of them', 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub prints it on the host')
  }

  const sshArgs = (name: string): SshArgs | undefined => {
    const setting = get([name])
    if (!setting) return undefined
    const text = plain(setting.value)
    if (typeof text !== 'string') return wrong(setting, 'arguments of ssh as text')
    const parsed = parseSshArgs(text, given => absolute(given, setting.source.at().file, home))
    if ('problem' in parsed) {
      once(error(setting.source.at(), parsed.problem, parsed.hint))
      return undefined
    }
    for (const option of parsed.weaker) once(warning(setting.source.at(), `\`${option}\` is left out: the keys of hosts are always checked`, '--accept-new takes the key of a host that was never seen before'))
    return parsed
  }
  // What a group says is said once, not for each of its hosts.
  const once = (found: Diagnostic): void => {
    if (!diagnostics.some(({ file, line, column, message }) => file === found.file && line === found.line && column === found.column && message === found.message)) diagnostics.push(found)
  }
  const args = SSH_ARGS.map(sshArgs).filter(parsed => parsed !== undefined)

  const access: Access = {
    knownHostsFile: args.find(({ knownHostsFile }) => knownHostsFile !== undefined)?.knownHostsFile,
    sshOptions: args.flatMap(({ options }) => options),
    sshConfigFile: args.find(({ configFile }) => configFile !== undefined)?.configFile,
    connection: oneOf(NAMES.connection, CONNECTIONS) ?? (host.name === 'localhost' ? 'local' : 'auto'),
    port: port(),
    hostKeyPins: hostKeyPins(),
    user: word(NAMES.user, 'the name of a user'),
    privateKeyFile: path(NAMES.key),
    password: password(NAMES.password),
    become: flag(NAMES.become),
    becomeUser: word(NAMES.becomeUser, 'the name of a user'),
    becomeMethod: oneOf(NAMES.becomeMethod, { sudo: 'sudo', su: 'su', doas: 'doas' }),
    becomePassword: password(NAMES.becomePassword),
  }
  const address = word(NAMES.host, 'an address or a host name') ?? host.name
  return { address, access, rest: new Map([...settings].filter(([name]) => !UNDERSTOOD.has(name))) }
}

/** Where a host is and who logs in is no secret, even if the file that says it is encrypted. */
function plain(value: unknown): unknown {
  return value instanceof Secret ? Secret.reveal<unknown>(value) : value
}

/** `ansible_*` variables that mean something to Ansible and nothing here: one warning each, at the first place. */
export function warnNotUnderstood(all: Iterable<Settings>, diagnostics: Diagnostic[]): void {
  const first = new Map<string, Setting>()
  for (const settings of all) for (const [name, setting] of settings) if (name.startsWith('ansible_') && !UNDERSTOOD.has(name) && !NEEDLESS.has(name) && !first.has(name)) first.set(name, setting)
  for (const [name, setting] of first) {
    const current = Object.values(NAMES).map(([known]) => known)
    const hint = name.includes('proxy') ? 'jump hosts are named in ssh_config, or in ansible_ssh_common_args: -J bastion' : didYouMean(name, current, `understood are ${list(current, current.length)}`)
    diagnostics.push(warning(setting.source.at([], 'key'), `\`${name}\` is not understood`, hint))
  }
}
