import { role } from 'ts-play'
import { podSubnet } from '../kubernetes/variables.ts'
import { ClusterInfo } from '../outputs.ts'

/** Gives pods their network, from the control plane that serves the others. */
export const cni = role('cni', {
  vars: { podSubnet },
  inputs: { cluster: ClusterInfo },
  skip: ({ host, inputs }) => (inputs.cluster.servedBy === host.name ? undefined : 'not elected'),
  tasks: () => [],
})
