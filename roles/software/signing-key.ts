import { createHash } from 'node:crypto'

/** The key that signs pkgs.k8s.io, the same for every minor version. Its expiry is prolonged now and then, its fingerprint stays. */
export const kubernetesFingerprint = 'DE15B14486CD377B9E876E1A234654DA9A296436'

/**
 * The fingerprint of the primary key in an ASCII-armored OpenPGP public key.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9580#name-fingerprints: SHA-1 over 0x99, a length of two bytes and the body of the key packet (version 4)
 */
export function fingerprintOf(armored: string): string | undefined {
  const body = /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\n]+\n)*?\r?\n([A-Za-z0-9+/=\r\n]+?)\r?\n=[A-Za-z0-9+/]{4}\r?\n/.exec(`${armored}\n`)?.[1]
  if (body === undefined) return undefined
  const packet = firstPacket(Buffer.from(body, 'base64'))
  if (packet?.tag !== 6 || packet.body[0] !== 4) return undefined
  const length = Buffer.alloc(2)
  length.writeUInt16BE(packet.body.length)
  return createHash('sha1').update(Buffer.from([0x99])).update(length).update(packet.body).digest('hex').toUpperCase()
}

/** Packet headers come in an old and a new format; keys are written in either. */
function firstPacket(bytes: Buffer): { readonly tag: number; readonly body: Buffer } | undefined {
  const [head = 0, first = 0, second = 0] = bytes
  const body = (from: number, length: number) => bytes.subarray(from, from + length)
  if ((head & 0x80) === 0) return undefined
  if ((head & 0x40) === 0) {
    const tag = (head >> 2) & 0x0f
    const sizes = [1, 2, 4]
    const width = sizes[head & 0x03]
    return width === undefined ? undefined : { tag, body: body(1 + width, bytes.readUIntBE(1, width)) }
  }
  const tag = head & 0x3f
  if (first < 192) return { tag, body: body(2, first) }
  if (first < 224) return { tag, body: body(3, ((first - 192) << 8) + second + 192) }
  return first === 255 ? { tag, body: body(6, bytes.readUInt32BE(2)) } : undefined
}
