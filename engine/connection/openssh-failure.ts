import type { ConnectFailure } from '../model/session.ts'
import { failure } from './failure.ts'
import { notPinned } from './host-key.ts'
import { fingerprint, readKnownHosts } from './known-hosts.ts'
import type { Attempt } from './retry.ts'
import type { Target } from './target.ts'

/** What an ssh said until it ended. */
export interface Said {
  /** What it says to everybody. */
  readonly words: string
  /** Its own lines about how it went. */
  readonly debug: string
  /** Whether a password was told. */
  readonly told: boolean
  /** Keys whose passphrase was told. */
  readonly opened: ReadonlySet<string>
}

/** What ssh's last words mean. They are for people and change between versions: what is not known here is tried again, and told as it is. */
export async function sshFailure(said: Said, target: Target): Promise<Attempt<never>> {
  const { words, debug } = said
  const { name, user, address, port } = target
  const label = `${name} (${address}:${port})`
  const done = (reason: ConnectFailure['reason'], message: string, remedy: string): Attempt<never> => ({ type: 'done', result: failure(reason, message, remedy) })
  const told = short(words)
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/i.test(words)) return { type: 'done', result: await changedKey(said, target) }
  if (/revoked/i.test(words) && /host key/i.test(words)) return done('host-key', `${label} shows a revoked ${shownKey(debug)}: ${told}`, 'Do not connect: find out why this key is still in use.')
  if (/No \S+ host key is known for|Host key verification failed/i.test(words)) {
    if (target.hostKeyPins) return { type: 'done', result: notPinned(label, shownKey(debug), target.hostKeyPins) }
    const files = target.knownHostsFiles.join(', ') || 'no known_hosts file'
    return done('host-key', `${label} is unknown: it shows ${shownKey(debug)}, and ${files} has no line for it: ${told}`, `Compare the fingerprint with the host's console, then ssh-keyscan${port === 22 ? '' : ` -p ${port}`} ${address} >> ${target.knownHostsFiles[0] ?? '~/.ssh/known_hosts'}; or run once with --accept-new.`)
  }
  if (/Too many authentication failures/i.test(words)) return done('authentication', `${name} ended the login of ${user} after too many keys (${tried(said)})`, 'Name the right private key instead of offering a whole agent.')
  if (/Permission denied|No more authentication methods|no supported authentication methods/i.test(words)) return refusedLogin(said, target)
  if (/no matching .* found/i.test(words)) return done('unreachable', `${name} and the ssh here have no algorithm in common: ${told}`, 'Allow in ssh_config what the host offers, or update its sshd.')
  if (/Could not resolve hostname/i.test(words)) return done('unreachable', `there is no address for this name: ${told}`, 'Correct the address in the inventory, or the DNS.')
  if (/bad configuration option|Bad owner or permissions|unsupported option|extra arguments|missing argument|contains invalid characters/i.test(words)) return done('unreachable', `ssh does not take its configuration: ${told}`, 'Correct ssh_config, or the options in the inventory.')
  return { type: 'again', why: told === '' ? 'ssh ended without a word' : told }
}

function refusedLogin(said: Said, { name, user }: Target): Attempt<never> {
  const done = (message: string, remedy: string): Attempt<never> => ({ type: 'done', result: failure('authentication', message, remedy) })
  // A key that the host would take, and that stayed closed.
  const taken = [...said.debug.matchAll(/^debug1: Server accepts key: (.+?) \S+ SHA256:/gm)].at(-1)?.[1]
  if (taken !== undefined && said.opened.has(taken)) return done(`the passphrase for ${taken} is wrong`, 'Give the right passphrase, or use an ssh-agent.')
  if (taken !== undefined) return done(`${name} would accept ${user} with key ${taken}, but that is encrypted and no passphrase was given`, `Add it to an ssh-agent (ssh-add ${taken}) or give its passphrase.`)
  return done(`${name} did not accept ${user} with ${tried(said)}: ${short(said.words)}`, 'Check the user name and that its authorized_keys has the key.')
}

async function changedKey({ words, debug }: Said, { name, address, port, knownHostsFiles }: Target): Promise<ConnectFailure> {
  const offending = /Offending (\S+) key in (.+):(\d+)/.exec(words)
  const [, type = '', file = knownHostsFiles[0] ?? 'known_hosts', line = ''] = offending ?? []
  const entries = await readKnownHosts([file]).catch(() => [])
  const old = entries.find(entry => String(entry.line) === line)
  const known = port === 22 ? address : `[${address}]:${port}`
  return failure(
    'host-key',
    `the host key of ${name} (${address}:${port}) has changed: it shows ${shownKey(debug)}, known is ${type} key ${old ? `${fingerprint(old.key)} ` : ''}(${file}:${line})`,
    `If the host was reinstalled, check the fingerprint on its console and remove the old line: ssh-keygen -R '${known}' -f ${file}. Otherwise somebody may be listening.`,
  )
}

/** `ED25519 key SHA256:…`, from `debug1: Server host key: ssh-ed25519 SHA256:…`. */
function shownKey(debug: string): string {
  const found = [...debug.matchAll(/^debug1: Server host (?:key|certificate): (\S+) (SHA256:\S+)/gm)].at(-1)
  return found ? `${(found[1] ?? '').replace(/^ssh-/, '').replace(/^ecdsa-sha2-nistp\d+/, 'ecdsa').toUpperCase()} key ${found[2]}` : 'a key'
}

/** The ways to log in that ssh tried. */
function tried({ debug, told }: Said): string {
  const keys = [...debug.matchAll(/^debug1: Offering public key: (.+?) (?:\S+) SHA256:\S+(?: .*)?$/gm)].map(found => `key ${found[1]}`)
  const others = [...debug.matchAll(/^debug1: Next authentication method: (\S+)$/gm)].map(found => found[1] ?? '').filter(method => !['publickey', 'none', 'password', 'keyboard-interactive'].includes(method))
  const all = [...new Set([...keys, ...others, ...(told ? ['the password'] : [])])]
  return all.length > 0 ? all.join(', ') : 'nothing that the host takes'
}

/** A few lines as one, without the frames of `@` and what a terminal would take for orders. */
export function short(words: string): string {
  // oxlint-disable-next-line no-control-regex -- what a host says must not steer a terminal
  const lines = words.split(/\r?\n/).map(line => line.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim())
  return lines.filter(line => line !== '' && !/^@+$/.test(line) && !/^@.*@$/.test(line)).slice(-4).join(' / ').slice(0, 600)
}
