import { describe, expect, test } from 'vitest'
import { classify, type Expectation } from '../../../roles/kubernetes/classify.ts'
import type { Evidence } from '../../../roles/kubernetes/evidence.ts'

const bare: Evidence = { files: [], etcdData: false, kubelet: 'inactive', ca: undefined, certificateLeft: undefined, apiServer: 'silent', node: 'unknown', uploaded: false, etcdMember: 'unknown', attempt: false }
const manifests = ['manifests/etcd.yaml', 'manifests/kube-apiserver.yaml', 'manifests/kube-controller-manager.yaml', 'manifests/kube-scheduler.yaml']
const master: Evidence = { files: ['admin.conf', 'kubelet.conf', ...manifests], etcdData: true, kubelet: 'active', ca: 'sha256:ours', certificateLeft: 1e6, apiServer: 'ready', node: 'present', uploaded: true, etcdMember: 'voter', attempt: false }
const worker: Evidence = { ...bare, files: ['kubelet.conf'], kubelet: 'active', ca: 'sha256:ours', certificateLeft: 1e6, node: 'present' }

const controlPlane: Expectation = { part: 'control-plane', endpointCa: 'sha256:ours' }
const ofWorker: Expectation = { part: 'worker', endpointCa: 'sha256:ours' }
const alone: Expectation = { part: 'control-plane', endpointCa: undefined }

describe('what a control plane is', () => {
  test.each<[string, Evidence, Expectation, string]>([
    ['a bare machine', bare, alone, 'fresh'],
    ['a bare machine beside a living cluster', bare, controlPlane, 'fresh'],
    ['a certificate authority of the user’s own', { ...bare, ca: 'sha256:theirs' }, alone, 'fresh'],
    ['our CA, copied by a join that went no further', { ...bare, ca: 'sha256:ours', attempt: true }, controlPlane, 'fresh'],
    ['a healthy member', master, controlPlane, 'joined'],
    ['a healthy member while the endpoint is down', master, alone, 'joined'],
    ['a healthy member whose mark was not taken away', { ...master, attempt: true }, controlPlane, 'joined'],
    ['a member of another cluster', { ...master, ca: 'sha256:theirs' }, controlPlane, 'foreign'],
    ['a CA of another cluster and nothing else', { ...bare, ca: 'sha256:theirs' }, controlPlane, 'foreign'],
    ['an init that died before the manifests', { ...bare, files: ['admin.conf'], ca: 'sha256:ours', attempt: true }, alone, 'partial'],
    ['an init that died while it waited for the API', { ...master, apiServer: 'silent', node: 'unknown', uploaded: false, etcdMember: 'unknown', attempt: true }, alone, 'partial'],
    ['an init that died before the upload', { ...master, uploaded: false, attempt: true }, controlPlane, 'partial'],
    ['a join that died before kubelet.conf', { ...bare, files: ['admin.conf', ...manifests], etcdData: true, ca: 'sha256:ours', attempt: true }, controlPlane, 'partial'],
    ['a join whose learner was never promoted', { ...master, etcdMember: 'learner', attempt: true }, controlPlane, 'partial'],
    ['files of somebody else’s unfinished init', { ...bare, files: ['admin.conf'], ca: 'sha256:ours' }, alone, 'partial'],
    ['only etcd data', { ...bare, etcdData: true }, alone, 'partial'],
    ['a member whose API server is down', { ...master, apiServer: 'silent' }, controlPlane, 'broken'],
    ['a member whose kubelet is down', { ...master, kubelet: 'inactive' }, controlPlane, 'broken'],
    ['a member whose kubelet certificate has expired', { ...master, certificateLeft: -5 }, controlPlane, 'broken'],
    ['a member that etcd does not know any more', { ...master, etcdMember: 'none' }, controlPlane, 'broken'],
    ['a member whose Node was deleted', { ...master, node: 'missing' }, controlPlane, 'broken'],
    ['a worker that was made a control plane in the inventory', worker, controlPlane, 'broken'],
  ])('%s', (_, seen, expected, state) => {
    expect(classify(seen, expected).state).toBe(state)
  })
})

describe('what a control plane beside external etcd is', () => {
  const external: Expectation = { ...controlPlane, etcd: 'external' }
  const beside: Evidence = { ...master, files: master.files.filter(file => file !== 'manifests/etcd.yaml'), etcdData: false, etcdMember: 'unknown' }
  test.each<[string, Evidence, Expectation, string]>([
    ['a bare machine', bare, external, 'fresh'],
    ['a healthy member', beside, external, 'joined'],
    ['a member whose API server is down', { ...beside, apiServer: 'silent' }, external, 'broken'],
    ['an init that died before the manifests', { ...bare, files: ['admin.conf'], attempt: true }, external, 'partial'],
    ['a member with etcd stacked on it', master, external, 'broken'],
    ['the same where etcd should be stacked', beside, controlPlane, 'partial'],
  ])('%s', (_, seen, expected, state) => {
    expect(classify(seen, expected).state).toBe(state)
  })
})

describe('what a worker is', () => {
  test.each<[string, Evidence, string]>([
    ['a bare machine', bare, 'fresh'],
    ['a healthy member', worker, 'joined'],
    ['a member of another cluster', { ...worker, ca: 'sha256:theirs' }, 'foreign'],
    ['a join that died before the certificate came', { ...bare, files: ['bootstrap-kubelet.conf'], ca: 'sha256:ours', attempt: true }, 'partial'],
    ['a join that died before the node was registered', { ...worker, node: 'missing', attempt: true }, 'partial'],
    ['a member whose Node was deleted', { ...worker, node: 'missing' }, 'broken'],
    ['a member that cannot reach the API', { ...worker, node: 'unknown' }, 'broken'],
    ['a control plane that was made a worker in the inventory', master, 'broken'],
  ])('%s', (_, seen, state) => {
    expect(classify(seen, ofWorker).state).toBe(state)
  })
})

test('a verdict comes with what was seen, its own reason first', () => {
  expect(classify({ ...master, apiServer: 'silent' }, controlPlane).evidence).toEqual([
    'its kube-apiserver is not ready',
    '/etc/kubernetes has admin.conf, kubelet.conf, manifests/etcd.yaml, manifests/kube-apiserver.yaml, manifests/kube-controller-manager.yaml, manifests/kube-scheduler.yaml',
    'etcd has data, kubelet active, API server silent, Node present, etcd member voter',
  ])
})
