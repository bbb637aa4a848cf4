import { assert, type Item } from 'ts-play'
import { holderOf, type InterfaceAddress } from './addresses.ts'
import { overlap } from './cidr.ts'
import { parseVersion, supportedMinors, traitsOf } from './version.ts'
import type { Machine } from './machine.ts'

export interface Candidate {
  readonly host: string
  readonly part: 'control-plane' | 'worker'
  readonly machine: Machine
  readonly addresses: readonly InterfaceAddress[]
  readonly nodeAddress: string
  /** The one address of the API, if it has one. */
  readonly endpointAddress: string | undefined
  readonly kubernetesVersion: string
  readonly podSubnet: string
  readonly serviceSubnet: string
  readonly allowCgroupV1: boolean
  /** Version of a kubelet that is a member already; `undefined` where none is. */
  readonly memberVersion: string | undefined
}

/**
 * What has to hold of a machine before anything on it is changed. kubeadm checks some of this too, but late, one host at a time, and half of it as a
 * warning; the rest shows up as a cluster that is strangely unwell.
 */
export function fitness(candidate: Candidate): Item[] {
  const { host, part, machine, addresses, nodeAddress, endpointAddress, kubernetesVersion, podSubnet, serviceSubnet, memberVersion } = candidate
  const traits = traitsOf(parseVersion(kubernetesVersion))
  const holder = holderOf(nodeAddress, addresses)
  const ranges = { podSubnet, serviceSubnet, 'its own network': holder === undefined ? nodeAddress : `${holder.address}/${holder.prefix}`, ...(endpointAddress === undefined ? {} : { endpoint: endpointAddress }) }
  const clash = clashIn(Object.entries(ranges))
  const known = addresses.map(each => `${each.interface} ${each.address}`).join(', ')
  return [
    assert({ name: 'Kubernetes of a supported version', that: traits !== undefined, message: `${kubernetesVersion} is older than ${supportedMinors}`, remedy: 'choose a newer kubernetesVersion' }),
    assert({
      name: 'members keep their version',
      that: memberVersion === undefined || memberVersion === kubernetesVersion,
      message: `${host} is a member with Kubernetes ${memberVersion}, and the inventory wants ${kubernetesVersion}`,
      remedy: `set kubernetesVersion to ${memberVersion}: an upgrade goes host by host, with its workloads moved away first, and is another playbook's work`,
    }),
    assert({ name: 'systemd runs the machine', that: machine.systemd, message: `${host} was not booted with systemd`, remedy: 'Kubernetes is run by systemd units here: choose a distribution with systemd' }),
    assert({
      name: 'a distribution with apt',
      that: machine.families.includes('debian'),
      message: `${host} runs ${machine.families[0] ?? 'an unknown distribution'}`,
      remedy: 'use Debian, Ubuntu or one of their relatives',
    }),
    assert({
      name: 'enough processors and memory',
      that: part === 'worker' || (machine.cpus >= 2 && machine.memoryMegabytes >= 1700),
      message: `${host} has ${machine.cpus} processors and ${machine.memoryMegabytes} MB of memory; a control plane needs 2 and 1700 MB`,
      remedy: 'give it more, or make it a worker',
    }),
    assert({
      name: 'cgroup v2',
      that: machine.cgroup === 'v2' || traits?.cgroupV1 === 'warns' || candidate.allowCgroupV1,
      message: `${host} has cgroup v1, which Kubernetes ${kubernetesVersion} refuses`,
      remedy: 'boot with systemd.unified_cgroup_hierarchy=1, or set allowCgroupV1: true for as long as that can be helped',
    }),
    assert({
      name: 'a host name that can be a node’s',
      that: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/.test(machine.hostname),
      message: `the host name of ${host} is ${JSON.stringify(machine.hostname)}, which no node can be called (RFC 1123: lower-case letters, digits, "-" and ".")`,
      remedy: `hostnamectl set-hostname ${suggestion(machine.hostname)}`,
    }),
    assert({
      name: 'the node’s address is its own',
      that: holder !== undefined,
      message: `no interface of ${host} has ${nodeAddress}: ${known}`,
      remedy: 'set nodeAddress to an address of the host',
    }),
    assert({
      name: 'no range of addresses overlaps another',
      that: clash === undefined,
      message: clash === undefined ? '' : `${clash.join(' and ')} overlap on ${host}`,
      remedy: 'choose podSubnet and serviceSubnet apart from each other and from the machines’ networks',
    }),
  ]
}

/** The endpoint's address may be of the machines' network, and of no other. */
function clashIn(ranges: readonly (readonly [string, string])[]): readonly string[] | undefined {
  for (const [index, [name, range]] of ranges.entries())
    for (const [other, otherRange] of ranges.slice(index + 1)) {
      if (other === 'endpoint' && name === 'its own network') continue
      if (overlap(range, otherRange)) return [`${name} (${range})`, `${other} (${otherRange})`]
    }
  return undefined
}

function suggestion(hostname: string): string {
  return hostname.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '') || 'node1'
}
