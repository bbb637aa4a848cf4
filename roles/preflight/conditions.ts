import { floatingAddressOf } from '../kubernetes/endpoint.ts'
import type { Complaint } from './complaint.ts'
import type { Inspections, Site } from './judge.ts'

/** Room for images, logs and etcd, under /var/lib. A member is judged too: a full disk is no time for changes. */
export function disks(inspections: Inspections, { diskNeeded, balancers }: Site): readonly Complaint[] {
  return [...inspections].filter(([host]) => !balancers.some(({ name }) => name === host)).flatMap(([host, { disks: all }]) => {
    const disk = all.at(-1)
    return disk === undefined || disk.freeMegabytes >= diskNeeded ? [] : [{
      check: 'disk' as const, host,
      found: `${host} has ${disk.freeMegabytes} MB free on ${disk.path}, where Kubernetes keeps its data; it needs ${diskNeeded} MB`,
      remedy: 'make room (journalctl --vacuum-size=200M, crictl rmi --prune), or lower preflightDisk',
    }]
  })
}

/** etcd that has raised an alarm takes no writes: a run would stop halfway. */
export function alarms(inspections: Inspections): readonly Complaint[] {
  return [...inspections].flatMap(([host, { alarms: raised }]) => raised.map((alarm): Complaint => ({
    check: 'etcd-alarm', host,
    found: `etcd on ${host} has raised ${alarm}`,
    remedy: alarm === 'NOSPACE'
      ? 'compact and defragment each member, one at a time, then take the alarm back: etcdctl compact REVISION, etcdctl defrag, etcdctl alarm disarm; or raise etcdExtraArgs.quota-backend-bytes'
      : 'its data may be damaged: restore that member from the others before anything else (etcd.io/docs: data corruption)',
  })))
}

/** CoreDNS asks the node's own nameserver: a loopback address would be CoreDNS itself. systemd-resolved's is known to kubeadm. */
export function nameservers(inspections: Inspections): readonly Complaint[] {
  return [...inspections].flatMap(([host, { nameservers: all }]) => {
    const looping = all.find(address => address.startsWith('127.') && address !== '127.0.0.53')
    return looping === undefined ? [] : [{ check: 'nameserver' as const, host, found: `/etc/resolv.conf of ${host} names ${looping}: CoreDNS would ask itself`, remedy: 'set kubelet: { resolvConf: … } to a file with the real nameservers' }]
  })
}

const CLOUDS = ['Amazon EC2', 'Google', 'Microsoft Corporation', 'DigitalOcean', 'Hetzner', 'OpenStack Foundation', 'Alibaba Cloud', 'Scaleway', 'Exoscale']

/** Networks that deliver only what they have assigned: a floating address needs to be allowed there, and VRRP (protocol 112) may not pass. */
export function cloud(inspections: Inspections, { endpoint, balancers }: Site): readonly Complaint[] {
  const vip = floatingAddressOf(endpoint)
  if (vip === undefined) return []
  return [...inspections].filter(([host]) => endpoint.strategy === 'kube-vip' || balancers.some(({ name }) => name === host)).flatMap(([host, { vendor }]) => {
    const name = CLOUDS.find(known => vendor.startsWith(known))
    return name === undefined ? [] : [{ check: 'cloud' as const, host, found: `${host} is a machine of ${name}, whose network may not deliver ${vip} nor VRRP`, remedy: 'allow the address on its port (allowed address pairs), or use endpoint.strategy external or local' }]
  })
}
