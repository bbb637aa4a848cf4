import type { Member } from 'ts-play'
import type { ApiEndpoint } from '../outputs.ts'
import { nodeAddressOf } from './node-address.ts'

/**
 * Every name and address under which the API may ever be asked for, in the certificates from the first day: the endpoint can then move between
 * balancers, or fall back to a single control plane in an emergency, without new certificates.
 */
export function certificateNames({ endpoint, controlPlanes, balancers }: { endpoint: ApiEndpoint; controlPlanes: readonly Member[]; balancers: readonly Member[] }): string[] {
  const machines = [...controlPlanes, ...balancers].flatMap(member => [member.name.toLowerCase(), nodeAddressOf(member), member.address])
  return [...new Set([endpoint.name, ...(endpoint.address === undefined ? [] : [endpoint.address]), 'localhost', '127.0.0.1', ...machines])]
}
