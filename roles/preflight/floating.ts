import { floatingAddressOf } from '../kubernetes/endpoint.ts'
import type { Complaint } from './complaint.ts'
import type { Identity } from '../outputs.ts'
import type { Inspections, Site } from './judge.ts'

/**
 * A floating address that a stranger answers at, or that two of ours hold. Where one of ours that may hold it could not be asked, nothing is said; nor where the
 * answer is known by the hardware of one of them: it let the address go a moment ago, as balancers do whose servers are all down.
 */
export function floating(inspections: Inspections, identities: ReadonlyMap<string, Identity>, { endpoint, balancers, controlPlanes }: Site): readonly Complaint[] {
  const vip = floatingAddressOf(endpoint)
  const mayHold = endpoint.strategy === 'kube-vip' ? controlPlanes : balancers
  if (vip === undefined || mayHold.some(({ name }) => !inspections.has(name))) return []
  const holders = [...inspections].filter(([, { floating: seen }]) => seen === 'own').map(([host]) => host)
  const ours = new Set(mayHold.flatMap(({ name }) => identities.get(name)?.hardwareAddresses ?? []))
  const [first] = [...inspections].filter(([, { floating: seen }]) => seen !== undefined && seen !== 'own' && !ours.has(seen))
  if (holders.length > 1)
    return [{ check: 'floating-address', host: holders.join(', '), found: `${vip} is on ${holders.join(' and ')} at once`, remedy: 'see whether they reach each other: journalctl -u keepalived' }]
  const [holder] = holders.filter(host => mayHold.every(({ name }) => name !== host))
  if (holder !== undefined)
    return [{ check: 'floating-address', host: holder, found: `${vip} is on ${holder}, which is no ${endpoint.strategy === 'kube-vip' ? 'control plane' : 'balancer'}`, remedy: `take it away there (ip address delete ${vip} dev …), or choose a free address for endpoint.vip` }]
  if (holders.length === 1 || first === undefined) return []
  const [host, { floating: seen }] = first
  return [{ check: 'floating-address', host, found: `${vip} is taken: ${host} gets an answer from ${seen}, which is none of ours`, remedy: 'choose a free address for endpoint.vip, or find out whose it is (ip neigh)' }]
}
