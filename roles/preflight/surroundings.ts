import type { Surroundings } from '../kubernetes/surroundings.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import type { Complaint } from './complaint.ts'
import type { Inspections, Site } from './judge.ts'

export type AllSurroundings = ReadonlyMap<string, Surroundings>

/** Ports of hosts that could be asked by us, and that another one of ours does not get to. Who refuses a connection has been reached. */
export function paths(surroundings: AllSurroundings, inspections: Inspections): readonly Complaint[] {
  return [...surroundings].flatMap(([host, { paths: all }]) => {
    const shut = all.filter(({ host: other, state }) => inspections.has(other) && (state === 'silent' || state === 'rejected'))
    return [...new Set(shut.map(({ host: other }) => other))].map((other): Complaint => {
      const its = shut.filter(path => path.host === other)
      const ports = its.map(({ port }) => port).join(', ')
      return {
        check: 'reach', host,
        found: `${host} does not get to TCP ${ports} of ${other} (${its[0]?.address}): ${its.some(({ state }) => state === 'rejected') ? 'rejected on the way' : 'no answer'}`,
        remedy: `let TCP ${ports} from ${host} to ${other} through: nft list ruleset on both, security groups, and whatever routes between them`,
      }
    })
  })
}

/** VRRP router ids have to be unique on a network. Only multicast is heard: of others that speak unicast among themselves nothing can be known, and they do not disturb. */
export function routers(surroundings: AllSurroundings, { endpoint, balancers }: Site): readonly Complaint[] {
  if (endpoint.strategy !== 'haproxy+keepalived') return []
  const ours = balancers.map(nodeAddressOf)
  return [...surroundings].flatMap(([host, { routers: heard }]) => heard
    .filter(({ id, address }) => id === endpoint.vrrpRouterId && !ours.includes(address))
    .map(({ id, address }): Complaint => ({
      check: 'vrrp', host,
      found: `${host} hears VRRP router ${id} of ${address}, which is none of ours`,
      remedy: `choose another endpoint.vrrpRouterId (1 to 255); heard on this network: ${[...new Set(heard.map(each => each.id))].toSorted((a, b) => a - b).join(', ')}`,
    })))
}

/** What nobody looked at is said, and not taken for fine. */
export function unchecked(surroundings: AllSurroundings): readonly Complaint[] {
  const what = { paths: 'whether it reaches the others', routers: 'whether its VRRP router id is free' }
  return [...surroundings].flatMap(([host, { unchecked: missing }]) => missing.map((each): Complaint => ({
    check: 'unchecked', host, found: `${what[each]} could not be looked at on ${host}`, remedy: 'install perl-base there, or see for yourself',
  })))
}
