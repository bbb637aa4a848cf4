import { byHost, Members, role, secret } from 'ts-play'
import { bindPort, clusterName, kubernetesVersion, nodeAddress, podSubnet, serviceSubnet } from '../kubernetes/variables.ts'
import { ApiEndpoint, ClusterInfo, ControlPlaneTicket, EtcdLayout, Kubeconfig, Membership, WorkerTicket } from '../outputs.ts'

/** Sees to it that there is a cluster, and serves the hosts that want to join it. */
export const firstMaster = role('first-master', {
  vars: { kubernetesVersion, clusterName, podSubnet, serviceSubnet, bindPort, nodeAddress },
  inputs: { endpoint: ApiEndpoint, survey: byHost(Membership), etcd: EtcdLayout, controlPlanes: Members, balancers: Members },
  outputs: { cluster: ClusterInfo, controlPlane: ControlPlaneTicket, worker: WorkerTicket, kubeconfig: Kubeconfig },
  skip: ({ host, inputs }) => (inputs.controlPlanes[0]?.name === host.name ? undefined : 'not elected'),
  tasks: () => [],
  produce: {
    cluster: ({ host, vars }) => ({ name: vars.clusterName, version: vars.kubernetesVersion, ca: '', servedBy: host.name }),
    controlPlane: { mint: async (): Promise<ControlPlaneTicket> => ({ token: secret``, caHash: '', pki: { by: 'ssh', files: [] } }), revoke: async () => undefined },
    worker: { mint: async () => ({ token: secret``, caHash: '' }), revoke: async () => undefined },
    kubeconfig: () => ({ content: secret`` }),
  },
})
