import type { ServerHostKeyAlgorithm } from 'ssh2'
import type { ConnectFailure } from '../model/session.ts'
import { failure } from './failure.ts'
import { fingerprint, keyTypeOf, knownName, matches, readKnownHosts, type KnownHost } from './known-hosts.ts'

/** What known_hosts says about a key that a host has shown. */
export type HostKeyVerdict = { readonly type: 'trusted' } | { readonly type: 'unknown' } | { readonly type: 'refused'; readonly failure: ConnectFailure }

/** A host whose key is judged. */
export interface JudgedHost {
  readonly label: string
  readonly address: string
  readonly port: number
  readonly pins?: { readonly fingerprints: readonly string[]; readonly place: string } | undefined
}

/** The entries that speak about a host, strictest first: a port of its own, and only without any such entry the plain name (as OpenSSH looks them up). */
export function entriesFor(entries: readonly KnownHost[], { address, port }: { address: string; port: number }): { readonly own: readonly KnownHost[]; readonly plain: readonly KnownHost[] } {
  const named = (name: string): KnownHost[] => entries.filter(entry => matches(entry.hosts, name))
  const own = named(knownName(address, port))
  return { own, plain: port !== 22 && !own.some(({ marker }) => marker === 'key') ? named(address.toLowerCase()) : [] }
}

/**
 * Judges a host's key. Strict: only a key that is written down for this host, and not revoked, is trusted.
 *
 * @param host.label how messages name the host
 * @param host.pins the only keys it may show, whatever known_hosts says of others
 */
export function judgeHostKey(entries: readonly KnownHost[], host: JudgedHost, key: Buffer): HostKeyVerdict {
  const { own, plain } = entriesFor(entries, host)
  const all = [...own, ...plain]
  const shown = `${short(keyTypeOf(key))} key ${fingerprint(key)}`
  const refuse = (message: string, remedy: string): HostKeyVerdict => ({ type: 'refused', failure: failure('host-key', message, remedy) })
  const revoked = all.find(entry => entry.marker === 'revoked' && entry.key.equals(key))
  if (revoked) return refuse(`${host.label} shows a revoked ${shown} (${place(revoked)})`, 'Do not connect: find out why this key is still in use.')
  const { pins } = host
  if (pins?.fingerprints.includes(fingerprint(key))) return { type: 'trusted' }
  if (pins) {
    return { type: 'refused', failure: notPinned(host.label, shown, pins) }
  }
  const usable = all.filter(({ marker }) => marker === 'key')
  if (usable.some(entry => entry.key.equals(key))) return { type: 'trusted' }
  const old = own.filter(({ marker }) => marker === 'key')
  if (old.length > 0) {
    const same = old.filter(entry => entry.keyType === keyTypeOf(key))
    const known = (same.length > 0 ? same : old).map(entry => `${short(entry.keyType)} key ${fingerprint(entry.key)} (${place(entry)})`).join(', ')
    return refuse(
      `the host key of ${host.label} has changed: it shows ${shown}, known is ${known}`,
      `If the host was reinstalled, check the fingerprint on its console and remove the old line: ssh-keygen -R '${knownName(host.address, host.port)}' -f ${old[0]?.file ?? 'known_hosts'}. Otherwise somebody may be listening.`,
    )
  }
  const authority = all.find(({ marker }) => marker === 'cert-authority')
  if (authority) {
    return refuse(
      `${host.label} is known only by a certificate authority (${place(authority)}), and host certificates are not supported by this transport; it shows ${shown}`,
      `Add the host's plain key to known_hosts: ${keyscan(host)}`,
    )
  }
  return { type: 'unknown' }
}

/** The failure for a key that is none of those that the inventory allows. @param shown the key in words */
export function notPinned(label: string, shown: string, { fingerprints, place: where }: NonNullable<JudgedHost['pins']>): ConnectFailure {
  return failure(
    'host-key',
    `the host key of ${label} is not the one in the inventory: it shows ${shown}, pinned is ${fingerprints.join(' or ') || 'only what was revoked'} (${where})`,
    `If that is its key, by its console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), correct ansible_host_key in ${where}. Otherwise somebody may be listening.`,
  )
}

/** A target whose pinned keys are those that nobody has revoked: for a transport that cannot judge by both at once. */
export async function withoutRevoked<T extends { readonly hostKeyPins?: NonNullable<JudgedHost['pins']>; readonly address: string; readonly port: number; readonly hostKeyAlias?: string; readonly knownHostsFiles: readonly string[] }>(target: T): Promise<T> {
  const { hostKeyPins, hostKeyAlias } = target
  if (!hostKeyPins) return target
  const { own, plain } = entriesFor(await readKnownHosts(target.knownHostsFiles), { address: hostKeyAlias ?? target.address, port: hostKeyAlias === undefined ? target.port : 22 })
  const revoked = new Set([...own, ...plain].filter(({ marker }) => marker === 'revoked').map(({ key }) => fingerprint(key)))
  return { ...target, hostKeyPins: { ...hostKeyPins, fingerprints: hostKeyPins.fingerprints.filter(print => !revoked.has(print)) } }
}

/** The failure for a host that nothing is known about. */
export function unknownHost(host: { label: string; address: string; port: number; files: readonly string[] }, key: Buffer): ConnectFailure {
  return failure(
    'host-key',
    `${host.label} is unknown: it shows ${short(keyTypeOf(key))} key ${fingerprint(key)}, and ${host.files.join(', ') || 'no known_hosts file'} has no line for ${knownName(host.address, host.port)}`,
    `Compare the fingerprint with the host's console, then ${keyscan(host)} >> ${host.files[0] ?? '~/.ssh/known_hosts'}; or run once with --accept-new.`,
  )
}

/**
 * The server-key algorithms to offer: those of known keys first, because a host that has several keys would else show one that is not written down.
 * SHA-1 signatures (`ssh-rsa`) are not offered.
 */
export function hostKeyAlgorithms(entries: readonly KnownHost[], host: { address: string; port: number }): ServerHostKeyAlgorithm[] {
  const { own, plain } = entriesFor(entries, host)
  const types = new Set([...own, ...plain].filter(({ marker }) => marker === 'key').map(({ keyType }) => keyType))
  const known = (name: string): boolean => types.has(name.startsWith('rsa-') ? 'ssh-rsa' : name)
  return [...ALGORITHMS.filter(known), ...ALGORITHMS.filter(name => !known(name))]
}

const ALGORITHMS: readonly ServerHostKeyAlgorithm[] = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256']

function keyscan({ address, port }: { address: string; port: number }): string {
  return `ssh-keyscan${port === 22 ? '' : ` -p ${port}`} ${address}`
}
function place({ file, line }: KnownHost): string {
  return `${file}:${line}`
}
/** `ssh-ed25519` → `ED25519`, as OpenSSH prints it. */
function short(keyType: string): string {
  return keyType.replace(/^ssh-/, '').replace(/^ecdsa-sha2-nistp\d+$/, 'ecdsa').replaceAll(/[^A-Za-z0-9@._-]/g, '?').slice(0, 40).toUpperCase()
}
