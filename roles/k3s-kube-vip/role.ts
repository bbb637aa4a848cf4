import { command, file, Members, role, sh } from 'ts-play'
import { k3sPaths } from '../k3s/paths.ts'
import { addresses } from '../kubernetes/addresses.ts'
import { endpoint, unlessEndpointIs } from '../kubernetes/endpoint.ts'
import { mayFloat } from '../kubernetes/floating.ts'
import { endpointInterface, nodeAddress } from '../kubernetes/variables.ts'
import { kubeVipDaemonSet } from './daemon-set.ts'

/**
 * The servers hold the API's floating address among themselves. k3s needs none to begin, so kube-vip comes as a DaemonSet that every server applies as soon as its
 * API is up: nobody is lent the credentials of the first hour.
 */
export const k3sKubeVip = role('k3s-kube-vip', {
  vars: { endpoint, nodeAddress, endpointInterface },
  facts: { addresses },
  inputs: { servers: Members },
  skip: ({ vars }) => unlessEndpointIs('kube-vip', vars.endpoint),
  tasks: ({ host, vars, facts, inputs }) => {
    const { endpoint: api } = vars
    if (api.strategy !== 'kube-vip') return []
    return [
      ...mayFloat({
        host: host.name, vip: api.vip, ownAddress: vars.nodeAddress ?? host.address, addresses: facts.addresses, interface: vars.endpointInterface, machines: inputs.servers, routed: api.announce.by === 'bgp',
      }),
      command({ name: `make ${k3sPaths.manifests}`, run: sh`umask 077; mkdir -p ${k3sPaths.manifests}`, creates: k3sPaths.manifests }),
      file({ path: `${k3sPaths.manifests}/kube-vip.yaml`, content: kubeVipDaemonSet(api, vars.endpointInterface), mode: 0o600 }),
    ]
  },
})
