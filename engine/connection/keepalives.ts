import { inside } from './insides.ts'

/**
 * Ends the questions that ssh2 asks a host from time to time, whose timer would keep the process until the host's end of the connection. What sets it anew
 * does so only while something can be written.
 *
 * @param client that was told to end
 * @returns false where ssh2 has no such thing
 */
export function stopKeepalives(client: object): boolean {
  const reset = inside(client, '_resetKA')
  if (typeof reset !== 'function') return false
  Reflect.apply(reset, client, [])
  return true
}
