import { access, readFile } from 'node:fs/promises'

/** What a private key's file is, as far as that can be seen without its passphrase. */
export interface KeyFile {
  readonly kind: 'plain' | 'encrypted' | 'fido' | 'public' | 'missing' | 'unknown'
  /** Whether `FILE-cert.pub` is beside it, which ssh would log in with. */
  readonly certificate: boolean
}

export async function inspectKeyFile(file: string): Promise<KeyFile> {
  const [text, certificate] = await Promise.all([readFile(file, 'latin1').catch(() => undefined), access(`${file}-cert.pub`).then(() => true, () => false)])
  return { kind: text === undefined ? 'missing' : kindOf(text), certificate }
}

function kindOf(text: string): KeyFile['kind'] {
  const body = /-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)
  if (!body) return /^(?:ssh|ecdsa|sk)-\S+ AAAA/.test(text) ? 'public' : 'unknown'
  const [, type = '', inside = ''] = body
  if (!type.startsWith('OPENSSH')) return type.startsWith('ENCRYPTED') || inside.includes('Proc-Type: 4,ENCRYPTED') ? 'encrypted' : 'plain'
  const bytes = Buffer.from(inside, 'base64').toString('latin1')
  // The public half is in the open, the cipher's name is the first thing after the magic.
  if (/sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com/.test(bytes)) return 'fido'
  return bytes.startsWith('openssh-key-v1\0\0\0\0\u0004none') ? 'plain' : 'encrypted'
}
