import { holderOf } from '../kubernetes/addresses.ts'
import { addressRange, meet, rangeOf } from '../kubernetes/cidr.ts'
import { floatingAddressOf } from '../kubernetes/endpoint.ts'
import type { Complaint } from './complaint.ts'
import type { Inspections, Site } from './judge.ts'

/** Addresses for Services have to be free, and of a network of the nodes: neighbours ask for them there. */
export function serviceAddresses(inspections: Inspections, { serviceLoadBalancer, endpoint, controlPlanes, workers }: Site): readonly Complaint[] {
  const nodes = [...inspections].filter(([host]) => [...controlPlanes, ...workers].some(({ name }) => name === host))
  const [first] = nodes
  if (serviceLoadBalancer === undefined || first === undefined) return []
  const [, { settings }] = first
  const vip = floatingAddressOf(endpoint)
  const taken: readonly (readonly [string, string])[] = [
    [`podSubnet (${settings.podSubnet})`, settings.podSubnet],
    [`serviceSubnet (${settings.serviceSubnet})`, settings.serviceSubnet],
    ...(vip === undefined ? [] : [[`the endpoint’s ${vip}`, vip] as const]),
    // One alone floats: it may be of a Service.
    ...[...inspections].flatMap(([host, { addresses }]) => addresses.filter(({ prefix }) => prefix < 32).map(({ address }) => [`${address} of ${host}`, address] as const)),
  ]
  const networks = nodes.flatMap(([, { addresses, nodeAddress }]) => holderOf(nodeAddress, addresses) ?? [])
  return serviceLoadBalancer.addresses.flatMap((text): readonly Complaint[] => {
    const range = addressRange(text)
    if (range === undefined) return []
    const complain = (found: string): Complaint => ({ check: 'service-addresses', host: 'all', found, remedy: 'choose serviceLoadBalancer.addresses that are free, in the network of the nodes, and outside of what DHCP gives' })
    const clash = taken.find(([, other]) => meet(range, rangeOf(other)))
    const within = networks.some(({ address, prefix }) => { const net = rangeOf(`${address}/${prefix}`); return net.from <= range.from && range.to <= net.to })
    return [
      ...(clash === undefined ? [] : [complain(`the addresses ${text} for Services hold ${clash[0]}`)]),
      ...(within ? [] : [complain(`the addresses ${text} for Services are in no network of a node: no neighbour would find them`)]),
    ]
  })
}
