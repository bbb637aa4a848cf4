import { describe, expect, test } from 'vitest'
import { departedServers } from '../../../roles/k3s-first-server/departed.ts'
import { k3sFirstServer } from '../../../roles/k3s-first-server/role.ts'
import type { Membership } from '../../../roles/outputs.ts'
import { runShell, syntaxError } from '../support/shell.ts'
import { itemsOf, refusals, shown, specOf, varsOf, type Context } from '../support/tasks.ts'

const seen = (state: Membership['state'], changes: Partial<Membership> = {}): Membership =>
  ({ state, ca: state === 'fresh' ? undefined : 'ours', endpointCa: undefined, evidence: [], attempt: false, apiServer: state === 'joined' ? 'ready' : 'silent', etcdMember: state === 'joined' ? 'voter' : 'unknown', ...changes })
const servers = ['s1', 's2', 's3'].map((name, index) => ({ name, address: `10.0.0.2${index + 1}`, vars: {} }))

const context = (survey: Readonly<Record<string, Membership>>, host = 's1', vars: object = {}): Context => ({
  host: servers.find(({ name }) => name === host) ?? { name: 's1', address: '10.0.0.21' },
  vars: { k3sVersion: 'v1.34.2+k3s1', ...vars },
  facts: { nodeName: host },
  inputs: { endpoint: { name: 'api.example.org', address: '10.0.0.100', port: 6443 }, survey: new Map(Object.entries(survey)), servers },
})
const allFresh = { s1: seen('fresh'), s2: seen('fresh'), s3: seen('fresh') }
const allJoined = { s1: seen('joined'), s2: seen('joined'), s3: seen('joined') }
const skip = (given: Context): string | undefined => k3sFirstServer.body.skip?.({ host: { name: '', address: '' }, facts: {}, inputs: {}, ...given, vars: varsOf(k3sFirstServer, given.vars) })
/** What its configuration says at each writing. */
const configs = (given: Context): string[] =>
  itemsOf(k3sFirstServer, given).flatMap(item => (item.type === 'task' && item.id === '/etc/rancher/k3s/config.yaml' ? [String(Reflect.get(Object(item.spec), 'content')).split('\n')[1] ?? ''] : []))

describe('k3s-first-server', () => {
  test('is the elected one alone, and nobody is privileged', () => {
    expect(['s1', 's2', 's3'].map(host => skip(context(allFresh, host)))).toEqual([undefined, 'not elected', 'not elected'])
    expect(['s1', 's2', 's3'].map(host => skip(context({ ...allFresh, s2: seen('joined') }, host)))).toEqual(['not elected', undefined, 'not elected'])
    expect(['s2', 's3'].map(host => skip(context({ s2: seen('joined'), s3: seen('joined') }, host)))).toEqual([undefined, 'not elected'])
  })
  test('begins a cluster where there is none', () => {
    expect(shown(itemsOf(k3sFirstServer, context(allFresh)))).toMatchInlineSnapshot(`
      [
        "command mark the attempt",
        "command make the tokens",
        "file /etc/rancher/k3s/authentication.yaml",
        "file /etc/rancher/k3s/config.yaml",
        "service k3s.service",
        "flush",
        "wait-for its etcd is healthy",
        "wait-for the node is Ready",
        "command the server’s token names the cluster’s CA",
        "file /etc/rancher/k3s/authentication.yaml",
        "file /etc/rancher/k3s/config.yaml",
        "k3s-servers departed servers",
        "wait-for etcd can take a server",
        "wait-for the API is ready at api.example.org",
        "file /var/lib/ts-play/attempt",
      ]
    `)
  })
  test('has `cluster-init` for its first start only: a server that finds itself removed must never begin a second cluster', () => {
    expect(configs(context(allFresh))).toEqual(['cluster-init: true', 'server: "https://api.example.org:6443"'])
    expect(configs(context(allJoined))).toEqual(['server: "https://api.example.org:6443"'])
  })
  test('is restarted for settings only by the handler that looks at all servers first', () => {
    expect(shown(itemsOf(k3sFirstServer, context(allJoined)))).toMatchInlineSnapshot(`
      [
        "command make the tokens",
        "file /etc/rancher/k3s/authentication.yaml → restart k3s",
        "file /etc/rancher/k3s/config.yaml → restart k3s",
        "service k3s.service",
        "flush",
        "wait-for the API is ready at api.example.org",
        "file /var/lib/ts-play/attempt",
      ]
    `)
  })
  test('moves a single server from SQLite to etcd', () => {
    const alone = context({ s1: seen('joined', { etcdMember: 'none' }) })
    expect(shown(itemsOf(k3sFirstServer, alone))).toContain('command move the data from SQLite to etcd')
    expect(configs(alone)).toEqual(['cluster-init: true', 'server: "https://api.example.org:6443"'])
    expect(shown(itemsOf(k3sFirstServer, context(allJoined)))).not.toContain('command move the data from SQLite to etcd')
  })
  test('goes on with a beginning of ours that died', () => {
    expect(shown(itemsOf(k3sFirstServer, context({ ...allFresh, s1: seen('partial', { attempt: true }) })))).toContain('wait-for its etcd is healthy')
    expect(shown(itemsOf(k3sFirstServer, context({ ...allJoined, s1: seen('joined', { attempt: true }) })))).toContain('wait-for its etcd is healthy')
  })
  test('counts itself among those that hold a member, and a server that came back empty not', () => {
    const spec = (given: Context) => specOf(itemsOf(k3sFirstServer, given), 'k3s-servers', 'departed servers')
    expect(spec(context(allFresh))).toMatchObject({ expected: ['10.0.0.21'], emptied: ['10.0.0.22', '10.0.0.23'] })
    expect(spec(context({ s1: seen('fresh'), s2: seen('joined') }, 's2'))).toMatchObject({ expected: ['10.0.0.22', '10.0.0.23'], emptied: ['10.0.0.21'] })
  })
  test('looks at etcd before somebody joins', () => {
    expect(shown(itemsOf(k3sFirstServer, context({ ...allJoined, s3: seen('fresh') })))).toEqual(expect.arrayContaining(['k3s-servers departed servers', 'wait-for etcd can take a server']))
  })
  test.each<[string, Context, RegExp]>([
    ['while somebody cannot be asked', context({ s1: seen('fresh'), s2: seen('fresh') }), /while s3 cannot be asked/],
    ['beside a cluster that is ill', context({ ...allFresh, s2: seen('broken') }), /some hold a cluster/],
    ['where the endpoint serves another cluster', context({ ...allFresh, s1: seen('fresh', { endpointCa: 'theirs' }) }), /already serves a cluster/],
  ])('refuses to begin %s', (_, given, message) => {
    expect(refusals(itemsOf(k3sFirstServer, given))).toEqual([expect.stringMatching(message)])
  })
  test('a dead server may be vouched for', () => {
    expect(refusals(itemsOf(k3sFirstServer, context({ s1: seen('fresh'), s2: seen('fresh') }, 's1', { assumeFresh: ['s3'] })))).toEqual([])
  })
})

describe('departed servers', () => {
  const members = [1, 2, 3].map(id => `{"ID":"${id}00","name":"s${id}-0a1b2c3${id}","peerURLs":["https://10.0.0.2${id}:2380"],"clientURLs":["https://10.0.0.2${id}:2379"]}`)
  const curl = `for url; do :; done
case $url in */member/list) echo '{"header":{},"members":[${members.join(',')}]}' ;; https://10.0.0.21:*) exit 7 ;; */readyz) printf ok ;; *) exit 22 ;; esac`
  const plan = (expected: readonly string[], emptied: readonly string[] = []) => {
    const task = departedServers({ expected, emptied, bindPort: 6443 })
    const { status, stdout, stderr } = runShell(task.probe.command.text, { curl })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return task.assess({ status: 0, stdout, stderr: '' }, () => { throw new Error('no source is needed') })
  }
  test('one that is in the inventory no more and does not answer goes if a human says so: its Node, and what k3s leaves of its member', () => {
    const { changes, apply } = plan(['10.0.0.22', '10.0.0.23'])
    expect(changes).toEqual([expect.objectContaining({ effect: 'destroys', attribute: 'membership of s1', permitted: false, host: 's1' })])
    const script = apply().command.text
    expect(syntaxError(script)).toBeUndefined()
    expect(script).toContain('delete node s1 --ignore-not-found --timeout=60s')
    expect(script).toContain(`-d '{"ID":"100"}' https://127.0.0.1:2382/v3/cluster/member/remove`)
  })
  test('one that came back empty goes without a question', () => {
    expect(plan(['10.0.0.22', '10.0.0.23'], ['10.0.0.21']).changes).toEqual([expect.objectContaining({ permitted: true, because: 's1 holds no data any more, and is about to join anew' })])
  })
  test('one of the inventory stays, and so does one that answers', () => {
    expect(plan(['10.0.0.21', '10.0.0.22', '10.0.0.23']).changes).toEqual([])
    expect(plan(['10.0.0.21']).changes).toEqual([])
  })
})
