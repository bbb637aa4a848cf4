import { describe, expect, test } from 'vitest'
import { secret } from '../../../engine/index.ts'
import type { K3sEvidence } from '../../../roles/k3s/evidence.ts'
import { restartServer } from '../../../roles/k3s/restart.ts'
import { k3sAgentJoin } from '../../../roles/k3s-agent-join/role.ts'
import { k3sServerJoin } from '../../../roles/k3s-server-join/role.ts'
import type { Membership } from '../../../roles/outputs.ts'
import { runShell, syntaxError } from '../support/shell.ts'
import { itemsOf, plain, refusals, shown, specOf, varsOf, type Context } from '../support/tasks.ts'

const endpoint = { name: 'api.example.org', address: '10.0.0.100', port: 6443 }
const cluster = { name: 'k3s', version: 'v1.34.2+k3s1', ca: 'ours', servedBy: 's1' }
const servers = [{ name: 's1', address: '10.0.0.21', vars: {} }, { name: 's2', address: '10.0.0.22', vars: {} }]
const seen = (state: Membership['state'], changes: Partial<Membership> = {}): Membership =>
  ({ state, ca: state === 'fresh' ? undefined : 'ours', endpointCa: 'ours', evidence: ['it is odd'], attempt: false, apiServer: 'ready', etcdMember: 'voter', ...changes })

describe('k3s-server-join', () => {
  const context = (membership: Membership | undefined, ticket?: object, vars: object = {}): Context => ({
    host: { name: 's2', address: '10.0.0.22' },
    vars: { k3sVersion: 'v1.34.2+k3s1', ...vars },
    facts: { nodeName: 's2' },
    inputs: { endpoint, cluster, survey: new Map(membership === undefined ? [] : [['s2', membership]]), servers, ticket },
  })
  const ticket = { token: secret`server-secret`, agentToken: secret`agent-secret` }

  test('of a fresh host does', () => {
    expect(shown(itemsOf(k3sServerJoin, context(seen('fresh'), ticket)))).toMatchInlineSnapshot(`
      [
        "command mark the attempt",
        "wait-for the API is ready at api.example.org",
        "file /etc/rancher/k3s/server-token",
        "file /etc/rancher/k3s/agent-token",
        "file /etc/rancher/k3s/authentication.yaml",
        "file /etc/rancher/k3s/config.yaml",
        "service k3s.service",
        "flush",
        "wait-for its etcd votes",
        "wait-for etcd is healthy",
        "wait-for its API server is ready",
        "wait-for the node is Ready",
        "file /var/lib/ts-play/attempt",
      ]
    `)
  })
  test('tokens are secrets in files that are root’s alone', () => {
    const items = itemsOf(k3sServerJoin, context(seen('fresh'), ticket))
    for (const [name, content] of [['server-token', 'server-secret'], ['agent-token', 'agent-secret']] as const) {
      const spec = specOf(items, 'file', `/etc/rancher/k3s/${name}`)
      expect([String(spec['content']), plain(spec['content']), spec['mode']]).toEqual([expect.not.stringContaining('secret-'), content, 0o600])
      expect(String(spec['content'])).not.toBe(content)
    }
  })
  test('of a member changes nothing without the gated handler', () => {
    expect(shown(itemsOf(k3sServerJoin, context(seen('joined'))))).toEqual([
      'command make the tokens',
      'file /etc/rancher/k3s/authentication.yaml → restart k3s',
      'file /etc/rancher/k3s/config.yaml → restart k3s',
      'service k3s.service',
      'flush',
      'file /var/lib/ts-play/attempt',
    ])
  })
  test('asks for a ticket only where somebody joins', () => {
    const needs = (state: Membership['state']) => {
      const given = context(seen(state))
      return k3sServerJoin.body.neededWhen['ticket']?.({ host: { name: 's2', address: '' }, facts: {}, inputs: {}, ...given, vars: varsOf(k3sServerJoin, given.vars) })
    }
    expect((['fresh', 'partial', 'joined', 'broken', 'foreign'] as const).map(needs)).toEqual([true, true, false, false, false])
  })
  test.each<[string, Context, RegExp]>([
    ['a host nobody looked at', context(undefined), /could not be found out/],
    ['one of another cluster', context(seen('foreign', { ca: 'theirs' })), /member of another cluster than s1/],
    ['one that is ill', context(seen('broken')), /does not work: it is odd/],
    ['another version', context(seen('fresh'), ticket, { k3sVersion: 'v1.34.3+k3s1' }), /would join with k3s v1\.34\.3\+k3s1, and the cluster has v1\.34\.2\+k3s1/],
  ])('refuses %s', (_, given, message) => {
    expect(refusals(itemsOf(k3sServerJoin, given))).toEqual([expect.stringMatching(message)])
  })
})

describe('the restart of a server', () => {
  const script = (): string => {
    const run: unknown = Reflect.get(Object(restartServer({ bindPort: 6443, servers: ['10.0.0.21'] }).task.spec), 'run')
    return typeof run === 'object' && run !== null && 'text' in run ? `set -eu\n${String(run.text).replaceAll('/var/lib/rancher/k3s/server/db/etcd/member/wal', '/')}` : 'exit 9'
  }
  const curl = (ready: string): string => `for url; do :; done
case $url in */member/list) echo '{"members":[{"ID":"1","peerURLs":["https://10.0.0.21:2380"],"clientURLs":["https://10.0.0.21:2379"]}]}' ;; */alarm) echo '{}' ;; *:2381/health) echo '{"health":"true"}' ;; */readyz) printf ${ready} ;; esac`

  test('can be read by a POSIX shell', () => expect(syntaxError(script())).toBeUndefined())
  test('does not happen beside a server that is ill', () => {
    const { status, stdout, stderr } = runShell(script(), { curl: curl('no'), systemctl: 'echo "systemctl $*"' })
    expect([status, stdout, stderr]).toEqual([1, '', 'etcd: the server at 10.0.0.21 is not well\n'])
  })
  test('happens while all are well, and ends when they are again', () => {
    expect(runShell(script(), { curl: curl('ok'), systemctl: 'echo "systemctl $*"' })).toMatchObject({ status: 0, stdout: 'systemctl restart k3s\n' })
  })
})

describe('k3s-agent-join', () => {
  const bare: K3sEvidence = { version: 'v1.34.2+k3s1', server: 'absent', agent: 'inactive', datastore: 'none', ca: undefined, agentCa: undefined, apiServer: 'silent', node: 'unknown', etcdMember: 'unknown', attempt: false }
  const member: K3sEvidence = { ...bare, agent: 'active', agentCa: 'ours', node: 'present' }
  const context = (k3s: K3sEvidence, ticket?: object): Context => ({
    host: { name: 'a1', address: '10.0.0.31' },
    vars: { k3sVersion: 'v1.34.2+k3s1' },
    facts: { nodeName: 'a1', k3s },
    inputs: { endpoint, cluster, ticket },
  })
  test('of a fresh host does', () => {
    expect(shown(itemsOf(k3sAgentJoin, context(bare, { token: secret`node-secret` })))).toMatchInlineSnapshot(`
      [
        "command mark the attempt",
        "wait-for the API is ready at api.example.org",
        "file /etc/rancher/k3s/agent-token",
        "file /etc/rancher/k3s/config.yaml",
        "service k3s-agent.service",
        "flush",
        "wait-for the node is Ready",
        "file /var/lib/ts-play/attempt",
      ]
    `)
  })
  test('of a member restarts it for its settings only', () => {
    expect(shown(itemsOf(k3sAgentJoin, context(member)))).toEqual(['file /etc/rancher/k3s/config.yaml → restart k3s-agent', 'service k3s-agent.service', 'flush', 'file /var/lib/ts-play/attempt'])
  })
  test('waits for a join of ours that died', () => {
    expect(shown(itemsOf(k3sAgentJoin, context({ ...member, attempt: true })))).toContain('wait-for the node is Ready')
  })
  test('refuses what is no agent of this cluster', () => {
    expect(refusals(itemsOf(k3sAgentJoin, context({ ...member, agentCa: 'theirs' })))).toEqual([expect.stringMatching(/another cluster/)])
    expect(refusals(itemsOf(k3sAgentJoin, context({ ...member, datastore: 'etcd' })))).toEqual([expect.stringMatching(/holds a server/)])
  })
})
