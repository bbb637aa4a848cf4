import { output, type Secret, secret } from 'ts-play'
import type { K3sHealth } from '../k3s/health.ts'
import { either } from './either.ts'

/** What a k3s server needs to join: the cluster's token, which names its CA, and the secret that agents will show it. */
export interface K3sServerTicket {
  readonly token: Secret<string>
  readonly agentToken: Secret<string>
}
export const K3sServerTicket = output('k3s-server-ticket', (seed): K3sServerTicket => ({ token: secret`server-${seed}`, agentToken: secret`agent-${seed}` }))

/** What a k3s agent needs to join, and no more. */
export interface K3sAgentTicket {
  readonly token: Secret<string>
}
export const K3sAgentTicket = output('k3s-agent-ticket', (seed): K3sAgentTicket => ({ token: secret`node-${seed}` }))

/** How a host of a k3s cluster is. */
export const K3sHealthReport = output('k3s-health', (seed): K3sHealth => ({
  unit: seed, version: seed, endpoint: seed, holdsVip: either(seed, false, true), apiServer: seed, etcd: seed, members: [{ name: seed, voter: either(seed, false, true) }], alarms: [seed],
  nodes: [{ name: seed, ready: either(seed, false, true), version: seed }], node: either(seed, false, true), snapshot: either(seed, 1, 2),
}))
