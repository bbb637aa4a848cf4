import { byHost, role } from 'ts-play'
import { endpoint, kubernetesVersion, nodeAddress, podSubnet, serviceSubnet, vip } from '../kubernetes/variables.ts'
import { Identity } from '../outputs.ts'

/** Makes a bare machine one that Kubernetes can run on. */
export const prereqs = role('prereqs', {
  tags: ['kubernetes'],
  vars: { kubernetesVersion, endpoint, vip, nodeAddress, podSubnet, serviceSubnet },
  inputs: { identities: byHost(Identity) },
  tasks: () => [],
})
