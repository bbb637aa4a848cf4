import type { Item, Member } from 'ts-play'
import { addressOf, type Endpoint } from '../kubernetes/endpoint.ts'
import { k3sFitness } from '../k3s/fitness.ts'
import { fitness } from '../kubernetes/fitness.ts'
import { mayFloat } from '../kubernetes/floating.ts'
import type { Inspection } from '../kubernetes/inspection.ts'
import type { ServiceLoadBalancer } from '../kubernetes/service-load-balancer.ts'
import { unique } from '../kubernetes/uniqueness.ts'
import type { Identity } from '../outputs.ts'
import { clocks } from './clocks.ts'
import type { Complaint } from './complaint.ts'
import { alarms, cloud, disks, nameservers } from './conditions.ts'
import { externalEtcd } from './external-etcd.ts'
import { floating } from './floating.ts'
import { kernels } from './kernel.ts'
import { others } from './others.ts'
import { networks } from './network.ts'
import { ports } from './ports.ts'
import { quorum } from './quorum.ts'
import { serviceAddresses } from './service-addresses.ts'
import { paths, routers, unchecked, type AllSurroundings } from './surroundings.ts'

export type Inspections = ReadonlyMap<string, Inspection>

export interface Site {
  /** What the cluster is made by. */
  readonly distribution: 'kubeadm' | 'k3s'
  readonly endpoint: Endpoint
  readonly etcd: 'stacked' | 'external'
  readonly balancers: readonly Member[]
  /** Hosts of external etcd. */
  readonly etcdHosts: readonly Member[]
  readonly controlPlanes: readonly Member[]
  readonly workers: readonly Member[]
  /** Megabytes that have to be free for Kubernetes' data. */
  readonly diskNeeded: number
  readonly serviceLoadBalancer: ServiceLoadBalancer | undefined
}

/** What was seen of the hosts that could be asked. */
export interface Looks {
  readonly inspections: Inspections
  readonly identities: ReadonlyMap<string, Identity>
  readonly surroundings: AllSurroundings
}

/** Every complaint about every host that could be asked, at once and before anything is changed. Pure. */
export function judge({ inspections, identities, surroundings }: Looks, site: Site): readonly Complaint[] {
  return [
    ...[...inspections].flatMap(([host, inspection]) => fit(host, { inspection, identities, site })),
    ...others(inspections, site),
    ...externalEtcd(inspections, site),
    ...quorum(inspections, site),
    ...ports(inspections, site),
    ...floating(inspections, identities, site),
    ...clocks(inspections),
    ...disks(inspections, site),
    ...alarms(inspections),
    ...nameservers(inspections),
    ...cloud(inspections, site),
    ...kernels(inspections, site),
    ...networks(inspections, site),
    ...serviceAddresses(inspections, site),
    ...paths(surroundings, inspections),
    ...routers(surroundings, site),
    ...unchecked(surroundings),
  ]
}

interface Seen {
  readonly inspection: Inspection
  readonly identities: ReadonlyMap<string, Identity>
  readonly site: Site
}

/** The same judgement that `prereqs`, or that of k3s, makes of its own host once more, before it changes it. */
function fit(host: string, { inspection, identities, site }: Seen): readonly Complaint[] {
  const { settings, ...seen } = inspection
  const isControlPlane = site.controlPlanes.some(({ name }) => name === host)
  const isNode = isControlPlane || site.workers.some(({ name }) => name === host)
  const isEtcd = site.etcdHosts.some(({ name }) => name === host)
  const holdsVip = site.endpoint.strategy === 'haproxy+keepalived' ? site.balancers.some(({ name }) => name === host) : site.endpoint.strategy === 'kube-vip' && isControlPlane
  const { endpoint } = site
  return [
    ...(isNode ? broken(host, fitness({ ...settings, ...seen, ...(settings.k3s === undefined ? {} : { memberVersion: undefined }), host, part: isControlPlane ? 'control-plane' : 'worker', endpointAddress: addressOf(endpoint) })) : []),
    ...(isNode && settings.k3s !== undefined ? broken(host, k3sFitness({ ...settings.k3s, host, architecture: seen.machine.architecture, memberVersion: seen.memberVersion, endpoint })) : []),
    ...(isNode || isEtcd ? broken(host, unique({ host, identities, sharedProductUuid: settings.sharedProductUuid })) : []),
    ...(holdsVip && 'vip' in endpoint
      ? broken(host, mayFloat({
          host, vip: endpoint.vip, ownAddress: seen.nodeAddress, addresses: seen.addresses, interface: settings.endpointInterface,
          machines: [...site.balancers, ...site.controlPlanes, ...site.workers], routed: endpoint.strategy === 'kube-vip' && endpoint.announce.by === 'bgp',
        }))
      : []),
  ]
}

function broken(host: string, items: readonly Item[]): readonly Complaint[] {
  return items.flatMap(item => (item.type === 'assertion' && !item.holds ? [{ check: 'fitness' as const, host, found: item.message, remedy: item.remedy }] : []))
}
