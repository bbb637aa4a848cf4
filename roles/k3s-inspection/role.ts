import { role } from 'ts-play'
import { inspect } from '../inspection/inspect.ts'
import { k3sEvidence } from '../k3s/evidence.ts'
import { k3sBinary, k3sServer, k3sVersion } from '../k3s/variables.ts'
import { kubernetesOf } from '../k3s/version.ts'
import { addresses } from '../kubernetes/addresses.ts'
import { endpoint } from '../kubernetes/endpoint.ts'
import { identity } from '../kubernetes/identity.ts'
import { machine } from '../kubernetes/machine.ts'
import { network } from '../kubernetes/network.ts'
import { allowCgroupV1, bindPort, endpointInterface, nodeAddress, podSubnet, serviceSubnet, sharedProductUuid } from '../kubernetes/variables.ts'
import { HostInspection, Identity } from '../outputs.ts'

/** The look of `inspection` at a host that is to be a node of k3s, or a balancer before it. Read only; `k3s-preflight` judges. */
export const k3sInspection = role('k3s-inspection', {
  tags: ['inspection'],
  vars: { k3sVersion, k3sBinary, k3sServer, endpoint, endpointInterface, bindPort, nodeAddress, podSubnet, serviceSubnet, allowCgroupV1, sharedProductUuid },
  facts: { machine, addresses, k3s: k3sEvidence, identity },
  outputs: { inspection: HostInspection, identity: Identity },
  produce: {
    identity: ({ facts, vars, host }) => ({ ...facts.identity, nodeAddress: vars.nodeAddress ?? host.address }),
    inspection: ({ host, vars, facts, on }) => {
      const { k3sVersion: wanted, k3sBinary: binary, k3sServer: options, endpoint: given, nodeAddress: own, ...settings } = vars
      const runs = facts.k3s.server === 'active' || facts.k3s.agent === 'active'
      return inspect(on, {
        machine: facts.machine,
        addresses: facts.addresses,
        endpoint: given,
        nodeAddress: own ?? host.address,
        fresh: !runs && facts.k3s.ca === undefined && facts.k3s.agentCa === undefined,
        memberVersion: runs ? facts.k3s.version : undefined,
        // k3s has flannel in itself, over VXLAN unless told otherwise.
        settings: { ...settings, kubernetesVersion: kubernetesOf(wanted), network: network.parse({ plugin: 'flannel', backend: (options['flannel-backend'] ?? 'vxlan') === 'vxlan' ? 'vxlan' : 'host-gw' }), k3s: { k3sVersion: wanted, ownBinary: binary.file !== undefined || binary.url !== undefined } },
      })
    },
  },
})
