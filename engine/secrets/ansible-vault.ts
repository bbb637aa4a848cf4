import { createCipheriv, createDecipheriv, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Secret } from '../model/secret.ts'

/**
 * The ansible-vault format, versions 1.1 and 1.2 (which adds a label): PBKDF2-SHA256 with 10,000 rounds gives the
 * keys of AES-256-CTR and HMAC-SHA256. Source: ansible's `parsing/vault/__init__.py`; checked against vectors it made.
 */
export type Opened = { readonly plain: Secret<string> } | { readonly problem: string; readonly hint: string }

/** What an envelope says before it is opened. */
export interface Envelope {
  /** The vault id of format 1.2. */
  readonly label: string | undefined
  readonly salt: Uint8Array
  readonly mac: Uint8Array
  readonly ciphertext: Uint8Array
}

const ROUNDS = 10_000
const KEY = 32
const BLOCK = 16
const WIDTH = 80
const derive = promisify(pbkdf2)

/** Encrypts text; what comes out is the same for `ansible-vault decrypt`. */
export async function encryptVault(plain: Secret<string>, password: Secret<string>, options: { label?: string } = {}): Promise<string> {
  const salt = randomBytes(32)
  const keys = await deriveKeys(password, salt)
  const cipher = createCipheriv('aes-256-ctr', keys.cipher, keys.counter)
  const ciphertext = Buffer.concat([cipher.update(pad(Buffer.from(Secret.reveal(plain), 'utf8'))), cipher.final()])
  const mac = createHmac('sha256', keys.mac).update(ciphertext).digest()
  const body = Buffer.from([salt, mac, ciphertext].map(part => part.toString('hex')).join('\n')).toString('hex')
  const header = options.label === undefined ? '$ANSIBLE_VAULT;1.1;AES256' : `$ANSIBLE_VAULT;1.2;AES256;${options.label}`
  return `${[header, ...(body.match(new RegExp(`.{1,${WIDTH}}`, 'g')) ?? [])].join('\n')}\n`
}

/** Decrypts an envelope. A wrong password and a changed envelope cannot be told apart: the MAC fails for both. */
export async function decryptVault(text: string, password: Secret<string>): Promise<Opened> {
  const envelope = readEnvelope(text)
  return 'problem' in envelope ? envelope : await openEnvelope(envelope, password)
}

export async function openEnvelope(envelope: Envelope, password: Secret<string>): Promise<Opened> {
  const keys = await deriveKeys(password, envelope.salt)
  const mac = createHmac('sha256', keys.mac).update(envelope.ciphertext).digest()
  if (mac.length !== envelope.mac.length || !timingSafeEqual(mac, envelope.mac)) {
    return { problem: `wrong vault password${envelope.label === undefined ? '' : ` for vault id \`${envelope.label}\``}, or the vaulted text was changed`, hint: 'check the password: ansible-vault view FILE must open it too' }
  }
  const decipher = createDecipheriv('aes-256-ctr', keys.cipher, keys.counter)
  const plain = unpad(Buffer.concat([decipher.update(envelope.ciphertext), decipher.final()]))
  try {
    return { plain: new Secret(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain)) }
  } catch {
    return { problem: 'the vaulted value is not UTF-8 text', hint: 'binary files cannot be variables: encode it before it is encrypted' }
  }
}

/** Reads header and hex lines; white space around lines does not matter, as a YAML block may indent them. */
export function readEnvelope(text: string): Envelope | { readonly problem: string; readonly hint: string } {
  const [header = '', ...lines] = text.trim().split(/\s*\n\s*/)
  const [magic, version, cipher, label] = header.split(';')
  const wrong = (problem: string, hint = 'make it with: ansible-vault encrypt_string --stdin-name NAME'): { problem: string; hint: string } => ({ problem, hint })
  if (magic !== '$ANSIBLE_VAULT') return wrong('not a vaulted value: it does not begin with $ANSIBLE_VAULT')
  if (version !== '1.1' && version !== '1.2') return wrong(`vault format ${version ?? 'without a version'} is not known`, 'known are 1.1 and 1.2: ansible-vault rekey writes them')
  if (cipher !== 'AES256') return wrong(`vault cipher ${cipher ?? 'without a name'} is not known`, 'known is AES256: ansible-vault rekey writes it')
  const parts = fromHex(lines.join(''))?.toString('latin1').split('\n').map(fromHex)
  const [salt, mac, ciphertext] = parts ?? []
  if (parts?.length !== 3 || !salt || !mac || !ciphertext || ciphertext.length === 0 || ciphertext.length % BLOCK !== 0) return wrong('the vaulted value is damaged: salt, MAC and ciphertext are not all there')
  return { label, salt, mac, ciphertext }
}

async function deriveKeys(password: Secret<string>, salt: Uint8Array): Promise<{ cipher: Buffer; mac: Buffer; counter: Buffer }> {
  const bytes = await derive(Secret.reveal(password), salt, ROUNDS, 2 * KEY + BLOCK, 'sha256')
  return { cipher: bytes.subarray(0, KEY), mac: bytes.subarray(KEY, 2 * KEY), counter: bytes.subarray(2 * KEY) }
}

function fromHex(text: string): Buffer | undefined {
  return /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : undefined
}

/** PKCS#7: Ansible pads although CTR would not need it. */
function pad(bytes: Buffer): Buffer {
  const missing = BLOCK - (bytes.length % BLOCK)
  return Buffer.concat([bytes, Buffer.alloc(missing, missing)])
}

function unpad(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.max(0, bytes.length - (bytes.at(-1) ?? 0)))
}
