import type { CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2'
import { hostKeyAlgorithms } from './host-key.ts'
import type { KnownHost } from './known-hosts.ts'
import type { Target } from './target.ts'

/** Group exchange is left out: its prime check blocks the event loop for seconds. */
const KEX: readonly KexAlgorithm[] = ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521', 'diffie-hellman-group14-sha256', 'diffie-hellman-group16-sha512', 'diffie-hellman-group18-sha512']
const CIPHERS: readonly CipherAlgorithm[] = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr']
const MACS: readonly MacAlgorithm[] = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512']

export interface Agreed {
  readonly kex: KexAlgorithm[]
  readonly cipher: CipherAlgorithm[]
  readonly hmac: MacAlgorithm[]
  readonly serverHostKey: ServerHostKeyAlgorithm[]
}

/** What to offer in a handshake: what ssh2 has and ssh_config allows, in our order; or what there is none of. */
export function algorithms({ algorithms: allowed }: Target, known: readonly KnownHost[], host: { address: string; port: number }): Agreed | { readonly missing: string } {
  const of = <T extends string>(ours: readonly T[], list: readonly string[] = []): T[] => ours.filter(name => list.length === 0 || list.includes(name))
  const agreed: Agreed = { kex: of(KEX, allowed?.kex), cipher: of(CIPHERS, allowed?.cipher), hmac: of(MACS, allowed?.mac), serverHostKey: of(hostKeyAlgorithms(known, host), allowed?.hostKey) }
  if (agreed.kex.length === 0) return { missing: 'key exchange (KexAlgorithms)' }
  if (agreed.cipher.length === 0) return { missing: 'cipher (Ciphers)' }
  // Those two have none beside them.
  if (agreed.hmac.length === 0 && agreed.cipher.some(cipher => cipher.endsWith('-ctr'))) return { missing: 'MAC (MACs)' }
  if (agreed.serverHostKey.length === 0) return { missing: 'host key type (HostKeyAlgorithms)' }
  return agreed
}
