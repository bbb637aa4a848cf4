import { role } from 'ts-play'
import { clusterName } from '../kubernetes/variables.ts'
import { ClusterInfo, Kubeconfig } from '../outputs.ts'

/** Brings the administrator's kubeconfig to the controller. */
export const kubeconfig = role('kubeconfig', {
  vars: { clusterName },
  inputs: { kubeconfig: Kubeconfig, cluster: ClusterInfo },
  tasks: () => [],
})
