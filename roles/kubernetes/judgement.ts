import { assert, type Item } from 'ts-play'
import type { ClusterInfo, Membership } from '../outputs.ts'
import { mayJoin, parseVersion } from './version.ts'

/** Refuses to touch a host that belongs elsewhere or is ill; what could be done about it is not for a machine to guess. */
export function mayBeJoined(host: string, seen: Membership | undefined, cluster: ClusterInfo): Item[] {
  const elsewhere = seen?.state === 'foreign' || (seen?.ca !== undefined && seen.state !== 'fresh' && seen.ca !== cluster.ca)
  const why = seen?.evidence.join('; ') ?? ''
  return [
    assert({
      name: 'it could be seen what the host is',
      that: seen !== undefined,
      message: `what ${host} is could not be found out`,
      remedy: 'see why the play membership gave nothing for it',
    }),
    assert({
      name: 'the host belongs to no other cluster',
      that: !elsewhere,
      message: `${host} is a member of another cluster than ${cluster.servedBy}: ${why}`,
      remedy: `take it out of the inventory, or run \`kubeadm reset\` on it if it may leave its cluster`,
    }),
    assert({
      name: 'the host is not broken',
      that: seen?.state !== 'broken',
      message: `${host} is a member that does not work: ${why}`,
      remedy: `see \`journalctl -u kubelet\` on it; to start again: kubectl delete node, then \`kubeadm reset\` on it`,
    }),
  ]
}

/** kubeadm and kubelet of a host against the cluster's version. */
export function versionsFit(host: string, kubelet: string, cluster: ClusterInfo, part: 'control-plane' | 'worker'): Item {
  const [own, its] = [kubelet, cluster.version].map(text => parseVersion(/^v1\.\d+\.\d+/.exec(text)?.[0] ?? 'v1.0.0'))
  const fits = own !== undefined && its !== undefined && (part === 'worker' ? mayJoin(own, its) : own.minor === its.minor)
  return assert({
    name: 'its version fits the cluster',
    that: fits,
    message: `${host} has Kubernetes ${kubelet} and the cluster ${cluster.version}`,
    remedy: 'set kubernetesVersion to the cluster’s; upgrading a cluster is another playbook’s work',
  })
}
