import { sh, type Command } from 'ts-play'
import { k3sPaths } from './paths.ts'

/** The certificates by which etcd knows the API server. Where etcd speaks HTTP it is on the loopback only, on a port of its own (etcd-io/etcd#15402). */
export const askK3sEtcd = sh`curl -s --max-time 5 --cacert ${`${k3sPaths.etcdTls}/server-ca.crt`} --cert ${`${k3sPaths.etcdTls}/client.crt`} --key ${`${k3sPaths.etcdTls}/client.key`}`
const gateway = 'https://127.0.0.1:2382/v3'

export const listMembers = sh`${askK3sEtcd} -d '{}' ${`${gateway}/cluster/member/list`}`
export const listAlarms = sh`${askK3sEtcd} -d '{"action":"GET"}' ${`${gateway}/maintenance/alarm`}`
/** Without the quorum's consent this answers false, so `true` is said for the majority. On the loopback in plain text: k3s has it there for metrics. */
export const localEtcdHealth = sh`curl -s --max-time 5 http://127.0.0.1:2381/health`

/** @param body JSON with the member's ID */
export function removeMember(body: string): Command {
  return sh`${askK3sEtcd} -d ${body} ${`${gateway}/cluster/member/remove`}`
}

export interface Expected {
  /** Port of every API server. */
  readonly bindPort: number
  /** Addresses of the servers that have to be well. */
  readonly servers: readonly string[]
}

/**
 * Exits 0 when etcd can take, has taken or can spare a member well, and says on stderr what is wrong otherwise: no learner on its way, no alarm, nobody added
 * that has not started, a quorum here, and every server well by its own answer. From outside a server's etcd takes no HTTP; its API server does, whose `/readyz` asks
 * the etcd beside it.
 *
 * A member that nobody in the inventory answers for does not stop the others as long as a quorum is left when one more is added.
 */
export function k3sEtcdIsHealthy({ bindPort, servers }: Expected): Command {
  return sh`
    problem() { echo "etcd: $*" >&2; exit 1; }
    members=$(${listMembers}) || problem 'the member of this host does not answer'
    case $members in *'"members"'*) ;; *) problem 'the member of this host does not say who is in' ;; esac
    case $members in *'"isLearner":true'*) problem 'a member is still a learner' ;; esac
    case $(${listAlarms}) in *'"alarm":'*) problem 'an alarm is raised' ;; esac
    case $(${localEtcdHealth}) in *'"health":"true"'*) ;; *) problem 'the member of this host sees no quorum' ;; esac
    count() { printf %s "$members" | grep -o "$1" | wc -l; }
    [ "$(count '"clientURLs":')" -eq "$(count '"peerURLs":')" ] || problem 'a member was added and has not started'
    total=0 well=0
    for address in $(printf %s "$members" | grep -o '"clientURLs":."https://[^":]*' | sed 's/.*\\///'); do
      total=$((total + 1))
      if [ "$(curl -ks --connect-timeout 2 --max-time 5 "https://$address:"${String(bindPort)}/readyz)" = ok ]; then well=$((well + 1)); continue; fi
      for own in ${servers}; do [ "$own" != "$address" ] || problem "the server at $address is not well"; done
    done
    [ $((well + 1)) -gt $(((total + 1) / 2)) ] || problem "only $well of $total servers are well: one more would cost the quorum"`
}

/** Exits 0 when the member of etcd at this address, which is this host, votes. */
export function isVoter(address: string): Command {
  return sh`
    own=$(${listMembers} | sed 's/},{/}\\n{/g' | grep -F ${`"https://${address}:2380"`}) || { echo 'the etcd of this host is not in the member list' >&2; exit 1; }
    case $own in *'"isLearner":true'*) echo 'the etcd of this host is still a learner' >&2; exit 1 ;; esac`
}
