import type { Target } from './target.ts'

/** Seconds between questions to a silent host, and how many may go unanswered: a dead one is known within 16 s, as over ssh2. */
const ALIVE = ['ServerAliveInterval=4', 'ServerAliveCountMax=4']

/**
 * What is ours to say, whatever a configuration holds: host keys are checked and never silently learnt, nothing but the program that we name runs on the
 * host or here because of this connection, and nothing of the controller's is opened to the host.
 */
const OURS = [
  'UpdateHostKeys=no', 'VerifyHostKeyDNS=no', 'NoHostAuthenticationForLocalhost=no', 'CheckHostIP=no', 'NumberOfPasswordPrompts=1', 'ConnectionAttempts=1', 'ClearAllForwardings=yes',
  'ForwardAgent=no', 'ForwardX11=no', 'Tunnel=no', 'PermitLocalCommand=no', 'RemoteCommand=none', 'RequestTTY=no', 'AddKeysToAgent=no', 'ControlPersist=no',
]

interface Master {
  readonly target: Target
  readonly socket: string
  /** Milliseconds for the handshake. */
  readonly timeout: number
}

/** Arguments of the ssh that holds the connection. `-v` tells what its error messages leave out: the fingerprint of an unknown key, what was tried. */
export function masterArguments({ target, socket, timeout }: Master): string[] {
  const { knownHostsFiles, privateKeyFile, identityAgent } = target
  const said = [
    `StrictHostKeyChecking=${target.acceptNew ? 'accept-new' : 'yes'}`,
    ...OURS,
    `BatchMode=${asks(target) ? 'no' : 'yes'}`,
    // Where there is no password, no host can ask for a passphrase in its own words.
    ...(target.password ? [] : ['PasswordAuthentication=no', 'KbdInteractiveAuthentication=no']),
    `ConnectTimeout=${Math.max(1, Math.ceil(timeout / 1000))}`,
    ...ALIVE,
    `UserKnownHostsFile=${knownHostsFiles.length > 0 ? knownHostsFiles.map(quoted).join(' ') : '/dev/null'}`, 'GlobalKnownHostsFile=/dev/null',
    `Port=${target.port}`, `User=${target.user}`,
    `IdentityFile=${privateKeyFile === undefined ? 'none' : quoted(privateKeyFile)}`, `IdentityAgent=${identityAgent === undefined ? 'none' : quoted(identityAgent)}`,
  ]
  return ['-v', '-F', 'none', '-M', '-S', socket, '-N', '-T', ...said.flatMap(option => ['-o', option]), '--', target.address]
}

/** Whether a question of ssh's can be answered. */
export function asks({ password, passphrase }: Target): boolean {
  return password !== undefined || passphrase !== undefined
}

/**
 * Arguments of an ssh that runs one command over the connection of another. Where that is gone it ends: left to itself, ssh would make a connection of
 * its own, without a word.
 */
export function channelArguments({ socket, address, command, terminal }: { socket: string; address: string; command: string; terminal: boolean }): string[] {
  const said = ['ControlMaster=no', 'ProxyCommand=false', 'BatchMode=yes', 'StrictHostKeyChecking=yes', 'LogLevel=ERROR']
  return ['-F', 'none', '-S', socket, ...said.flatMap(option => ['-o', option]), '-e', 'none', terminal ? '-tt' : '-T', '--', address, command]
}

/** A path as ssh's options take it: in quotes, `%` not meant as a token. */
export function quoted(path: string): string {
  return `"${path.replaceAll('%', '%%').replaceAll(/["\\]/g, String.raw`\$&`)}"`
}
