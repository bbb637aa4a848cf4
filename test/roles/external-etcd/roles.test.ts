import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../../engine/index.ts'
import { etcdBootstrap } from '../../../roles/external-etcd/bootstrap.ts'
import { etcdClient } from '../../../roles/external-etcd/client.ts'
import { parseClients } from '../../../roles/external-etcd/clients.ts'
import { etcdEndpoints } from '../../../roles/external-etcd/endpoints.ts'
import { etcdMember } from '../../../roles/external-etcd/member.ts'
import { staleMembers } from '../../../roles/external-etcd/stale.ts'
import { etcdTopology } from '../../../roles/kubernetes/etcd-topology.ts'
import type { EtcdSighting } from '../../../roles/outputs.ts'
import { runShell, syntaxError } from '../support/shell.ts'
import { itemsOf, plain, refusals, shown, specOf, varsOf, type Context } from '../support/tasks.ts'

const sha256 = 'a'.repeat(64)
const etcd = { topology: 'external', release: { from: 'file', file: '~/etcd.tar.gz', sha256 } }
const members = ['e1', 'e2', 'e3'].map((name, index) => ({ name, address: `10.0.0.5${index + 1}`, vars: {} }))
const fresh: EtcdSighting = { data: false, attempt: false, ca: undefined, signs: false, members: undefined }
const list = members.map(({ name, address }, index) => ({ id: `a${index}`, name, peer: `https://${address}:2380`, client: `https://${address}:2379`, learner: false }))
const whole: EtcdSighting = { data: true, attempt: false, ca: 'ours', signs: false, members: list }
const authority = { certificate: 'CERTIFICATE', key: new Secret('KEY') }
const context = (seen: Readonly<Record<string, EtcdSighting>>, host = 'e3'): Context => ({
  host: members.find(({ name }) => name === host) ?? { name: host, address: '' },
  vars: { etcd },
  inputs: { sightings: new Map(Object.entries(seen)), members, release: { from: 'file', path: '/etcd.tar.gz', sha256 }, authority: seen[host]?.ca === undefined ? authority : undefined },
})
const skipOf = (role: typeof etcdMember | typeof etcdBootstrap, given: Context) => role.body.skip?.({ host: given.host!, facts: {}, inputs: given.inputs!, vars: varsOf(role, given.vars) })
const text = (command: unknown): string => (typeof command === 'object' && command !== null && 'text' in command ? String(command.text) : '')

describe('who begins and who joins', () => {
  test('founders begin together, and the serial play leaves them alone', () => {
    const given = context({ e1: fresh, e2: fresh, e3: fresh })
    expect(skipOf(etcdBootstrap, given)).toBeUndefined()
    expect(skipOf(etcdMember, given)).toBe('began with the others')
    const run = text(specOf(itemsOf(etcdBootstrap, given), 'command', 'found the cluster')['run'])
    expect(run).toContain('e1=https://10.0.0.51:2380,e2=https://10.0.0.52:2380,e3=https://10.0.0.53:2380')
    expect(run).toMatch(/sha256sum[\s\S]*ETCD_INITIAL_CLUSTER_TOKEN=%s[\s\S]*STATE=new/)
  })
  test('the authority’s key is a secret of root on its way and where it lies', () => {
    const spec = specOf(itemsOf(etcdBootstrap, context({ e1: fresh, e2: fresh, e3: fresh })), 'file', '/etc/etcd/pki/ca.key')
    expect([spec['content'] instanceof Secret, spec['mode']]).toEqual([true, 0o600])
  })
  test('a newcomer ends its old membership, learns, is promoted, and waits for all to be well', () => {
    const given = context({ e1: whole, e2: whole, e3: fresh })
    expect(skipOf(etcdBootstrap, given)).toBe('there is a cluster')
    expect(shown(itemsOf(etcdMember, given)).slice(-8)).toEqual([
      'systemd-unit /etc/systemd/system/etcd.service', 'service etcd.service', 'etcd-members before e3 joins', 'command join etcd as a learner', 'command promote the learner to a voter',
      'wait-for etcd is well', 'file /etc/etcd/initial.env', 'file /var/lib/ts-play/etcd-attempt',
    ])
  })
  test('a member is restarted by nothing but its unit, and is waited for', () => {
    const lines = shown(itemsOf(etcdMember, context({ e1: whole, e2: whole, e3: whole })))
    expect(lines.filter(line => line.includes('→'))).toEqual(['systemd-unit /etc/systemd/system/etcd.service → restart etcd'])
    expect(lines.slice(-4)).toEqual(['flush', 'wait-for etcd is well', 'file /etc/etcd/initial.env', 'file /var/lib/ts-play/etcd-attempt'])
  })
  test('who may not begin says so, and changes nothing', () => {
    expect(shown(itemsOf(etcdBootstrap, context({ e1: { ...whole, members: undefined }, e2: fresh, e3: fresh })))).toEqual([expect.stringMatching(/^REFUSED .*no majority of etcd is left/)])
  })
  test('a POSIX shell can read every script', () => {
    const items = [...itemsOf(etcdBootstrap, context({ e1: fresh, e2: fresh, e3: fresh })), ...itemsOf(etcdMember, context({ e1: whole, e2: whole, e3: fresh }))]
    const scripts = items.flatMap(item => (item.type === 'task' ? [item.probe.command.text, ...Object.values(Object(item.spec)).map(text)] : []))
    expect(scripts.filter(script => script !== '').map(syntaxError).filter(error => error !== undefined)).toEqual([])
  })
})

describe('memberships that nobody can fill', () => {
  const lines = (...states: readonly string[]) => list.map(({ id, name, peer, client }, index) => `${states[index]} ${id}, started, ${name}, ${peer}, ${client}, false`).join('\n')
  const changes = (stdout: string, { data = false, expected = list.map(({ peer }) => peer), own = 'https://10.0.0.53:2380' } = {}) =>
    staleMembers({ host: 'e3', own, data, expected, sha256, through: ['https://10.0.0.51:2379'] }).assess({ stdout, stderr: '', status: 0 }, () => { throw new Error('it has no source') }).changes

  test('one’s own without its data is lost only when that is allowed', () => {
    expect(changes(lines('healthy', 'healthy', 'silent'))).toMatchObject([{ effect: 'destroys', attribute: 'membership of e3', permitted: false, host: 'e3', because: expect.stringMatching(/^the data of e3 is gone, and etcd still counts it: of 3 voters 2 answer/) }])
    expect(changes(lines('healthy', 'healthy', 'silent'), { data: true })).toEqual([])
  })
  test('a host that is not in the inventory goes when it does not answer, and stays when it does', () => {
    const expected = ['https://10.0.0.51:2380', 'https://10.0.0.54:2380', 'https://10.0.0.53:2380']
    expect(changes(lines('healthy', 'silent', 'healthy'), { expected, own: 'https://10.0.0.54:2380' })).toMatchObject([{ attribute: 'membership of e2', host: 'e2', because: expect.stringMatching(/^e2 is not in the inventory and does not answer/) }])
    expect(changes(lines('healthy', 'healthy', 'healthy'), { expected, own: 'https://10.0.0.54:2380' })).toEqual([])
  })
  test('a host of the inventory that is down keeps its place', () => {
    expect(changes(lines('healthy', 'silent', 'healthy'), { data: true })).toEqual([])
  })
  test('a learner never voted, and goes without asking', () => {
    expect(changes('silent a9, unstarted, , https://10.0.0.53:2380, , true')).toMatchObject([{ permitted: true, attribute: 'membership of e3' }])
  })
})

test('a control plane gets its own certificate, or is told that there is none', () => {
  const clients = new Map([['e1', { authority: 'CA', certificates: { cp1: 'CERT' } }]])
  const items = itemsOf(etcdClient, { host: { name: 'cp1', address: '' }, vars: { etcd }, inputs: { clients, members } })
  expect(plain(specOf(items, 'file', '/etc/kubernetes/etcd-client/client.crt')['content'])).toBe('CERT')
  expect(refusals(itemsOf(etcdClient, { host: { name: 'cp2', address: '' }, vars: { etcd }, inputs: { clients, members } }))).toEqual([expect.stringMatching(/no host of the group etcd has signed a certificate for cp2/)])
  expect(refusals(itemsOf(etcdClient, { host: { name: 'cp1', address: '' }, vars: { etcd }, inputs: { clients: new Map(), members } }))).toHaveLength(1)
})

test('signed certificates are read by the names of their hosts', () => {
  expect(parseClients('==> ../ca.crt\nCA\n==> cp1.crt\nONE\n==> cp2.crt\nTWO\n')).toEqual({ authority: 'CA\n', certificates: { cp1: 'ONE\n', cp2: 'TWO\n' } })
  expect(() => parseClients('')).toThrow('lacks ca.crt')
})

test('kubeadm-config gets the endpoints of today, and keeps all else', () => {
  const before = 'etcd:\n  external:\n    caFile: a\n    endpoints:\n    - https://10.0.0.51:2379\n    - https://10.0.0.59:2379\n    keyFile: b\nnetworking:\n  dnsDomain: c\n'
  const after = before.replace('10.0.0.59:2379', '10.0.0.52:2379\n    - https://10.0.0.53:2379')
  const { run, unless } = specOf(itemsOf(etcdEndpoints, { vars: { etcd }, inputs: { members } }), 'command', 'kubeadm-config knows all hosts of etcd')
  const kubectl = (config: string) => ({ kubectl: `case "$*" in *jsonpath*) printf '%s' '${config}' ;; *create*) cat ;; *replace*) cat ;; esac` })
  expect(runShell(`set -eu\n${text(run)}`, kubectl(before)).stdout).toBe(after)
  expect(runShell(`set -eu\n${text(unless)}`, kubectl(before)).status).not.toBe(0)
  expect(runShell(`set -eu\n${text(unless)}`, kubectl(after)).status).toBe(0)
})

test('kube-apiserver’s manifest gets the hosts of today, and is done when a process has them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ts-play-manifest-'))
  const flag = '--etcd-servers=https://10.0.0.51:2379,https://10.0.0.52:2379,https://10.0.0.53:2379'
  // What kube-apiserver is to the script: a process with this very argument.
  const server = spawn('sh', ['-c', 'read -r line', 'kube-apiserver', flag], { stdio: ['pipe', 'ignore', 'ignore'] })
  try {
    mkdirSync(join(folder, 'manifests'))
    const manifest = join(folder, 'manifests/kube-apiserver.yaml')
    writeFileSync(manifest, 'spec:\n  containers:\n  - command:\n    - kube-apiserver\n    - --etcd-servers=https://10.0.0.51:2379,https://10.0.0.59:2379\n    - --secure-port=6443\n')
    const { run, unless, onlyIf } = specOf(itemsOf(etcdEndpoints, { vars: { etcd }, inputs: { members } }), 'command', 'kube-apiserver knows all hosts of etcd')
    const script = (command: unknown) => runShell(`set -eu\n${text(command).replaceAll('/etc/kubernetes', folder)}`, { curl: 'printf ok' })
    expect([script(onlyIf).status, script(unless).status]).toEqual([0, 1])
    expect(script(run)).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(readFileSync(manifest, 'utf8')).toBe(`spec:\n  containers:\n  - command:\n    - kube-apiserver\n    - ${flag}\n    - --secure-port=6443\n`)
    expect(script(unless).status).toBe(0)
    expect(readdirSync(folder)).toEqual(['manifests'])
  } finally {
    server.kill()
    rmSync(folder, { recursive: true })
  }
})

test.each([
  [{ topology: 'external' }, /release/],
  [{ ...etcd, release: { from: 'url', url: 'https://mirror.example.org/etcd.tar.gz', sha256: 'abc' } }, /64 hexadecimal digits/],
  [{ ...etcd, renewBefore: 400 }, /renewBefore has to be less than certificateDays/],
  [{ topology: 'outside' }, /topology/],
])('%j is refused at load', (given, message) => {
  expect(() => etcdTopology.parse(given)).toThrow(message)
})
