import type { Member } from 'ts-play'
import type { Strategy } from '../kubernetes/endpoint.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import type { ApiEndpoint, ClusterInfo } from '../outputs.ts'

export interface Choice {
  readonly endpoint: ApiEndpoint
  readonly strategy: Strategy
  readonly cluster: ClusterInfo
  readonly controlPlanes: readonly Member[]
  readonly bindPort: number
  readonly by: 'name' | 'address'
}

/**
 * Where a machine outside the cluster reaches the API. Balancers on the nodes' loopbacks help only the nodes, and several addresses are no address: there
 * it is the control plane that served this run, whose certificate has its address too.
 */
export function serverOf({ endpoint, strategy, cluster, controlPlanes, bindPort, by }: Choice): string {
  if (by === 'name' && strategy !== 'local') return `https://${endpoint.name}:${endpoint.port}`
  if (endpoint.address !== undefined) return `https://${endpoint.address}:${endpoint.port}`
  const server = controlPlanes.find(({ name }) => name === cluster.servedBy) ?? controlPlanes[0]
  return server === undefined ? `https://${endpoint.name}:${endpoint.port}` : `https://${nodeAddressOf(server)}:${bindPort}`
}
