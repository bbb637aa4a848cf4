import { optional, role } from 'ts-play'
import { nodeAddress } from '../kubernetes/variables.ts'
import { ApiEndpoint, ClusterInfo, WorkerTicket } from '../outputs.ts'

/** Joins a worker to the cluster; any number at a time. */
export const workerJoin = role('worker-join', {
  vars: { nodeAddress },
  inputs: { endpoint: ApiEndpoint, cluster: ClusterInfo, ticket: optional(WorkerTicket) },
  neededWhen: { ticket: () => true },
  tasks: () => [],
})
