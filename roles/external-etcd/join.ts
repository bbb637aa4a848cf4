import { sh, type Command } from 'ts-play'
import { peerUrl } from '../kubernetes/etcd-topology.ts'
import { start } from './bootstrap.ts'
import { attemptFile, etcdctl, initialFile } from './places.ts'

export interface Joining {
  readonly name: string
  readonly address: string
  readonly sha256: string
  /** Client URLs of members that answer. */
  readonly through: readonly string[]
}

/** This host's line of the member list: ID, status, name, peer URL, client URL, whether it learns. */
function ownLine({ address, sha256, through }: Joining): Command {
  return sh`${etcdctl(sha256, through)} member list | awk -F', ' -v own=${peerUrl(address)} '$4 == own'`
}

export function isListed(joining: Joining): Command {
  return sh`[ -n "$(${ownLine(joining)})" ]`
}

export function isVoter(joining: Joining): Command {
  return sh`case $(${ownLine(joining)}) in *', false') ;; *) exit 1 ;; esac`
}

/**
 * Announces this host as a learner and starts it. It is told the members that there are, as they call themselves; etcd compares their addresses with what the others
 * say. One that was announced by an attempt before is not announced twice.
 */
export function joinAsLearner(joining: Joining): Command {
  const { name, address, sha256, through } = joining
  return sh`
    mkdir -p -m 700 /var/lib/ts-play
    : >${attemptFile}
    ${isListed(joining)} || ${etcdctl(sha256, through)} member add ${name} --learner --peer-urls ${peerUrl(address)} >/dev/null
    cluster=$(${etcdctl(sha256, through)} member list | awk -F', ' -v own=${peerUrl(address)} -v name=${name} '{ printf "%s%s=%s", (NR > 1 ? "," : ""), ($4 == own ? name : ($3 == "" ? $1 : $3)), $4 }')
    printf 'ETCD_INITIAL_CLUSTER=%s\\nETCD_INITIAL_CLUSTER_STATE=existing\\n' "$cluster" >${initialFile}
    ${start}`
}

/** The leader refuses until the learner has nearly all that it has itself. */
export function promote(joining: Joining): Command {
  const { sha256, through } = joining
  return sh`
    id=$(${ownLine(joining)} | cut -d, -f1)
    [ -n "$id" ] || { echo 'this host is no member' >&2; exit 1; }
    tries=0
    until said=$(${etcdctl(sha256, through)} member promote "$id" 2>&1); do
      tries=$((tries + 1))
      [ $tries -lt 300 ] || { echo "$said" >&2; exit 1; }
      sleep 2
    done`
}
