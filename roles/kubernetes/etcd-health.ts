import { raw, sh, type Command } from 'ts-play'

/**
 * curl with the client certificate that kubeadm makes for health checks. etcd answers JSON over its gRPC gateway, so no etcdctl is needed on a host.
 * @see https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 */
export const askEtcd = raw(
  'curl -fsS --max-time 5 --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key',
)

/** The same on a host of external etcd, with the certificate that `external-etcd` made for it. */
export const askExternalEtcd = raw('curl -fsS --max-time 5 --cacert /etc/etcd/pki/ca.crt --cert /etc/etcd/pki/client.crt --key /etc/etcd/pki/client.key')

/** Shell functions that ask the member of this host; JSON comes on one line, and what is needed of it has no nesting. */
const helpers = sh`
    problem() { echo "etcd: $*" >&2; exit 1; }
    etcd() { ${askEtcd} "$@"; }
    answers() { case $(etcd "$1/health" 2>/dev/null) in *'"health":"true"'*) return 0 ;; *) return 1 ;; esac; }
    members=$(etcd -d '{}' https://127.0.0.1:2379/v3/cluster/member/list) || problem 'the member of this host does not answer'
    urls=$(printf %s "$members" | grep -o '"clientURLs":."[^"]*' | sed 's/.*"//')`

/** Prints the client URLs of members that do not answer, one a line. */
export const sickMembers = sh`${helpers}
    for url in $urls; do answers "$url" || echo "$url"; done`

/**
 * Exits 0 when etcd can take or has taken a member well, and says on stderr what is wrong otherwise. The conditions are those of Cluster API's control plane
 * controller: no learner on its way, no alarm, every member healthy by its own answer.
 *
 * A member that nobody in the inventory answers for (a machine that died and was taken out) does not stop the others as long as a quorum is left when
 * one more is added; taking it out of the member list loses data, so that is left to a human.
 *
 * @param expected client URLs of the control planes in the inventory
 * @see https://github.com/kubernetes-sigs/cluster-api/blob/main/controlplane/kubeadm/internal/controllers/scale.go
 */
export function etcdIsHealthy(expected: readonly string[]): Command {
  return sh`${helpers}
    # One member a line; \`grep\` finds none in most clusters.
    each=$(printf '%s\\n' "$members" | sed 's/},{/}\\n{/g')
    peers() { sed 's/.*"peerURLs":\\["\\([^"]*\\)".*/\\1/' | tr '\\n' ' ' | sed 's/ $//'; }
    learners=$(printf '%s\\n' "$each" | grep '"isLearner":true' | peers)
    [ -z "$learners" ] || problem "a member is still a learner ($learners): if its host will not come, etcdctl member list names it and member remove takes it out"
    case $(etcd -d '{"action":"GET"}' https://127.0.0.1:2379/v3/maintenance/alarm) in
      *'"alarm":'*) problem 'an alarm is raised: see etcdctl alarm list' ;;
    esac
    waiting=$(printf '%s\\n' "$each" | grep -v '"clientURLs":\\["' | grep '"peerURLs":' | peers)
    [ -z "$waiting" ] || problem "a member was added and has not started ($waiting): if its host will not come, etcdctl member list names it and member remove takes it out"
    total=0 healthy=0
    for url in $urls; do
      total=$((total + 1))
      if answers "$url"; then healthy=$((healthy + 1)); continue; fi
      for own in ${expected}; do [ "$own" != "$url" ] || problem "the member at $url is not healthy"; done
    done
    [ $((healthy + 1)) -gt $(((total + 1) / 2)) ] || problem "only $healthy of $total members are healthy: one more would cost the quorum"`
}
