import { assert, type Item } from 'ts-play'
import type { ClusterInfo, Membership } from '../outputs.ts'

/** What takes k3s from a host, with everything in it. */
export const k3sReset = 'k3s-killall.sh; rm -rf /etc/rancher /var/lib/rancher'

/** Refuses to touch a host that belongs elsewhere or is ill; what could be done about it is not for a machine to guess. */
export function k3sMayJoin(host: string, seen: Membership | undefined, { cluster, k3sVersion }: { cluster: ClusterInfo; k3sVersion: string }): Item[] {
  const elsewhere = seen?.state === 'foreign' || (seen?.ca !== undefined && seen.state !== 'fresh' && seen.ca !== cluster.ca)
  const why = seen?.evidence.join('; ') ?? ''
  return [
    assert({ name: 'it could be seen what the host is', that: seen !== undefined, message: `what ${host} is could not be found out`, remedy: 'see why the play k3s-membership gave nothing for it' }),
    assert({
      name: 'the host belongs to no other cluster',
      that: !elsewhere,
      message: `${host} is a member of another cluster than ${cluster.servedBy}: ${why}`,
      remedy: `take it out of the inventory, or empty it if it may leave its cluster: ${k3sReset}`,
    }),
    assert({
      name: 'the host is not broken',
      that: seen?.state !== 'broken',
      message: `${host} is a member that does not work: ${why}`,
      remedy: `see \`journalctl -u k3s -u k3s-agent\` on it; to start again: kubectl delete node, then ${k3sReset}`,
    }),
    assert({
      name: 'its version is the cluster’s',
      that: seen?.state === 'joined' || cluster.version === k3sVersion,
      message: `${host} would join with k3s ${k3sVersion}, and the cluster has ${cluster.version}`,
      remedy: `set k3sVersion to ${cluster.version}; upgrading a cluster is another playbook’s work`,
    }),
  ]
}
