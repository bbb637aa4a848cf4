import { createHash } from 'node:crypto'

/** The only keys that a host may show, whatever known_hosts says. */
export interface HostKeyPins {
  /** `SHA256:…` as `ssh-keygen -l` shows them. */
  readonly fingerprints: readonly string[]
  /** `FILE:LINE` of the inventory, for messages. */
  readonly place: string
}

/** `SHA256:…`, a public key as it stands in a `.pub` file, or a list of these; `undefined` when it is none. */
export function fingerprintsOf(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const found = list.map(each => (typeof each === 'string' ? fingerprintOf(each.trim()) : undefined))
  return found.length > 0 && found.every(each => each !== undefined) ? found : undefined
}

function fingerprintOf(text: string): string | undefined {
  const print = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(text)
  if (print) return `SHA256:${print[1]}`
  const key = /^(?:ssh|ecdsa|sk)-\S+ (AAAA[A-Za-z0-9+/]+=*)(?: .*)?$/.exec(text)?.[1]
  return key === undefined ? undefined : `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`
}
