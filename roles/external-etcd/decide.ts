import type { Member } from 'ts-play'
import { peerUrl, wrongSize } from '../kubernetes/etcd-topology.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import type { EtcdSighting } from '../outputs.ts'

/** What a host has to do to be a member. */
export type Verdict =
  /** There is no cluster anywhere: all begin it together. */
  | { readonly part: 'founder' }
  /** It has its data, and no majority runs: all are started together. */
  | { readonly part: 'sleeper' }
  | { readonly part: 'member' }
  /** There is a cluster without it, or one that counts a member of its name whose data is gone. `through`: names of those that answer. */
  | { readonly part: 'newcomer'; readonly through: readonly string[] }
  | { readonly part: 'refused'; readonly reason: string; readonly remedy: string }

export type Sightings = ReadonlyMap<string, EtcdSighting>

const refused = (reason: string, remedy: string): Verdict => ({ part: 'refused', reason, remedy })

/**
 * Judges what one host has to do from what was seen on all. A cluster is founded only where it is certain that there is none, and a host never starts with
 * an empty folder under the name of a member: it would answer, with nothing, where others rely on what was written.
 */
export function decide(host: string, members: readonly Member[], sightings: Sightings): Verdict {
  const size = wrongSize(members.length)
  if (size !== undefined) return refused(size, 'add hosts to the group etcd, or take some out')
  const own = sightings.get(host)
  const self = members.find(({ name }) => name === host)
  if (own === undefined || self === undefined) return refused(`what ${host} is could not be found out`, 'see why the play etcd-survey gave nothing for it')

  const authorities = new Map([...sightings].flatMap(([name, { ca }]) => (ca === undefined ? [] : [[ca, name] as const])))
  if (authorities.size > 1)
    return refused(`${[...authorities.values()].join(' and ')} have certificate authorities of different clusters`, 'take one of them out of the inventory, or remove /etc/etcd and its data there, if that may go')

  const speakers = [...sightings].filter(([, { members: list }]) => list !== undefined)
  const list = speakers[0]?.[1].members
  if (list !== undefined) {
    const listed = list.find(({ peer }) => peer === peerUrl(nodeAddressOf(self)))
    if (listed === undefined && own.data && !own.attempt)
      return refused(`${host} has data of a member that the cluster does not count`, 'if that may go, stop etcd on it and remove its data directory; it joins as a new member then')
    return listed !== undefined && own.data && !listed.learner ? { part: 'member' } : { part: 'newcomer', through: speakers.map(([name]) => name) }
  }
  return withoutCluster(host, { own, members, sightings })
}

function withoutCluster(host: string, { own, members, sightings }: { own: EtcdSighting; members: readonly Member[]; sightings: Sightings }): Verdict {
  const settled = [...sightings].filter(([, { data, attempt }]) => data && !attempt)
  const unasked = members.filter(({ name }) => !sightings.has(name)).map(({ name }) => name)
  if (settled.length > members.length / 2)
    return own.data ? { part: 'sleeper' } : refused(`etcd does not run on ${settled.map(([name]) => name).join(' and ')}, so ${host} cannot join it`, 'it is started in this run: run again')
  if (settled.length > 0)
    return refused(
      `no majority of etcd is left: only ${settled.map(([name]) => name).join(' and ')} of ${members.length} hosts ${settled.length === 1 ? 'has' : 'have'} data`,
      'bring the others back, or restore a backup',
    )
  if (unasked.length > 0) return refused(`no cluster is founded while ${unasked.join(', ')} cannot be asked: it may hold one`, 'bring it up, or take it out of the inventory')
  return { part: 'founder' }
}
