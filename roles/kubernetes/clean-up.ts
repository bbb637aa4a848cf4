import { command, sh, type Task } from 'ts-play'
import { askEtcd } from './etcd-health.ts'
import { criSocket } from './kubeadm-config.ts'
import type { Membership } from '../outputs.ts'

export interface Unfinished {
  readonly host: string
  readonly nodeName: string
  readonly address: string
  readonly seen: Pick<Membership, 'attempt' | 'etcdMember' | 'evidence'>
  /** Where etcd of a control plane keeps its data; a worker has none. */
  readonly etcdDataDirectory?: string
  /** Addresses of the other control planes, whose etcd may have been told of this one. */
  readonly others?: readonly string[]
  /** There is no cluster but this unfinished one: what its etcd votes on was never anybody's data. */
  readonly alone?: boolean
}

/**
 * Takes away what an init or a join left that died halfway: kubeadm does not take it up again itself (kubernetes/kubeadm#2353).
 *
 * The other members of etcd are told first, because kubeadm only knows to do that once its own manifest is written, and a learner that never comes
 * blocks every later join. Permitted where ts-play began it and its etcd never had a vote: then nothing of the cluster's can be lost.
 */
export function cleanUp({ host, nodeName, address, seen, etcdDataDirectory, others = [], alone = false }: Unfinished): Task {
  return command({
    name: `clean up the unfinished attempt on ${host}`,
    run: sh`
    ${leaveEtcd(host, address, others)}
    if [ -s /etc/kubernetes/admin.conf ]; then
      kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=10s delete node ${nodeName} --ignore-not-found || true
    fi
    kubeadm reset --force --cri-socket ${criSocket}
    ${etcdDataDirectory === undefined ? sh`` : sh`rm -rf ${`${etcdDataDirectory}/member`}`}`,
    removes: ['/etc/kubernetes/kubelet.conf', '/etc/kubernetes/bootstrap-kubelet.conf', '/etc/kubernetes/admin.conf', '/etc/kubernetes/manifests/kube-apiserver.yaml', ...(etcdDataDirectory === undefined ? [] : [`${etcdDataDirectory}/member`])],
    destroys: {
      what: `what an unfinished attempt left on ${host}`,
      permitted: seen.attempt && (alone || seen.etcdMember !== 'voter'),
      because: because(seen, alone),
    },
  })
}

function because({ attempt, etcdMember, evidence }: Unfinished['seen'], alone: boolean): string {
  if (etcdMember === 'voter' && !alone) return 'its etcd is a voter of the cluster, so it may hold what others rely on'
  return attempt ? 'an attempt of ts-play died here' : `nothing says that ts-play began it: ${evidence.join('; ')}`
}

/**
 * Removes the member with this host's peer URL, at the first of the others that can be asked. Where etcd may count this host, its data goes only after that: a
 * vote whose data is gone can cost the quorum. Who has no certificate for etcd yet was never added to it.
 */
function leaveEtcd(host: string, address: string, others: readonly string[]) {
  if (others.length === 0) return sh``
  return sh`asked=
    for other in ${others}; do
      members=$(${askEtcd} -d '{}' "https://$other:2379/v3/cluster/member/list" 2>/dev/null) || continue
      asked=yes
      id=$(printf %s "$members" | sed 's/},{/}\\n{/g' | grep -F ${`"https://${address}:2380"`} | sed -n 's/.*"ID":"\\([0-9]*\\)".*/\\1/p')
      [ -z "$id" ] || ${askEtcd} -d "{\\"ID\\":\\"$id\\"}" "https://$other:2379/v3/cluster/member/remove" >/dev/null || { echo "etcd at $other does not let "${host}" go: nothing was cleaned up" >&2; exit 1; }
      break
    done
    [ -n "$asked" ] || [ ! -s /etc/kubernetes/pki/etcd/healthcheck-client.key ] || { echo ${`no other member of etcd says whether ${host} has a vote, and nothing was cleaned up`} >&2; exit 1; }`
}
