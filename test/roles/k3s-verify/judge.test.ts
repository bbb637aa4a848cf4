import { describe, expect, test } from 'vitest'
import type { K3sHealth } from '../../../roles/k3s/health.ts'
import { lookAtK3s } from '../../../roles/k3s-health/look.ts'
import { parseK3sHealth } from '../../../roles/k3s-health/parse.ts'
import { judgeK3s, type Wanted } from '../../../roles/k3s-verify/judge.ts'
import { syntaxError } from '../support/shell.ts'

const agent: K3sHealth = { unit: 'active', version: 'v1.34.2+k3s1', endpoint: 'ok', holdsVip: false, apiServer: undefined, etcd: undefined, members: [], alarms: [], nodes: [], node: true, snapshot: undefined }
const member = (name: string, voter = true) => ({ name, voter })
const server: K3sHealth = { ...agent, apiServer: 'ok', etcd: 'ok', members: ['s1', 's2', 's3'].map(name => member(name)), nodes: ['s1', 's2', 's3', 'a1'].map(name => ({ name, ready: true, version: 'v1.34.2+k3s1' })), snapshot: 60 }
const wanted: Wanted = { balancers: [], servers: ['s1', 's2', 's3'], agents: ['a1'], endpoint: 'api.example.org:6443', vip: undefined, k3sVersion: 'v1.34.2+k3s1', snapshotsOlderThan: 3600 }
const healthy = { s1: server, s2: server, s3: server, a1: agent }
const judged = (changes: Readonly<Record<string, Partial<K3sHealth>>>, more: Partial<Wanted> = {}): string[] =>
  judgeK3s(new Map(Object.entries(healthy).map(([host, health]) => [host, { ...health, ...changes[host] }])), { ...wanted, ...more })
    .flatMap(({ component, state, found }) => (state === 'ok' ? [] : [`${state} ${component}: ${found}`]))

describe('k3s-verify', () => {
  test('finds nothing where all is well', () => expect(judged({})).toEqual([]))
  test.each<[string, Readonly<Record<string, Partial<K3sHealth>>>, string]>([
    ['an API that one host cannot reach', { a1: { endpoint: 'curl: (7)' } }, 'failed endpoint api.example.org:6443: a1: curl: (7)'],
    ['a unit that failed', { s2: { unit: 'failed' } }, 'failed k3s: s2: failed'],
    ['another version', { a1: { version: 'v1.34.1+k3s1' } }, 'failed k3s: a1: version v1.34.1+k3s1'],
    ['a node that is not Ready', { a1: { node: false } }, 'failed nodes: a1: not Ready'],
    ['an API server that is ill', { s3: { apiServer: '[+]ping ok' } }, 'failed kube-apiserver: s3: [+]ping ok'],
    ['an etcd without a quorum', { s1: { etcd: '{"health":"false"}' } }, 'failed etcd: s1: {"health":"false"}'],
    ['a learner', { s1: { members: [member('s1'), member('s2'), member('s3', false)] } }, 'failed etcd members: still learning: s3'],
    ['a member too few', { s1: { members: [member('s1'), member('s2')] } }, 'failed etcd members: 2 members, and the inventory has 3 servers'],
    ['an alarm', { s1: { alarms: ['NOSPACE'] } }, 'failed etcd members: alarm NOSPACE'],
    ['old snapshots', { s2: { snapshot: 4000 }, s3: { snapshot: undefined } }, 'warning etcd snapshots: none, or none recent, on s2, s3'],
    ['forgotten nodes', { s1: { nodes: [...server.nodes, { name: 'gone', ready: false, version: '' }] } }, 'warning other nodes: not Ready and more than the inventory has: gone'],
  ])('finds %s', (_, changes, finding) => expect(judged(changes)).toEqual([finding]))
  test('exactly one host holds the floating address', () => {
    const vip = { vip: '10.0.0.100' }
    expect(judged({ s1: { holdsVip: true } }, vip)).toEqual([])
    expect(judged({}, vip)).toEqual(['failed address 10.0.0.100: held by nobody'])
    expect(judged({ s1: { holdsVip: true }, s2: { holdsVip: true } }, vip)).toEqual(['failed address 10.0.0.100: held by s1 and s2 at once'])
  })
  test('a host that cannot be asked is a failure', () => {
    expect(judgeK3s(new Map([['s1', server]]), wanted)[0]).toMatchObject({ state: 'failed', found: 'no answer from s2, s3, a1' })
    expect(judgeK3s(new Map(), wanted).filter(({ state }) => state !== 'failed')).toEqual([])
  })
})

describe('k3s-health', () => {
  test.each([undefined, '10.0.0.100'])('a POSIX shell can read the look (floating address %s)', vip => {
    expect(syntaxError(lookAtK3s({ endpoint: 'api.example.org:6443', vip, address: '10.0.0.21', bindPort: 6443 }).text)).toBeUndefined()
  })
  test('reads what a server says', () => {
    expect(parseK3sHealth(`endpoint=ok \nvip=held\nunit=active\nversion=k3s version v1.34.2+k3s1 (1234)\nnode=True\napi-server=ok \nlisted=s1 True v1.34.2+k3s1\netcd={"health":"true","reason":""}
members={"header":{},"members":[{"ID":"1","name":"s1-0","peerURLs":["https://a:2380"]},{"ID":"2","peerURLs":["https://b:2380"],"isLearner":true}]}\nalarms={"alarms":[{"memberID":"1","alarm":"NOSPACE"}]}\nsnapshot=12\n`)).toEqual({
      unit: 'active', version: 'v1.34.2+k3s1', endpoint: 'ok', holdsVip: true, apiServer: 'ok', etcd: 'ok', members: [member('s1-0'), member('not started', false)], alarms: ['NOSPACE'],
      nodes: [{ name: 's1', ready: true, version: 'v1.34.2+k3s1' }], node: true, snapshot: 12,
    })
  })
  test('nothing is ill, not well', () => {
    expect(parseK3sHealth('')).toMatchObject({ unit: '', endpoint: '', node: false, apiServer: undefined, members: [], snapshot: undefined })
  })
})
