import type { Member } from 'ts-play'
import { peerUrl, type EtcdTopology } from '../kubernetes/etcd-topology.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import type { EtcdPeer } from '../outputs.ts'

/** The reason to leave a host out where members of etcd are meant: they are on its own hosts, or on the control planes. */
export function unlessMember(host: string, { topology }: EtcdTopology, etcdHosts: readonly Member[]): string | undefined {
  const ofGroup = etcdHosts.some(({ name }) => name === host)
  return ofGroup === (topology === 'external') ? undefined : 'it has no member of etcd'
}

/** Every member of what is restored. A stacked one is called as its node is, which only its host knows; an external one as the inventory calls it. */
export function peersOf({ topology }: EtcdTopology, etcdHosts: readonly Member[], stacked: ReadonlyMap<string, EtcdPeer> | undefined): ReadonlyMap<string, EtcdPeer> {
  if (topology === 'external') return new Map(etcdHosts.map(member => [member.name, { name: member.name, url: peerUrl(nodeAddressOf(member)) }]))
  return stacked ?? new Map()
}
