import { role } from 'ts-play'
import { addresses } from '../kubernetes/addresses.ts'
import { endpoint } from '../kubernetes/endpoint.ts'
import { evidence } from '../kubernetes/evidence.ts'
import { identity } from '../kubernetes/identity.ts'
import { kubelet } from '../kubernetes/kubelet.ts'
import { machine } from '../kubernetes/machine.ts'
import { network } from '../kubernetes/network.ts'
import { allowCgroupV1, bindPort, endpointInterface, kubernetesVersion, nodeAddress, podSubnet, serviceSubnet, sharedProductUuid } from '../kubernetes/variables.ts'
import { HostInspection, Identity } from '../outputs.ts'
import { inspect } from './inspect.ts'

/** Looks at what a host is, and by what it can be told from the others, before anything is changed. Read only; `preflight` judges. */
export const inspection = role('inspection', {
  vars: { kubernetesVersion, endpoint, endpointInterface, bindPort, nodeAddress, podSubnet, serviceSubnet, allowCgroupV1, sharedProductUuid, network },
  facts: { machine, addresses, evidence, kubelet, identity },
  outputs: { inspection: HostInspection, identity: Identity },
  produce: {
    identity: ({ facts, vars, host }) => ({ ...facts.identity, nodeAddress: vars.nodeAddress ?? host.address }),
    inspection: ({ host, vars, facts, on }) => {
      const { files, etcdData } = facts.evidence
      return inspect(on, {
        machine: facts.machine,
        addresses: facts.addresses,
        endpoint: vars.endpoint,
        nodeAddress: vars.nodeAddress ?? host.address,
        fresh: files.length === 0 && !etcdData,
        memberVersion: files.includes('kubelet.conf') ? facts.kubelet : undefined,
        settings: { ...vars, k3s: undefined },
      })
    },
  },
})
