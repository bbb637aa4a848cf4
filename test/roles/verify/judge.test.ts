import { describe, expect, test } from 'vitest'
import type { ControlPlaneHealth, EtcdMember, Health, ExternalEtcdHealth } from '../../../roles/kubernetes/health.ts'
import { judge, type Wanted } from '../../../roles/verify/judge.ts'

const DAY = 86_400
const wanted: Wanted = { balancers: ['lb1', 'lb2'], controlPlanes: ['m1', 'm2', 'm3'], etcdHosts: [], workers: ['w1'], endpoint: 'api.test:6443', vip: '10.0.0.100', kubernetesVersion: 'v1.34.10', backups: { maxAge: 120, store: undefined } }

const balancer = (holdsVip: boolean): Health => ({ units: new Map([['haproxy', 'active'], ['keepalived', 'active']]), swap: false, endpoint: 'curl: (6) Could not resolve host', holdsVip, node: undefined, controlPlane: undefined, externalEtcd: undefined, backup: undefined })
const node: Health = { units: new Map([['containerd', 'active'], ['kubelet', 'active']]), swap: false, endpoint: 'ok', holdsVip: false, node: { ready: true, address: '10.0.0.31', version: 'v1.34.10', problem: undefined }, controlPlane: undefined, externalEtcd: undefined, backup: undefined }
const member = (name: string, over: Partial<EtcdMember> = {}): EtcdMember => ({ id: `id-${name}`, name, learner: false, healthy: true, leader: 'id-m2', size: 5_000_000, ...over })
const controlPlane = (over: Partial<ControlPlaneHealth> = {}): Health => ({
  ...node,
  controlPlane: {
    apiServer: 'ok', scheduler: 'ok', controllerManager: 'ok', superAdmin: [], uploadedCertificates: false,
    certificates: [{ file: 'pki/apiserver.crt', left: 364 * DAY }, { file: 'pki/ca.crt', left: 3649 * DAY }],
    nodes: ['m1', 'm2', 'm3', 'w1'].map(name => ({ name, ready: true, version: 'v1.34.10' })),
    workloads: [{ namespace: 'kube-system', kind: 'Deployment', name: 'coredns', wanted: 2, available: 2 }, { namespace: 'shop', kind: 'Deployment', name: 'web', wanted: 9, available: 0 }],
    etcd: { members: ['m1', 'm2', 'm3'].map(name => member(name)), alarms: [] },
    ...over,
  },
})
const well = new Map([['lb1', balancer(true)], ['lb2', balancer(false)], ['m1', controlPlane()], ['m2', controlPlane()], ['m3', controlPlane()], ['w1', node]])
const without = (host: string) => new Map([...well].filter(([name]) => name !== host))
const etcd = (members: readonly EtcdMember[], alarms: readonly string[] = []) => new Map(well).set('m1', controlPlane({ etcd: { members, alarms } }))

/** What is not ok, one line each. */
const ill = (reports: ReadonlyMap<string, Health>) => judge(reports, wanted).flatMap(({ component, state, found }) => (state === 'ok' ? [] : [`${state}: ${component}: ${found}`]))

test('a healthy cluster is ok in every row, and says who leads and who holds the address', () => {
  expect(judge(well, wanted).map(({ component, state, found }) => `${component} ${state}: ${found}`)).toEqual([
    'hosts ok: 6 of 6 answer',
    'endpoint api.test:6443 ok: ready, seen from 4 hosts',
    'address 10.0.0.100 ok: held by lb1',
    'containerd ok: active on 4 of 4 hosts',
    'haproxy ok: active on 2 of 2 hosts',
    'keepalived ok: active on 2 of 2 hosts',
    'kubelet ok: active on 4 of 4 hosts',
    'kube-apiserver ok: ok on m1, m2, m3',
    'kube-scheduler ok: ok on m1, m2, m3',
    'kube-controller-manager ok: ok on m1, m2, m3',
    'etcd ok: 3 of 3 members healthy, led by m2, 5 MiB',
    'nodes ok: 4 of 4 Ready',
    'coredns ok: 2 of 2 available',
    'certificates ok: the first of 6 to end is pki/apiserver.crt on m1, in 364 days',
  ])
})

describe('external etcd', () => {
  const etcdHost = (over: Partial<ExternalEtcdHealth> = {}): Health => ({
    ...node, node: undefined, units: new Map([['etcd', 'active']]),
    externalEtcd: { certificates: [{ file: '/etc/etcd/pki/server.crt', left: 300 * DAY }], etcd: { members: ['e1', 'e2', 'e3'].map(name => member(name, { leader: 'id-e2' })), alarms: [] }, ...over },
  })
  const external = { ...wanted, etcdHosts: ['e1', 'e2', 'e3'] }
  const all = new Map([...well].map(([name, health]) => [name, health.controlPlane === undefined ? health : controlPlane({ etcd: undefined })] as const))
  for (const name of external.etcdHosts) all.set(name, etcdHost())
  const told = (reports: ReadonlyMap<string, Health>) => judge(reports, external).flatMap(({ component, state, found }) => (component.includes('etcd') ? [`${component} ${state}: ${found}`] : []))

  test('is looked at on its own hosts, with its own certificates', () => {
    expect(told(all)).toEqual(['etcd ok: active on 3 of 3 hosts', 'etcd ok: 3 of 3 members healthy, led by e2, 5 MiB', 'etcd certificates ok: the first of 3 to end is /etc/etcd/pki/server.crt on e1, in 300 days'])
  })
  test('is ill when nobody answers, when a member is missing, and when a certificate ends soon', () => {
    expect(told(new Map([...all, ...external.etcdHosts.map(name => [name, etcdHost({ etcd: undefined })] as const)]))[1]).toBe('etcd failed: no member answers')
    expect(told(new Map(all).set('e1', etcdHost({ etcd: { members: [member('e1')], alarms: [] } })))[1]).toBe('etcd failed: 1 members, and the inventory has 3 hosts of etcd (seen by e1)')
    expect(told(new Map(all).set('e3', etcdHost({ certificates: [{ file: '/etc/etcd/pki/peer.crt', left: 5 * DAY }] })))[2]).toBe('etcd certificates warning: the first of 3 to end is /etc/etcd/pki/peer.crt on e3, in 5 days')
  })
})

const rows: readonly { readonly title: string; readonly reports: ReadonlyMap<string, Health>; readonly ill: readonly string[] }[] = [
  { title: 'a host that gave no report', reports: without('w1'), ill: ['failed: hosts: no answer from w1'] },
  { title: 'an endpoint that one host cannot reach', reports: new Map(well).set('w1', { ...node, endpoint: 'curl: (7) refused' }), ill: ['failed: endpoint api.test:6443: not ready from w1: curl: (7) refused'] },
  { title: 'a floating address that nobody holds', reports: new Map(well).set('lb1', balancer(false)), ill: ['failed: address 10.0.0.100: held by nobody'] },
  { title: 'a floating address that two hold', reports: new Map(well).set('lb2', balancer(true)), ill: ['failed: address 10.0.0.100: held by lb1 and lb2 at once'] },
  { title: 'a unit that is enabled and down', reports: new Map(well).set('w1', { ...node, units: new Map([['kubelet', 'failed'], ['containerd', 'active']]) }), ill: ['failed: kubelet: failed on w1'] },
  { title: 'swap that came back', reports: new Map(well).set('w1', { ...node, swap: true }), ill: ['warning: swap: on at w1'] },
  { title: 'an API server that does not answer', reports: new Map(well).set('m2', controlPlane({ apiServer: '' })), ill: ['failed: kube-apiserver: m2: no answer'] },
  { title: 'a control plane that has not joined', reports: new Map(well).set('m3', node), ill: ['failed: control planes: m3 is none yet'] },
  { title: 'a member of etcd that is missing', reports: etcd([member('m1'), member('m2')]), ill: ['failed: etcd: 2 members, and the inventory has 3 control planes (seen by m1)'] },
  { title: 'a member of etcd that is ill', reports: etcd([member('m1'), member('m2'), member('m3', { healthy: false, leader: undefined })]), ill: ['failed: etcd: not healthy: m3 (seen by m1)'] },
  { title: 'a learner', reports: etcd([member('m1'), member('m2'), member('m3', { learner: true })]), ill: ['failed: etcd: still learning: m3 (seen by m1)'] },
  { title: 'two leaders', reports: etcd([member('m1', { leader: 'id-m1' }), member('m2'), member('m3')]), ill: ['failed: etcd: its members do not agree on a leader (seen by m1)'] },
  { title: 'an alarm', reports: etcd(['m1', 'm2', 'm3'].map(name => member(name)), ['NOSPACE']), ill: ['failed: etcd: alarm NOSPACE (seen by m1)'] },
  { title: 'a node that is not Ready', reports: new Map(well).set('w1', { ...node, node: { ready: false, address: '', version: '', problem: undefined } }), ill: ['failed: nodes: w1 is not Ready'] },
  { title: 'a host that never joined', reports: new Map(well).set('w1', { ...node, node: undefined }), ill: ['failed: nodes: w1 has not joined'] },
  { title: 'a workload of the system that is not available', reports: new Map(well).set('m1', controlPlane({ workloads: [{ namespace: 'kube-system', kind: 'Deployment', name: 'coredns', wanted: 2, available: 1 }] })), ill: ['failed: coredns: 1 of 2 available'] },
  { title: 'a certificate that ends soon', reports: new Map(well).set('m2', controlPlane({ certificates: [{ file: 'admin.conf', left: 5 * DAY }] })), ill: ['warning: certificates: the first of 5 to end is admin.conf on m2, in 5 days'] },
  { title: 'a certificate that has ended', reports: new Map(well).set('m2', controlPlane({ certificates: [{ file: 'admin.conf', left: -2 * DAY }] })), ill: ['failed: certificates: the first of 5 to end is admin.conf on m2, 2 days ago'] },
  { title: 'credentials of the init that are still mounted', reports: new Map(well).set('m1', controlPlane({ superAdmin: ['manifests/kube-vip.yaml'] })), ill: ['failed: super-admin.conf: mounted by m1:manifests/kube-vip.yaml'] },
  { title: 'certificate authorities left in the cluster', reports: new Map(well).set('m1', controlPlane({ uploadedCertificates: true })), ill: ['warning: kubeadm-certs: the certificate authorities are still in the cluster as a secret'] },
]

describe('it is told, and nothing else:', () => {
  test.each(rows)('$title', ({ reports, ill: expected }) => {
    expect(ill(reports)).toEqual(expected)
  })
})
