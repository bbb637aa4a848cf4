import { createHash, X509Certificate } from 'node:crypto'
import { fact, sh } from 'ts-play'
import { attemptMark } from './attempt.ts'
import { askEtcd } from './etcd-health.ts'

/** What can be seen of Kubernetes on a host. Files tell what was begun, answers tell what works; neither alone tells the state. */
export interface Evidence {
  readonly files: readonly string[]
  readonly etcdData: boolean
  readonly kubelet: 'active' | 'inactive'
  /** `sha256:…` of the public key in the host's ca.crt. */
  readonly ca: string | undefined
  /** Seconds until the kubelet's client certificate expires, by the host's own clock. */
  readonly certificateLeft: number | undefined
  readonly apiServer: 'ready' | 'silent'
  /** The Node object of this host; `unknown` when the API could not be asked. */
  readonly node: 'present' | 'missing' | 'unknown'
  /** Whether the cluster's settings were uploaded: the last thing without which nobody can join. */
  readonly uploaded: boolean
  readonly etcdMember: 'voter' | 'learner' | 'none' | 'unknown'
  /** Our own attempt to init or join has not ended yet: a permission to clean up, see `attempt.ts`. */
  readonly attempt: boolean
}

/** Milliseconds for which a member that has just booted may be on its way. */
const BOOTING = 30_000

/**
 * A machine whose power came back a moment ago is not ill: its kubelet and the API server it starts get their time, before anybody judges. Where the kubelet
 * has run for longer nothing is waited for.
 */
const whileItBoots = sh`
    young() {
      case $(systemctl is-system-running 2>/dev/null) in initializing|starting) return 0 ;; esac
      since=$(date -d "$(systemctl show -p ActiveEnterTimestamp --value kubelet 2>/dev/null)" +%s 2>/dev/null) || return 1
      [ $(($(date +%s) - since)) -lt 120 ]
    }
    works() {
      systemctl is-active --quiet kubelet || return 1
      port=$(sed -n 's/^ *- --secure-port=//p' /etc/kubernetes/manifests/kube-apiserver.yaml 2>/dev/null)
      [ -z "$port" ] || [ "$(curl -ks --max-time 2 "https://127.0.0.1:$port/readyz")" = ok ]
    }
    if [ -s /etc/kubernetes/kubelet.conf ]; then
      end=$(($(date +%s) + ${BOOTING / 1000}))
      until works || ! young || [ "$(date +%s)" -ge "$end" ]; do sleep 1; done
    fi`

/**
 * One look at everything that tells whether a host is a member. Judged before the run changes anything, so once a host and run is enough.
 */
export const evidence = fact({
  name: 'kubernetes-evidence',
  lifetime: 'stable',
  query: sh`
    ${whileItBoots}
    if [ -e ${attemptMark} ]; then echo attempt=yes; fi
    echo "kubelet=$(systemctl is-active kubelet 2>/dev/null)"
    echo "now=$(date +%s)"
    pem() { if [ -s "$1" ]; then echo "pem=\${1##*/} $(sed -n '/BEGIN CERT/,/END CERT/{p;/END CERT/q;}' "$1" | tr -d '\\n')"; fi; }
    pem /var/lib/kubelet/pki/kubelet-client-current.pem
    flag() { sed -n "s/^ *- --$1=//p" "$2" 2>/dev/null; }
    data=/var/lib/etcd
    if cd /etc/kubernetes 2>/dev/null; then
      for file in *.conf manifests/*.yaml; do if [ -s "$file" ]; then echo "file=$file"; fi; done
      pem pki/ca.crt
      if [ -s manifests/etcd.yaml ]; then data=$(flag data-dir manifests/etcd.yaml); fi
      if [ -s kubelet.conf ]; then
        echo "node=$(kubectl --kubeconfig kubelet.conf --request-timeout=5s get node "$(uname -n)" -o name 2>&1 | tr '\\n' ' ')"
      fi
      if [ -s manifests/kube-apiserver.yaml ]; then
        echo "readyz=$(curl -ks --max-time 5 "https://127.0.0.1:$(flag secure-port manifests/kube-apiserver.yaml)/readyz")"
        echo "uploaded=$(kubectl --kubeconfig admin.conf --request-timeout=5s get configmap -n kube-system kubeadm-config -o name 2>/dev/null)"
        echo "peer=$(flag initial-advertise-peer-urls manifests/etcd.yaml)"
        echo "members=$(${askEtcd} -d '{}' https://127.0.0.1:2379/v3/cluster/member/list 2>/dev/null)"
      fi
    fi
    if [ -d "$data/member" ]; then echo etcd-data=yes; fi`,
  parse: parseEvidence,
})

export function parseEvidence(stdout: string): Evidence {
  const fields = stdout.split('\n').map(line => ({ key: line.slice(0, line.indexOf('=')), value: line.slice(line.indexOf('=') + 1) }))
  const all = (key: string): string[] => fields.filter(field => field.key === key).map(field => field.value)
  const one = (key: string): string => all(key)[0] ?? ''
  const certificate = (name: string): X509Certificate | undefined => readCertificate(all('pem').find(value => value.startsWith(`${name} `)) ?? '')
  const ca = certificate('ca.crt')
  const client = certificate('kubelet-client-current.pem')
  return {
    files: all('file'),
    etcdData: one('etcd-data') === 'yes',
    kubelet: one('kubelet') === 'active' ? 'active' : 'inactive',
    ca: ca && caHash(ca),
    certificateLeft: client && Math.round(Date.parse(client.validTo) / 1000) - Number(one('now')),
    apiServer: one('readyz') === 'ok' ? 'ready' : 'silent',
    node: nodeOf(one('node')),
    uploaded: one('uploaded') !== '',
    etcdMember: memberOf(one('members'), one('peer')),
    attempt: one('attempt') === 'yes',
  }
}

/** A CA as kubeadm's discovery writes it: the hash of its public key, so that a renewed certificate of the same key still counts. */
export function caHash(certificate: X509Certificate): string {
  return `sha256:${createHash('sha256').update(certificate.publicKey.export({ type: 'spki', format: 'der' })).digest('hex')}`
}

/** A certificate whose line breaks were taken out to fit on a line. */
function readCertificate(line: string): X509Certificate | undefined {
  const body = /-----BEGIN CERTIFICATE-----(.+)-----END CERTIFICATE-----/.exec(line)?.[1]
  try {
    return body === undefined ? undefined : new X509Certificate(Buffer.from(body, 'base64'))
  } catch {
    return undefined
  }
}

function nodeOf(answer: string): Evidence['node'] {
  if (answer.startsWith('node/')) return 'present'
  return answer.includes('NotFound') ? 'missing' : 'unknown'
}

/** etcd leaves `isLearner` out where it is false. */
function memberOf(answer: string, peer: string): Evidence['etcdMember'] {
  const own = answer.split(/\}\s*,\s*\{/).find(member => peer !== '' && member.includes(`"${peer}"`))
  if (own !== undefined) return own.includes('"isLearner":true') ? 'learner' : 'voter'
  return answer.includes('"members"') ? 'none' : 'unknown'
}
