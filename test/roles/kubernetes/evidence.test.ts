import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { evidence, parseEvidence } from '../../../roles/kubernetes/evidence.ts'
import { parseClusterInfo } from '../../../roles/kubernetes/cluster-info.ts'
import { runShell } from '../support/shell.ts'
import { caHashOfPem, caPem, clientExpires, clientPem, onOneLine } from '../support/certificates.ts'

const member = '{"ID":"123","name":"cp1","peerURLs":["https://10.0.0.1:2380"],"clientURLs":["https://10.0.0.1:2379"]}'
const learner = '{"ID":"456","name":"cp2","peerURLs":["https://10.0.0.2:2380"],"isLearner":true}'

/** As printed on a member, shortened by what is the same on every line. */
const printed = `attempt=yes
kubelet=active
now=${clientExpires - 3600}
pem=kubelet-client-current.pem ${onOneLine(clientPem)}
file=admin.conf
file=kubelet.conf
file=manifests/etcd.yaml
pem=ca.crt ${onOneLine(caPem)}
node=node/cp1 
readyz=ok
uploaded=configmap/kubeadm-config
peer=https://10.0.0.1:2380
members={"header":{"member_id":"123"},"members":[${member},${learner}]}
etcd-data=yes
`

describe('evidence', () => {
  test('of a member', () => {
    expect(parseEvidence(printed)).toEqual({
      files: ['admin.conf', 'kubelet.conf', 'manifests/etcd.yaml'],
      etcdData: true,
      kubelet: 'active',
      ca: caHashOfPem,
      certificateLeft: 3600,
      apiServer: 'ready',
      node: 'present',
      uploaded: true,
      etcdMember: 'voter',
      attempt: true,
    })
  })

  test('of a learner', () => {
    expect(parseEvidence(printed.replace('peer=https://10.0.0.1', 'peer=https://10.0.0.2')).etcdMember).toBe('learner')
  })

  test('of one that was removed from etcd', () => {
    expect(parseEvidence(printed.replace('peer=https://10.0.0.1', 'peer=https://10.0.0.9')).etcdMember).toBe('none')
  })

  test('of a node that the API does not know, and of an API that does not answer', () => {
    expect(parseEvidence('node=Error from server (NotFound): nodes "cp1" not found').node).toBe('missing')
    expect(parseEvidence('node=The connection to the server was refused').node).toBe('unknown')
  })

  test('of nothing, of rubbish and of a half certificate', () => {
    for (const rubbish of ['', 'pem=ca.crt -----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----', '\n=\n=='])
      expect(parseEvidence(rubbish)).toMatchObject({ files: [], ca: undefined, node: 'unknown', etcdMember: 'unknown', kubelet: 'inactive' })
  })

  test('a bare machine answers without an error, and without a word on stderr', () => {
    const { status, stderr, stdout } = runShell(evidence.query.text, { systemctl: 'exit 3', kubectl: 'exit 127', curl: 'exit 127' })
    expect({ status, stderr, files: parseEvidence(stdout).files }).toEqual({ status: 0, stderr: '', files: [] })
  })
})

describe('a control plane whose API server is not ready', () => {
  /** What is seen of it where its kubelet has run for so many seconds, and how often it was waited for; its API server is ready at the fourth question. */
  function look(seconds: number) {
    const folder = mkdtempSync(join(tmpdir(), 'ts-play-evidence-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    mkdirSync(join(folder, 'manifests'))
    writeFileSync(join(folder, 'kubelet.conf'), 'x')
    writeFileSync(join(folder, 'manifests/kube-apiserver.yaml'), '    - --secure-port=6443\n')
    const { stdout, stderr } = runShell(evidence.query.text.replaceAll('/etc/kubernetes', folder), {
      systemctl: `case $* in is-active*) echo active ;; is-system-running) echo running ;; *ActiveEnterTimestamp*) date -d '${seconds} seconds ago' '+%a %Y-%m-%d %H:%M:%S %Z' ;; esac`,
      sleep: `echo >>${folder}/pauses`,
      curl: `echo >>${folder}/questions; [ "$(wc -l <${folder}/questions)" -lt 4 ] || printf ok`,
      kubectl: 'exit 1',
    })
    expect(stderr).toBe('')
    return { apiServer: parseEvidence(stdout).apiServer, waited: existsSync(join(folder, 'pauses')) }
  }
  test('is waited for while it may be booting', () => {
    expect(look(5)).toEqual({ apiServer: 'ready', waited: true })
  })
  test('is silent where it has had its time', () => {
    expect(look(600)).toEqual({ apiServer: 'silent', waited: false })
  })
})

test('the cluster behind an endpoint', () => {
  const kubeconfig = `apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: ${Buffer.from(caPem).toString('base64')}\n    server: https://api:6443\n`
  expect(parseClusterInfo(JSON.stringify({ kind: 'ConfigMap', data: { kubeconfig } }))).toBe(caHashOfPem)
  expect(parseClusterInfo('')).toBeUndefined()
  expect(parseClusterInfo('<html>503 Service Unavailable</html>')).toBeUndefined()
})
