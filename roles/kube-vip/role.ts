import { Members, role } from 'ts-play'
import { addresses } from '../kubernetes/addresses.ts'
import { endpoint, unlessEndpointIs } from '../kubernetes/endpoint.ts'
import { floatingInterface, mayFloat } from '../kubernetes/floating.ts'
import { kubeVipFile, kubeVipRuns } from '../kubernetes/kube-vip.ts'
import { nodeName } from '../kubernetes/node-name.ts'
import { endpointInterface, nodeAddress } from '../kubernetes/variables.ts'

/**
 * The floating address held by the control planes themselves. `first-master` has put it up for `kubeadm init`; here every control plane that is in gets its share,
 * and it is made sure that none kept the credentials of the first hour.
 */
export const kubeVip = role('kube-vip', {
  vars: { endpoint, nodeAddress, endpointInterface },
  facts: { addresses, nodeName },
  inputs: { controlPlanes: Members },
  skip: ({ vars }) => unlessEndpointIs('kube-vip', vars.endpoint),
  tasks: ({ host, vars, facts, inputs }) => {
    const { endpoint: api } = vars
    if (api.strategy !== 'kube-vip') return []
    const place = { ownAddress: vars.nodeAddress ?? host.address, addresses: facts.addresses, interface: vars.endpointInterface }
    return [
      ...mayFloat({ ...place, host: host.name, vip: api.vip, machines: inputs.controlPlanes, routed: api.announce.by === 'bgp' }),
      kubeVipFile({ endpoint: api, interface: floatingInterface(place), address: place.ownAddress, credentials: 'admin.conf' }),
      kubeVipRuns(facts.nodeName),
    ]
  },
})
