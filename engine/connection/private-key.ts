import { readFile } from 'node:fs/promises'
import type { ParsedKey } from 'ssh2'
import { Secret } from '../model/secret.ts'
import { messageOf } from './failure.ts'

export type ParseKey = (data: Buffer, passphrase?: string) => ParsedKey | Error

/** What a file that should hold a private key is good for. `publicKey` as a host or an agent names the key, where it can be told without a passphrase. */
export type KeyFile =
  | { readonly type: 'key'; readonly file: string; readonly key: ParsedKey }
  | { readonly type: 'encrypted'; readonly file: string; readonly publicKey: Buffer | undefined; readonly message: string; readonly remedy: string }
  | { readonly type: 'missing' | 'unusable'; readonly file: string; readonly message: string; readonly remedy: string }

/** Parsed once per file and run: an encrypted key costs its bcrypt rounds, in one thread, each time. */
const parsed = new Map<string, Promise<KeyFile>>()

/** Reads a key file, opened with a passphrase where one is given. Never throws for what is in the file. */
export function privateKey(file: string, passphrase: Secret<string> | undefined, parseKey: ParseKey): Promise<KeyFile> {
  const phrase = passphrase && Secret.reveal(passphrase)
  const id = JSON.stringify([file, phrase])
  const known = parsed.get(id) ?? readKey(file, phrase, parseKey)
  parsed.set(id, known)
  return known
}

async function readKey(file: string, phrase: string | undefined, parseKey: ParseKey): Promise<KeyFile> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (thrown) {
    const type = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT' ? 'missing' : 'unusable'
    return { type, file, message: `the private key ${file} cannot be read: ${messageOf(thrown)}`, remedy: 'Correct the path of the key in the inventory, or --private-key.' }
  }
  const unusable = (message: string, remedy: string): KeyFile => ({ type: 'unusable', file, message, remedy })
  const key = parseKey(bytes, phrase)
  if (!(key instanceof Error)) return key.isPrivateKey() ? { type: 'key', file, key } : unusable(`${file} holds a public key`, 'Name the private key: the file without .pub.')
  if (/no passphrase given/.test(key.message)) {
    return { type: 'encrypted', file, publicKey: publicPart(bytes) ?? (await publicFile(file, parseKey)), message: `the private key ${file} is encrypted and no passphrase was given`, remedy: `Add it to an ssh-agent (ssh-add ${file}), or run this on a terminal to be asked for its passphrase.` }
  }
  if (/passphrase|bad decrypt|integrity/i.test(key.message)) return unusable(`the passphrase for ${file} is wrong`, 'Give the right passphrase, or use an ssh-agent.')
  return unusable(`${file} is no private key this transport can use: ${key.message}`, 'Use an ed25519, ECDSA or RSA key here; FIDO keys and certificates need the system\'s ssh (ansible_connection: openssh).')
}

/** The public key in OpenSSH's format of private keys, where it is never encrypted: `openssh-key-v1`, cipher, KDF, its options, the number of keys, the key. */
function publicPart(pem: Buffer): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(pem.toString('latin1'))?.[1]
  if (body === undefined) return undefined
  const bytes = Buffer.from(body, 'base64')
  const magic = 'openssh-key-v1\0'
  if (!bytes.subarray(0, magic.length).equals(Buffer.from(magic))) return undefined
  let at = magic.length
  const next = (): Buffer | undefined => {
    if (at + 4 > bytes.length) return undefined
    const from = at + 4
    at = from + bytes.readUInt32BE(at)
    return at <= bytes.length ? bytes.subarray(from, at) : undefined
  }
  for (let fields = 0; fields < 3; fields++) if (next() === undefined) return undefined
  at += 4
  return next()
}

async function publicFile(file: string, parseKey: ParseKey): Promise<Buffer | undefined> {
  const bytes = await readFile(`${file}.pub`).catch(() => undefined)
  const key = bytes && parseKey(bytes)
  return key === undefined || key instanceof Error ? undefined : key.getPublicSSH()
}
