import { X509Certificate } from 'node:crypto'
import { fact, sh } from 'ts-play'
import { attemptMark } from '../kubernetes/attempt.ts'
import { caHash } from '../kubernetes/evidence.ts'
import { listMembers } from './etcd.ts'
import { agentKubectl, k3sKubectl } from './kubectl.ts'
import { k3sPaths } from './paths.ts'

/** What can be seen of k3s on a host. Files tell what was begun, answers tell what works; neither alone tells the state. */
export interface K3sEvidence {
  /** Of the installed binary: v1.34.2+k3s1. */
  readonly version: string | undefined
  /** Which units there are, and what they do. */
  readonly server: UnitState
  readonly agent: UnitState
  readonly datastore: 'etcd' | 'sqlite' | 'none'
  /** `sha256:…` of the public key of the CA that serves the API. */
  readonly ca: string | undefined
  readonly agentCa: string | undefined
  readonly apiServer: 'ready' | 'silent'
  /** The Node object of this host; `unknown` when the API could not be asked. */
  readonly node: 'present' | 'missing' | 'unknown'
  readonly etcdMember: 'voter' | 'learner' | 'none' | 'unknown'
  /** An attempt of ours to begin or join has not ended yet. */
  readonly attempt: boolean
}
export type UnitState = 'active' | 'inactive' | 'absent'

/**
 * One look at everything that tells whether a host is a member. Judged before the run changes anything, so once a host and run is enough. A member of etcd is known by
 * its name, which k3s keeps beside the data.
 */
export const k3sEvidence = fact({
  name: 'k3s-evidence',
  lifetime: 'stable',
  query: sh`
    if [ -e ${attemptMark} ]; then echo attempt=yes; fi
    if [ -x ${k3sPaths.binary} ]; then echo "version=$(${k3sPaths.binary} --version 2>/dev/null | head -n 1)"; fi
    for unit in k3s k3s-agent; do
      if [ -e "/etc/systemd/system/$unit.service" ]; then echo "$unit=$(systemctl is-active "$unit" 2>/dev/null)"; fi
    done
    if [ -d ${k3sPaths.etcdWal} ]; then echo datastore=etcd; elif [ -e ${k3sPaths.sqlite} ]; then echo datastore=sqlite; fi
    pem() { if [ -s "$2" ]; then echo "$1=$(sed -n '/BEGIN CERT/,/END CERT/{p;/END CERT/q;}' "$2" | tr -d '\\n')"; fi; }
    pem ca ${k3sPaths.serverCa}
    pem agent-ca ${k3sPaths.agentCa}
    name=$(uname -n | tr A-Z a-z)
    if [ -s ${k3sPaths.kubeconfig} ]; then
      echo "readyz=$(${k3sKubectl} get --raw /readyz 2>/dev/null)"
      echo "node=$(${k3sKubectl} get node "$name" -o name 2>&1 | tr '\\n' ' ')"
    elif [ -s ${k3sPaths.agentKubeconfig} ]; then
      echo "node=$(${agentKubectl} get node "$name" -o name 2>&1 | tr '\\n' ' ')"
    fi
    if [ -d ${k3sPaths.etcdWal} ]; then
      echo "member=$(cat ${`${k3sPaths.data}/server/db/etcd/name`} 2>/dev/null)"
      echo "members=$(${listMembers} 2>/dev/null)"
    fi`,
  parse: parseK3sEvidence,
})

export function parseK3sEvidence(stdout: string): K3sEvidence {
  const one = (key: string): string => stdout.split('\n').find(line => line.startsWith(`${key}=`))?.slice(key.length + 1).trim() ?? ''
  return {
    version: /^k3s version (\S+)/.exec(one('version'))?.[1],
    server: unitState(one('k3s')),
    agent: unitState(one('k3s-agent')),
    datastore: one('datastore') === 'etcd' ? 'etcd' : one('datastore') === 'sqlite' ? 'sqlite' : 'none',
    ca: hashOf(one('ca')),
    agentCa: hashOf(one('agent-ca')),
    apiServer: one('readyz') === 'ok' ? 'ready' : 'silent',
    node: one('node').startsWith('node/') ? 'present' : one('node').includes('NotFound') ? 'missing' : 'unknown',
    etcdMember: memberOf(one('members'), one('member')),
    attempt: one('attempt') === 'yes',
  }
}

function unitState(answer: string): UnitState {
  if (answer === '') return 'absent'
  return answer === 'active' ? 'active' : 'inactive'
}

/** Of a certificate whose line breaks were taken out to fit on a line. */
export function hashOf(line: string): string | undefined {
  const body = /-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----/.exec(line)?.[1]
  try {
    return body === undefined ? undefined : caHash(new X509Certificate(Buffer.from(body, 'base64')))
  } catch {
    return undefined
  }
}

/** etcd leaves `isLearner` out where it is false. */
function memberOf(answer: string, name: string): K3sEvidence['etcdMember'] {
  const own = answer.split(/\}\s*,\s*\{/).find(member => name !== '' && member.includes(`"name":"${name}"`))
  if (own !== undefined) return own.includes('"isLearner":true') ? 'learner' : 'voter'
  return answer.includes('"members"') ? 'none' : 'unknown'
}
