import { byHost, optional, role } from 'ts-play'
import { bindPort, nodeAddress } from '../kubernetes/variables.ts'
import { ApiEndpoint, ClusterInfo, ControlPlaneTicket, EtcdLayout, Membership } from '../outputs.ts'

/** Joins a control plane to the cluster, one at a time, between two looks at etcd. */
export const controlPlaneJoin = role('control-plane-join', {
  vars: { bindPort, nodeAddress },
  inputs: { endpoint: ApiEndpoint, cluster: ClusterInfo, survey: byHost(Membership), etcd: EtcdLayout, ticket: optional(ControlPlaneTicket) },
  neededWhen: { ticket: ({ host, inputs }) => inputs.survey.get(host.name)?.state !== 'joined' },
  skip: ({ host, inputs }) => (inputs.cluster.servedBy === host.name ? 'serves the others' : undefined),
  tasks: () => [],
})
