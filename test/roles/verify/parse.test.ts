import { expect, test } from 'vitest'
import { lookAtHealth } from '../../../roles/health/look.ts'
import { parseHealth } from '../../../roles/health/parse.ts'
import { caPem, onOneLine } from '../support/certificates.ts'
import { syntaxError } from '../support/shell.ts'

/** As a control plane of the lab said it, shortened. */
const controlPlane = `unit=containerd active
unit=kubelet active
now=1764000000
endpoint=ok
node=True 10.0.0.21 v1.34.10
api-server=ok
scheduler=ok
controller-manager=curl: (7) Failed to connect to 127.0.0.1 port 10257
super-admin=
certificate=pki/ca.crt ${onOneLine(caPem)}
listed=m1 True v1.34.10
listed=m2 Unknown v1.34.10
workload=kube-system Deployment coredns 2 2
workload=kube-system DaemonSet kube-proxy 5
etcd-members={"header":{"cluster_id":"1"},"members":[{"ID":"11","name":"m1","peerURLs":["https://10.0.0.21:2380"],"clientURLs":["https://10.0.0.21:2379"]},{"ID":"12","name":"m2","peerURLs":["https://10.0.0.22:2380"],"clientURLs":["https://10.0.0.22:2379"],"isLearner":true}]}
etcd-health=https://10.0.0.21:2379 {"health":"true","reason":""}
etcd-status=https://10.0.0.21:2379 {"version":"3.6.5","dbSize":"5128192","leader":"11","raftTerm":"2"}
etcd-health=https://10.0.0.22:2379
etcd-status=https://10.0.0.22:2379
etcd-alarms={"header":{},"alarms":[{"memberID":"11","alarm":"NOSPACE"}]}
`

test('the script can be read by a POSIX shell', () => {
  expect(syntaxError(lookAtHealth({ endpoint: 'api.test:6443', vip: '10.0.0.100', address: '10.0.0.21', bindPort: 6443, backupFolder: '/var/backups/here' }).text)).toBeUndefined()
})

test('a control plane is read with its etcd, certificates, nodes and workloads', () => {
  const health = parseHealth(controlPlane)
  expect(health).toMatchObject({ swap: false, endpoint: 'ok', holdsVip: false, node: { ready: true, address: '10.0.0.21', version: 'v1.34.10' } })
  expect(health.controlPlane).toMatchObject({
    apiServer: 'ok',
    controllerManager: 'curl: (7) Failed to connect to 127.0.0.1 port 10257',
    superAdmin: [],
    uploadedCertificates: false,
    nodes: [{ name: 'm1', ready: true }, { name: 'm2', ready: false }],
    workloads: [{ name: 'coredns', wanted: 2, available: 2 }, { name: 'kube-proxy', wanted: 5, available: 0 }],
    etcd: {
      members: [{ id: '11', name: 'm1', learner: false, healthy: true, leader: '11', size: 5_128_192 }, { id: '12', name: 'm2', learner: true, healthy: false, leader: undefined, size: undefined }],
      alarms: ['NOSPACE'],
    },
  })
  expect(health.controlPlane?.certificates).toMatchObject([{ file: 'pki/ca.crt' }])
})

test('a balancer is no node, and holds the address when it says so', () => {
  expect(parseHealth('unit=haproxy active\nunit=keepalived failed\nendpoint=ok\nvip=held\n')).toMatchObject({ units: new Map([['haproxy', 'active'], ['keepalived', 'failed']]), holdsVip: true, node: undefined, controlPlane: undefined })
})

test('a node that could not be asked for is not ready, with kubectl’s own words', () => {
  expect(parseHealth('node=error: the server is gone\n').node).toEqual({ ready: false, address: '', version: '', problem: 'error: the server is gone' })
})

test('an etcd that answers nonsense counts as one that does not answer', () => {
  expect(parseHealth('api-server=ok\netcd-members=<html>\n').controlPlane?.etcd).toBeUndefined()
})
