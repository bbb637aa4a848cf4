import { createHash, createHmac, randomBytes } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** One line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  readonly file: string
  /** 1-based. */
  readonly line: number
  readonly marker: 'key' | 'revoked' | 'cert-authority'
  /** Comma-separated patterns, or one hashed name. */
  readonly hosts: string
  /** `ssh-ed25519`, `ssh-rsa`, … */
  readonly keyType: string
  readonly key: Buffer
}

/** Reads several files in order. A missing file is an empty one; lines that are no entry are passed over, as OpenSSH does. */
export async function readKnownHosts(files: readonly string[]): Promise<KnownHost[]> {
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8').catch((thrown: unknown) => missing(thrown))))
  return texts.flatMap((text, index) => parseKnownHosts(text, files[index] ?? ''))
}

/** Parses one file's text. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((line, index): KnownHost[] => {
    const words = line.trim().split(/\s+/)
    if (!words[0] || words[0].startsWith('#')) return []
    const marker = words[0].startsWith('@') ? words.shift() : ''
    const [hosts, keyType, encoded] = words
    if (!hosts || !keyType || !encoded || !/^[A-Za-z0-9+/]+=*$/.test(encoded)) return []
    if (marker !== '' && marker !== '@revoked' && marker !== '@cert-authority') return []
    return [{ file, line: index + 1, marker: marker === '' ? 'key' : marker === '@revoked' ? 'revoked' : 'cert-authority', hosts, keyType, key: Buffer.from(encoded, 'base64') }]
  })
}

/** The name a host has in known_hosts: `[address]:port` away from port 22. */
export function knownName(address: string, port: number): string {
  return port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`
}

/** Whether an entry's host field names `name` (as `knownName` gives it): hashed, or patterns with `*`, `?` and `!`. */
export function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = hosts.split('|')
    return hmac(Buffer.from(salt, 'base64'), name) === hash
  }
  const patterns = hosts.toLowerCase().split(',')
  const hit = (pattern: string): boolean => wildcard(pattern, name)
  if (patterns.some(pattern => pattern.startsWith('!') && hit(pattern.slice(1)))) return false
  return patterns.some(pattern => !pattern.startsWith('!') && hit(pattern))
}

/** What `HashKnownHosts yes` writes instead of a name, salted anew each time (sshd(8)): who reads the file does not learn which hosts there are. */
export function hashedName(name: string): string {
  const salt = randomBytes(20)
  return `|1|${salt.toString('base64')}|${hmac(salt, name)}`
}

function hmac(salt: Buffer, name: string): string {
  return createHmac('sha1', salt).update(name).digest('base64')
}

/** `*` and `?` only; linear, whatever the pattern. */
function wildcard(pattern: string, text: string): boolean {
  let [p, t, star, mark] = [0, 0, -1, 0]
  while (t < text.length) {
    if (pattern[p] === '*') [star, mark] = [p++, t]
    else if (pattern[p] === '?' || pattern[p] === text[t]) [p, t] = [p + 1, t + 1]
    else if (star >= 0) [p, t] = [star + 1, ++mark]
    else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** `SHA256:…` as ssh-keygen -l shows it. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** The type that a public key's bytes say they have. */
export function keyTypeOf(key: Buffer): string {
  return key.length < 4 ? '' : key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1')
}

/** Adds a line for a new host; file 0600, folder 0700 where they are made by this. */
export async function appendKnownHost(file: string, name: string, key: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const line = `${name} ${keyTypeOf(key)} ${key.toString('base64')}\n`
  await using handle = await open(file, 'a+', 0o600)
  const { size } = await handle.stat()
  const end = size === 0 ? Buffer.from('\n') : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer
  // One write, which the system puts behind whatever others wrote: lines of many hosts, and of other runs, stay whole. An empty line more hurts nobody.
  await handle.writeFile(end.toString() === '\n' ? line : `\n${line}`)
}

function missing(thrown: unknown): string {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return ''
  throw thrown
}
