import { createHash } from 'node:crypto'

/**
 * The fingerprints of all primary keys in a text of ASCII-armored OpenPGP public keys, as a verifier that is given the text would trust them: whoever
 * trusts a text for its fingerprint has to know that there is no second key behind the first. Empty where the text cannot be read to its end.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9580#name-fingerprints: of a key of version 4, SHA-1 over 0x99, a length of two bytes and the key packet's body
 */
export function fingerprintsOf(armored: string): readonly string[] {
  const blocks = [...armored.matchAll(/-----BEGIN PGP PUBLIC KEY BLOCK-----([^]*?)-----END PGP PUBLIC KEY BLOCK-----/g)].map(([, inside = '']) => packetsOf(inside))
  const keys = blocks.flatMap(packets => packets ?? []).filter(packet => packet.tag === PUBLIC_KEY)
  if (blocks.includes(undefined) || keys.some(({ body }) => body[0] !== 4)) return []
  return keys.map(({ body }) => {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(body.length)
    return createHash('sha1').update(Buffer.from([0x99])).update(length).update(body).digest('hex').toUpperCase()
  })
}

const PUBLIC_KEY = 6

interface Packet {
  readonly tag: number
  readonly body: Buffer
}

/** Headers, an empty line, base64, and perhaps a checksum. */
function packetsOf(block: string): readonly Packet[] | undefined {
  const text = /^[ \t]*\r?\n(?:[^\r\n]+: [^\r\n]*\r?\n)*[ \t]*\r?\n([A-Za-z0-9+/=\r\n]+?)(?:\r?\n=[A-Za-z0-9+/]{4})?\s*$/.exec(block)?.[1]
  if (text === undefined) return undefined
  const packets: Packet[] = []
  for (let rest = Buffer.from(text, 'base64'); rest.length > 0; ) {
    const size = header(rest)
    if (size === undefined || size.from + size.length > rest.length) return undefined
    packets.push({ tag: size.tag, body: rest.subarray(size.from, size.from + size.length) })
    rest = rest.subarray(size.from + size.length)
  }
  return packets
}

/** Packet headers come in an old and a new format; keys are written in either. Lengths that are not told beforehand are for data, not for keys. */
function header(bytes: Buffer): { readonly tag: number; readonly from: number; readonly length: number } | undefined {
  const [head = 0, first = 0, second = 0] = bytes
  if ((head & 0x80) === 0) return undefined
  if ((head & 0x40) === 0) {
    const width = [1, 2, 4][head & 0x03]
    return width === undefined || bytes.length <= width ? undefined : { tag: (head >> 2) & 0x0f, from: 1 + width, length: bytes.readUIntBE(1, width) }
  }
  const tag = head & 0x3f
  if (first < 192) return { tag, from: 2, length: first }
  if (first < 224) return { tag, from: 3, length: ((first - 192) << 8) + second + 192 }
  return first === 255 && bytes.length > 5 ? { tag, from: 6, length: bytes.readUInt32BE(2) } : undefined
}
