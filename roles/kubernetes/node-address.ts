import type { Member } from 'ts-play'

/** A host's address inside the cluster: its variable `nodeAddress`, or the address it is reached at. */
export function nodeAddressOf({ address, vars }: Member): string {
  const own = vars['nodeAddress']
  return typeof own === 'string' ? own : address
}
