import { createSecretKey } from 'node:crypto'
import { inside } from './insides.ts'

/** Where ssh2 keeps what encrypts and what decrypts a connection, and their keys. */
const PLACES = [['_cipher', '_encKey'], ['_decipher', '_decipherKey']] as const

/**
 * Gives ssh2's ciphers key objects in the place of bytes. It makes a cipher anew for each packet of AES-GCM, and for bytes node throws two errors inside and
 * catches them, with their stacks, to see that they are no key object: most of what making one takes, and an eighth of what sending a file does.
 *
 * These fields are ssh2's own. Where they are not as expected nothing happens, and all goes on as it was.
 *
 * @param client after a handshake, and again after each new exchange of keys
 */
export function easeCiphers(client: object): void {
  const protocol = inside(client, '_protocol')
  for (const [part, name] of PLACES) {
    const cipher = inside(protocol, part)
    const key = inside(cipher, name)
    if (typeof cipher === 'object' && cipher !== null && key instanceof Uint8Array) Reflect.set(cipher, name, createSecretKey(key))
  }
}
