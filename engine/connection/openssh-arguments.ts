import type { Target } from './target.ts'

/** Seconds between questions to a silent host, and how many may go unanswered before one more silence ends it: a dead one is known after 16 s, as over ssh2. */
const ALIVE = ['ServerAliveInterval=4', 'ServerAliveCountMax=3']

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
  /** The program that is the line to the host, where that is not for ssh to find. */
  readonly through: readonly string[] | undefined
}

/**
 * Arguments of the ssh that holds the connection. It reads its configuration itself, with what the inventory says before that; without one it is told
 * everything. `-v` tells what its error messages leave out: the fingerprint of an unknown key, what was tried.
 */
export function masterArguments({ target, socket, timeout, through }: Master): string[] {
  const { sshConfig, knownHostsFiles } = target
  const said = [
    `StrictHostKeyChecking=${target.acceptNew && !target.hostKeyPins ? 'accept-new' : 'yes'}`,
    ...OURS,
    `BatchMode=${asks(target) ? 'no' : 'yes'}`,
    // Where there is no password, no host can ask for a passphrase in its own words.
    ...(target.password ? [] : ['PasswordAuthentication=no', 'KbdInteractiveAuthentication=no']),
    `ConnectTimeout=${Math.max(1, Math.ceil(timeout / 1000))}`,
    ...ALIVE,
    ...(through ? [`ProxyCommand=${through.join(' ')}`] : []),
    ...(target.hostKeyPins ? pinned(target.hostKeyPins.fingerprints) : knownHostsFiles.length > 0 && target.knownHostsGiven ? knownHosts(knownHostsFiles) : []),
    ...(sshConfig ? sshConfig.options : explicit(target)),
  ]
  const file = sshConfig ? sshConfig.file : 'none'
  return ['-v', ...(file === undefined ? [] : ['-F', file]), '-M', '-S', socket, '-N', '-T', ...said.flatMap(option => ['-o', option]), '--', target.sshName ?? target.address]
}

/** Everything that ssh_config would say. */
function explicit({ knownHostsFiles, port, user, privateKeyFile, identityFiles = [], identityAgent, hostKeyAlias, addressFamily, bindAddress, proxy }: Target): string[] {
  const keys = [...(privateKeyFile === undefined ? [] : [privateKeyFile]), ...identityFiles]
  return [
    ...knownHosts(knownHostsFiles),
    `Port=${port}`, `User=${user}`,
    ...(keys.length === 0 ? ['IdentityFile=none'] : keys.map(key => `IdentityFile=${quoted(key)}`)),
    `IdentityAgent=${identityAgent === undefined ? 'none' : quoted(identityAgent)}`,
    ...(hostKeyAlias === undefined ? [] : [`HostKeyAlias=${hostKeyAlias}`]),
    ...(addressFamily === undefined ? [] : [`AddressFamily=${addressFamily === 4 ? 'inet' : 'inet6'}`]),
    ...(bindAddress === undefined ? [] : [`BindAddress=${bindAddress}`]),
    ...(proxy?.type === 'command' ? [`ProxyCommand=${proxy.command}`] : []),
  ]
}

/** The key that is shown is known if its fingerprint is one of these. What ssh puts in for `%` is base64 and the name that it was told. */
function pinned(fingerprints: readonly string[]): string[] {
  return ['UserKnownHostsFile=/dev/null', 'GlobalKnownHostsFile=/dev/null', `KnownHostsCommand=/bin/sh -c 'case $1 in ${['-', ...fingerprints].join('|')}) echo "$2 $3 $4" ;; esac' sh %f %H %t %K`]
}

function knownHosts(files: readonly string[]): string[] {
  return [`UserKnownHostsFile=${files.length > 0 ? files.map(quoted).join(' ') : '/dev/null'}`, 'GlobalKnownHostsFile=/dev/null']
}

/** Whether a question of ssh's can be answered. */
export function asks({ password, passphrase, passphrases }: Target): boolean {
  return password !== undefined || passphrase !== undefined || (passphrases !== undefined && passphrases.size > 0)
}

/**
 * Arguments of an ssh that runs one command over the connection of another. Where that is gone it ends: left to itself, ssh would make a connection of
 * its own, without a word.
 */
export function channelArguments({ socket, address, command, terminal }: { socket: string; address: string; command: string; terminal: boolean }): string[] {
  const said = ['ControlMaster=no', 'ProxyCommand=false', 'BatchMode=yes', 'StrictHostKeyChecking=yes', 'LogLevel=ERROR']
  return ['-F', 'none', '-S', socket, ...said.flatMap(option => ['-o', option]), '-e', 'none', terminal ? '-tt' : '-T', '--', address, command]
}

/**
 * Arguments of an ssh whose stdin and stdout become a line to a host behind the connection of another. In ssh's own words for a command there is nothing in
 * them that a shell would care for.
 */
export function throughArguments(socket: string, destination: string): string[] {
  return ['-F', 'none', '-S', socket, '-o', 'ControlMaster=no', '-o', 'ProxyCommand=false', '-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR', '-W', destination, 'bastion']
}

/** A path as ssh's options take it: in quotes, `%` not meant as a token. */
export function quoted(path: string): string {
  return `"${path.replaceAll('%', '%%').replaceAll(/["\\]/g, String.raw`\$&`)}"`
}
