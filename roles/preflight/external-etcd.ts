import { holderOf } from '../kubernetes/addresses.ts'
import { wrongSize } from '../kubernetes/etcd-topology.ts'
import type { Complaint } from './complaint.ts'
import type { Inspections, Site } from './judge.ts'

/** What external etcd wants of its group and its machines. That its hosts can be told apart is judged with the others. */
export function externalEtcd(inspections: Inspections, { etcd, etcdHosts }: Site): readonly Complaint[] {
  const names = etcdHosts.map(({ name }) => name).join(', ')
  const complaint = (host: string, found: string, remedy: string): Complaint => ({ check: 'fitness', host, found, remedy })
  if (etcd === 'stacked')
    return etcdHosts.length === 0 ? [] : [complaint(names, 'the group etcd has hosts, and etcd is stacked on the control planes', 'set etcd: { topology: external, release: … }, or take the group out')]
  const size = wrongSize(etcdHosts.length)
  return [
    ...(size === undefined ? [] : [complaint(names || 'etcd', size, 'add hosts to the group etcd, or take some out')]),
    ...etcdHosts.flatMap(({ name }) => {
      const seen = inspections.get(name)
      if (seen === undefined) return []
      const { machine, addresses, nodeAddress } = seen
      const known = addresses.map(each => `${each.interface} ${each.address}`).join(', ')
      return [
        ...(machine.systemd ? [] : [complaint(name, `${name} was not booted with systemd`, 'etcd is run by a systemd unit here: choose a distribution with systemd')]),
        ...(machine.families.includes('debian') ? [] : [complaint(name, `${name} runs ${machine.families[0] ?? 'an unknown distribution'}`, 'use Debian, Ubuntu or one of their relatives')]),
        ...(holderOf(nodeAddress, addresses) === undefined ? [complaint(name, `no interface of ${name} has ${nodeAddress}: ${known}`, 'set nodeAddress to an address of the host')] : []),
      ]
    }),
  ]
}
