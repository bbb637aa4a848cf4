import { inside, replace } from './insides.ts'

/** What is signed with it, by the name that a signature of RSA has. */
const HASHES: ReadonlyMap<unknown, string> = new Map([['ssh-rsa', 'sha1'], ['rsa-sha2-256', 'sha256'], ['rsa-sha2-512', 'sha512']])

/**
 * Has ssh2 offer the keys it holds along with their signature (RFC 4252 §7), where it would first ask whether a host takes one: a round trip less. An agent's
 * keys are still asked about first, as a person may have to agree to each signature.
 *
 * @param client that was told to connect
 */
export function signAtOnce(client: object): void {
  replace(inside(client, '_protocol'), 'authPK', own => (user, key, algorithm, sign) => {
    const signing = sign === undefined && typeof algorithm !== 'function' ? signer(key) : undefined
    if (!signing) return own(user, key, algorithm, sign)
    return own(user, key, algorithm, (data: unknown, send: unknown) => {
      const signature = signing(data, HASHES.get(algorithm))
      // The way that asks first has the words for it.
      if (!(signature instanceof Uint8Array) || typeof send !== 'function') return own(user, key, algorithm)
      return Reflect.apply(send, undefined, [signature])
    })
  })
}

/** How a key signs; `undefined` where its private part is not here. */
function signer(key: unknown): ((data: unknown, hash: string | undefined) => unknown) | undefined {
  const [sign, isPrivate] = [inside(key, 'sign'), inside(key, 'isPrivateKey')]
  if (typeof sign !== 'function' || typeof isPrivate !== 'function' || Reflect.apply(isPrivate, key, []) !== true) return undefined
  return (data, hash) => Reflect.apply(sign, key, [data, hash])
}
