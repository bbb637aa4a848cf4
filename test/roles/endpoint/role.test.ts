import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hostsLines } from '../../../roles/endpoint/hosts-lines.ts'
import { resolvesTo } from '../../../roles/endpoint/reach.ts'
import { endpoint } from '../../../roles/endpoint/role.ts'
import { runShell } from '../support/shell.ts'
import { itemsOf, refusals, shown, specOf, type Context } from '../support/tasks.ts'

const name = 'api.example.org'
const member = (host: string, address: string, vars = {}) => ({ name: host, address, vars })
const controlPlanes = [member('cp1', '10.0.0.21'), member('cp2', '10.0.0.22')]
const floating = { strategy: 'haproxy+keepalived', name, vip: '10.0.0.100' }
const kubeVip = { strategy: 'kube-vip', name, vip: '10.0.0.100' }
const context = (api: object, changes: { vars?: object; facts?: object; balancers?: number; host?: string } = {}): Context => ({
  host: controlPlanes.find(each => each.name === changes.host) ?? member('w1', '10.0.0.31'),
  vars: { endpoint: api, ...changes.vars },
  facts: { addresses: [{ interface: 'ens3', address: changes.host === undefined ? '10.0.0.31' : '10.0.0.21', prefix: 24 }], endpointInUse: undefined, ...changes.facts },
  inputs: { balancers: new Map([...Array(changes.balancers ?? 1).keys()].map(index => [`lb${index + 1}`, {}])), controlPlanes },
})
const does = (api: object, vars = {}): string[] => shown(itemsOf(endpoint, context(api, { vars })))

describe('a node gets to know the name', () => {
  test('by DNS, which has to agree', () => {
    expect(does(floating)).toEqual(['wait-for api.example.org stands for 10.0.0.100'])
    expect(does({ strategy: 'dns-round-robin', name })).toEqual(['wait-for api.example.org stands for 10.0.0.21, 10.0.0.22'])
    expect(does({ strategy: 'external', name })).toEqual(['wait-for api.example.org can be resolved', 'wait-for api.example.org:6443 answers or refuses'])
  })
  test('by /etc/hosts where that is managed', () => {
    const managed = { manageHosts: true }
    expect(does(floating, managed)).toEqual(['hosts-entry 10.0.0.100'])
    expect(does({ strategy: 'dns-round-robin', name }, managed)).toEqual(['command api.example.org is 10.0.0.21, 10.0.0.22 in /etc/hosts'])
    expect(does({ strategy: 'external', name, address: '10.0.0.200' }, managed)).toEqual(['hosts-entry 10.0.0.200', 'wait-for 10.0.0.200:6443 answers or refuses'])
  })
  test('by /etc/hosts in any case where it is the loopback, which stays localhost', () => {
    const items = itemsOf(endpoint, context({ strategy: 'local', name }))
    expect(specOf(items, 'hosts-entry', '127.0.0.1')).toMatchObject({ names: ['localhost', name] })
  })
})

test.each<[string, Context, RegExp]>([
  ['no balancer that came up', context(floating, { balancers: 0 }), /no host of the group lb came up/],
  ['a port that API servers do not have', context({ ...kubeVip, port: 8443 }), /answer at api\.example\.org:8443, and they listen on 6443/],
  ['an address that is no control plane’s', context({ strategy: 'control-plane', name, address: '10.0.0.31' }), /10\.0\.0\.31 is the address of no control plane: cp1 10\.0\.0\.21, cp2 10\.0\.0\.22/],
  ['hosts entries without an address', context({ strategy: 'external', name }, { vars: { manageHosts: true } }), /nobody knows what api\.example\.org stands for/],
  ['a floating address of another network', context({ ...kubeVip, vip: '10.0.1.100' }, { host: 'cp1' }), /10\.0\.1\.100 is not in 10\.0\.0\.21\/24/],
  ['a floating address that is a machine’s', context({ ...kubeVip, vip: '10.0.0.22' }, { host: 'cp1' }), /10\.0\.0\.22 is the address of cp2/],
  ['another port than the cluster has', context({ strategy: 'local', name }, { facts: { endpointInUse: 'api.example.org:6443' } }), /w1 is a member of a cluster whose API is api\.example\.org:6443, and the inventory says api\.example\.org:6444/],
  ['an interface that is not there', context(kubeVip, { host: 'cp1', vars: { endpointInterface: 'eth9' } }), /cp1 has no interface eth9 with an address: ens3 10\.0\.0\.21/],
])('refuses %s', (_, given, message) => {
  expect(refusals(itemsOf(endpoint, given))).toEqual([expect.stringMatching(message)])
})
test('does not mind a floating address of another network where routers are told', () => {
  const bgp = { ...kubeVip, vip: '10.9.0.100', announce: { by: 'bgp', as: 64512, peers: [{ address: '10.0.0.1', as: 64512 }] } }
  expect(refusals(itemsOf(endpoint, context(bgp, { host: 'cp1' })))).toEqual([])
})

/** Text of a command in a task's spec. */
const text = (spec: unknown, key: string): string => {
  const found: unknown = typeof spec === 'object' && spec !== null ? Reflect.get(spec, key) : undefined
  return typeof found === 'object' && found !== null && 'text' in found ? String(found.text) : ''
}

describe('a name with several addresses in /etc/hosts', () => {
  const { spec } = hostsLines({ name, addresses: ['10.0.0.21', '10.0.0.22'] })
  test.each<[string, string, string]>([
    ['an empty file', '', '10.0.0.21 api.example.org\n10.0.0.22 api.example.org\n'],
    ['another address, alone', '127.0.0.1 localhost\n10.0.0.9 api.example.org\n', '127.0.0.1 localhost\n10.0.0.21 api.example.org\n10.0.0.22 api.example.org\n'],
    ['another address, among others', '10.0.0.9 web api.example.org shop\n# api.example.org was here\n', '10.0.0.9 web shop\n# api.example.org was here\n10.0.0.21 api.example.org\n10.0.0.22 api.example.org\n'],
    ['a name that only begins alike', '10.0.0.9 api.example.org.uk\n', '10.0.0.9 api.example.org.uk\n10.0.0.21 api.example.org\n10.0.0.22 api.example.org\n'],
  ])('in the place of %s', (_, before, after) => {
    const folder = mkdtempSync(join(tmpdir(), 'ts-play-hosts-'))
    try {
      const file = join(folder, 'hosts')
      const on = (key: string) => runShell(`set -eu\n${text(spec, key).replaceAll('/etc/hosts', file)}`)
      writeFileSync(file, before)
      expect(on('unless').status).not.toBe(0)
      expect(on('run')).toMatchObject({ status: 0, stderr: '' })
      expect(readFileSync(file, 'utf8')).toBe(after)
      expect(on('unless').status).toBe(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('what DNS says', () => {
  const says = (answer: string) => ({ getent: answer.split('\n').map(line => `echo '${line}'`).join('\n') })
  const check = (addresses: readonly string[], answer: string) => runShell(`set -eu\n${text(resolvesTo(name, addresses).spec, 'until')}`, says(answer))
  test('is taken where it agrees, in whatever order', () => {
    expect(check(['10.0.0.22', '10.0.0.21'], '10.0.0.21 STREAM x\n10.0.0.21 DGRAM\n10.0.0.22 STREAM').status).toBe(0)
    expect(check([], '10.0.0.9 STREAM').status).toBe(0)
  })
  test('is refused where it knows nothing, or something else', () => {
    expect(check(['10.0.0.100'], '')).toMatchObject({ status: 1, stdout: expect.stringContaining('nothing here knows api.example.org') })
    expect(check(['10.0.0.100'], '10.0.0.9 STREAM')).toMatchObject({ status: 1, stdout: expect.stringContaining('stands for 10.0.0.9 here and not for 10.0.0.100') })
  })
})
