import type { ConnectFailure } from '../model/session.ts'
import { failure } from './failure.ts'
import type { Attempt } from './retry.ts'
import type { Target } from './target.ts'

/** What an ssh said until it ended. `debug` are its own lines about how it went, `words` is everything else. */
export interface Said {
  readonly words: string
  readonly debug: string
}

/** What ssh's last words mean. They are for people and change between versions: what is not known here is tried again, and told as it is. */
export function sshFailure({ words, debug }: Said, target: Target): Attempt<never> {
  const { name, user, address, port } = target
  const label = `${name} (${address}:${port})`
  const done = (reason: ConnectFailure['reason'], message: string, remedy: string): Attempt<never> => ({ type: 'done', result: failure(reason, message, remedy) })
  const told = short(words)
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|Offending \S+ key/i.test(words)) return changedKey({ words, debug }, { label, target })
  if (/revoked/i.test(words) && /host key/i.test(words)) return done('host-key', `${label} shows a revoked ${shownKey(debug)}: ${told}`, 'Do not connect: find out why this key is still in use.')
  if (/No \S+ host key is known for|Host key verification failed/i.test(words)) {
    const files = target.knownHostsFiles.join(', ') || 'no known_hosts file'
    return done('host-key', `${label} is unknown: it shows ${shownKey(debug)}, and ${files} has no line for it: ${told}`, `Compare the fingerprint with the host's console, then ssh-keyscan${port === 22 ? '' : ` -p ${port}`} ${address} >> ${target.knownHostsFiles[0] ?? '~/.ssh/known_hosts'}; or run once with --accept-new.`)
  }
  if (/Too many authentication failures/i.test(words)) return done('authentication', `${name} ended the login of ${user} after too many keys (${offered(debug)})`, 'Name the right private key instead of offering a whole agent.')
  if (/Permission denied|No more authentication methods|no supported authentication methods/i.test(words)) return done('authentication', `${name} did not accept ${user} with ${offered(debug)}: ${told}`, 'Check the user name and that its authorized_keys has the key.')
  if (/no matching .* found/i.test(words)) return done('unreachable', `${name} and the ssh here have no algorithm in common: ${told}`, "Allow in ssh_config what the host offers, or update its sshd.")
  if (/Could not resolve hostname|Name or service not known|nodename nor servname/i.test(words)) return done('unreachable', `there is no address for this name: ${told}`, 'Correct the address in the inventory, or the DNS.')
  if (/Bad configuration option|bad configuration options|Bad owner or permissions|unsupported option|keyword .* extra arguments|missing argument|hostname contains invalid|username contains invalid/i.test(words)) return done('unreachable', `ssh does not take its configuration: ${told}`, 'Correct ssh_config, or the options in the inventory.')
  return { type: 'again', why: told === '' ? 'ssh ended without a word' : told }
}

function changedKey(said: Said, { label, target }: { label: string; target: Target }): Attempt<never> {
  const offending = /Offending (\S+) key in (.+):(\d+)/.exec(said.words)
  const where = offending ? `${offending[2]}:${offending[3]}` : target.knownHostsFiles.join(', ')
  const known = target.port === 22 ? target.address : `[${target.address}]:${target.port}`
  return { type: 'done', result: failure(
    'host-key',
    `the host key of ${label} has changed: it shows ${shownKey(said.debug)}, known is another ${offending?.[1] ?? ''} key (${where})`,
    `If the host was reinstalled, check the fingerprint on its console and remove the old line: ssh-keygen -R '${known}' -f ${offending?.[2] ?? 'known_hosts'}. Otherwise somebody may be listening.`,
  ) }
}

/** `ED25519 key SHA256:…`, from `debug1: Server host key: ssh-ed25519 SHA256:…`. */
function shownKey(debug: string): string {
  const found = [...debug.matchAll(/^debug1: Server host (?:key|certificate): (\S+) (SHA256:\S+)/gm)].at(-1)
  return found ? `${(found[1] ?? '').replace(/^ssh-/, '').replace(/^ecdsa-sha2-nistp\d+/, 'ecdsa').toUpperCase()} key ${found[2]}` : 'a key'
}

/** The ways to log in that ssh tried. */
function offered(debug: string): string {
  const keys = [...debug.matchAll(/^debug1: Offering public key: (.+?) (?:\S+) SHA256:\S+(?: .*)?$/gm)].map(found => `key ${found[1]}`)
  const methods = [...debug.matchAll(/^debug1: Next authentication method: (\S+)$/gm)].map(found => found[1] ?? '').filter(method => method !== 'publickey' && method !== 'none')
  const all = [...new Set([...keys, ...methods.map(method => (method === 'password' || method === 'keyboard-interactive' ? 'the password' : method))])]
  return all.length > 0 ? all.join(', ') : 'anything that ssh has'
}

/** A few lines as one, without the frames of `@` and what a terminal would take for orders. */
export function short(words: string): string {
  // oxlint-disable-next-line no-control-regex -- what a host says must not steer a terminal
  const lines = words.split(/\r?\n/).map(line => line.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim())
  return lines.filter(line => line !== '' && !/^@+$/.test(line) && !/^@.*@$/.test(line)).slice(-4).join(' / ').slice(0, 600)
}
