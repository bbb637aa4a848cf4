import { describe, expect, test } from 'vitest'
import { secret } from '../../../engine/index.ts'
import { controlPlaneJoin } from '../../../roles/control-plane-join/role.ts'
import { parseEvidence, type Evidence } from '../../../roles/kubernetes/evidence.ts'
import type { Membership, PkiSource } from '../../../roles/outputs.ts'
import { workerJoin } from '../../../roles/worker-join/role.ts'
import { itemsOf, plain, refusals, shown, specOf, varsOf, type Context } from '../support/tasks.ts'

const endpoint = { name: 'api.example.org', address: '10.0.0.100', port: 6443 }
const cluster = { name: 'kubernetes', version: 'v1.34.10', ca: 'sha256:ours', servedBy: 'm1' }
const ticket = { token: secret`abcdef.0123456789abcdef`, caHash: 'sha256:ours', sickMembers: [] }
const pki: PkiSource = { by: 'ssh', files: [{ path: 'ca.key', content: secret`key` }, { path: 'ca.crt', content: secret`certificate` }] }
const seen = (state: Membership['state'], changes: Partial<Membership> = {}): Membership =>
  ({ state, ca: state === 'fresh' ? undefined : 'sha256:ours', endpointCa: 'sha256:ours', evidence: ['it is odd'], attempt: false, apiServer: 'silent', etcdMember: 'none', ...changes })

describe('control-plane-join', () => {
  const context = (membership: Membership, changes: { ticket?: unknown; kubelet?: string; vars?: object } = {}): Context => ({
    host: { name: 'm2', address: '10.0.0.22' },
    vars: { kubernetesVersion: 'v1.34.10', ...changes.vars },
    facts: { kubelet: changes.kubelet ?? 'v1.34.10', nodeName: 'm2' },
    inputs: {
      endpoint, cluster, ticket: changes.ticket,
      survey: new Map([['m2', membership]]),
      etcd: { dataDirectory: '/var/lib/etcd', extraArgs: {} },
      controlPlanes: [{ name: 'm1', address: '10.0.0.21', vars: {} }, { name: 'm2', address: '10.0.0.22', vars: {} }],
    },
  })
  const joining = { ticket: { ...ticket, pki } }

  test('of a fresh host does', () => {
    expect(shown(itemsOf(controlPlaneJoin, context(seen('fresh'), joining)))).toMatchInlineSnapshot(`
      [
        "wait-for the API is ready at api.example.org",
        "directory /etc/kubernetes/pki/etcd",
        "file /etc/kubernetes/pki/ca.key",
        "file /etc/kubernetes/pki/ca.crt",
        "command kubeadm join",
        "wait-for its API server is ready",
        "wait-for etcd is healthy",
        "wait-for the node is Ready",
        "file /var/lib/ts-play/attempt",
      ]
    `)
  })
  test('keys are root’s alone', () => {
    const items = itemsOf(controlPlaneJoin, context(seen('fresh'), joining))
    expect(specOf(items, 'file', '/etc/kubernetes/pki/ca.key')['mode']).toBe(0o600)
    expect(specOf(items, 'file', '/etc/kubernetes/pki/ca.crt')['mode']).toBe(0o644)
  })
  test('does not mind a dead etcd that nobody in the inventory answers for', () => {
    expect(refusals(itemsOf(controlPlaneJoin, context(seen('fresh'), { ticket: { ...ticket, pki, sickMembers: ['https://10.0.0.9:2379'] } })))).toEqual([])
  })
  test('by upload brings no file, and the key only in kubeadm’s configuration', () => {
    const items = itemsOf(controlPlaneJoin, context(seen('fresh'), { ticket: { ...ticket, pki: { by: 'upload', certificateKey: secret`beef` } } }))
    expect(shown(items).filter(line => line.includes('/pki/'))).toEqual(['directory /etc/kubernetes/pki/etcd'])
    expect(plain(specOf(items, 'command', 'kubeadm join')['stdin'])).toContain('certificateKey: "beef"')
  })
  test('of a member does nothing', () => {
    expect(shown(itemsOf(controlPlaneJoin, context(seen('joined'))))).toEqual(['file /var/lib/ts-play/attempt'])
  })
  test('of a member whose join was not seen through looks whether all is well', () => {
    expect(shown(itemsOf(controlPlaneJoin, context(seen('joined', { attempt: true }))))).toEqual(['wait-for its API server is ready', 'wait-for etcd is healthy', 'command mark the node as a control plane', 'wait-for the node is Ready', 'file /var/lib/ts-play/attempt'])
  })
  test.each<[string, Partial<Membership>, boolean]>([
    ['ours whose etcd was never heard of', { attempt: true, etcdMember: 'none' }, true],
    ['ours whose etcd is a learner', { attempt: true, etcdMember: 'learner' }, true],
    ['ours whose etcd has a vote', { attempt: true, etcdMember: 'voter' }, false],
    ['that nobody says is ours', { attempt: false }, false],
  ])('cleans up an attempt %s without asking: %s', (_, changes, permitted) => {
    const items = itemsOf(controlPlaneJoin, context(seen('partial', changes), joining))
    expect(specOf(items, 'command', 'clean up the unfinished attempt on m2')['destroys']).toMatchObject({ permitted })
  })
  test.each<[string, Context, RegExp]>([
    ['a member of another cluster', context(seen('foreign', { ca: 'sha256:theirs' })), /m2 is a member of another cluster than m1: it is odd/],
    ['a member that does not work', context(seen('broken')), /m2 is a member that does not work: it is odd/],
    ['while another control plane is ill', context(seen('fresh'), { ticket: { ...ticket, pki, sickMembers: ['https://10.0.0.21:2379'] } }), /etcd at 10\.0\.0\.21 does not answer/],
    ['another minor version', context(seen('fresh'), { ...joining, kubelet: 'v1.35.5' }), /m2 has Kubernetes v1\.35\.5 and the cluster v1\.34\.10/],
    ['a host without a kubelet', context(seen('fresh'), { ticket: undefined, kubelet: 'absent' }), /m2 has no kubelet/],
  ])('refuses %s', (_, given, message) => {
    expect(refusals(itemsOf(controlPlaneJoin, given))).toEqual([expect.stringMatching(message)])
  })
})

describe('worker-join', () => {
  const nothing = parseEvidence('')
  const joined: Evidence = { ...nothing, files: ['kubelet.conf'], kubelet: 'active', ca: 'sha256:ours', node: 'present' }
  const context = (evidence: Evidence, changes: { ticket?: unknown; kubelet?: string; vars?: object } = {}): Context => ({
    host: { name: 'w1', address: '10.0.0.31' },
    vars: { kubernetesVersion: 'v1.34.10', ...changes.vars },
    facts: { evidence, kubelet: changes.kubelet ?? 'v1.34.10', nodeName: 'w1' },
    inputs: { endpoint, cluster, ticket: changes.ticket },
  })
  const needs = (evidence: Evidence): boolean => {
    const { host = { name: '', address: '' }, facts = {}, inputs = {} } = context(evidence)
    return workerJoin.body.neededWhen['ticket']?.({ host, facts, inputs, vars: varsOf(workerJoin) }) ?? false
  }

  test('asks for a ticket only where somebody joins', () => {
    expect([nothing, joined, { ...joined, node: 'missing' as const, attempt: true }, { ...joined, ca: 'sha256:theirs' }].map(needs)).toEqual([true, false, true, false])
  })
  test('of a fresh host does', () => {
    expect(shown(itemsOf(workerJoin, context(nothing, { ticket })))).toMatchInlineSnapshot(`
      [
        "wait-for the API is ready at api.example.org",
        "command kubeadm join",
        "wait-for the node is Ready",
        "file /var/lib/ts-play/attempt",
      ]
    `)
  })
  test('leaves Ready to the bridge where that is the network', () => {
    expect(shown(itemsOf(workerJoin, context(nothing, { ticket, vars: { network: 'bridge' } }))).some(line => line.includes('Ready'))).toBe(false)
  })
  test('of a member does nothing', () => {
    expect(shown(itemsOf(workerJoin, context(joined)))).toEqual(['file /var/lib/ts-play/attempt'])
  })
  test('may be up to three minors older, never newer', () => {
    expect(refusals(itemsOf(workerJoin, context(nothing, { ticket, kubelet: 'v1.31.0' })))).toEqual([])
    expect(refusals(itemsOf(workerJoin, context(nothing, { ticket, kubelet: 'v1.35.0' })))).toEqual([expect.stringContaining('w1 has Kubernetes v1.35.0 and the cluster v1.34.10')])
  })
})
