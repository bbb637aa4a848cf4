import { describe, expect, test } from 'vitest'
import { k3sPrereqs } from '../../../roles/k3s-prereqs/role.ts'
import { runShell } from '../support/shell.ts'
import { itemsOf, refusals, shown, specOf, type Context } from '../support/tasks.ts'

const sum = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const bare = { version: undefined, server: 'absent', agent: 'absent', datastore: 'none', ca: undefined, agentCa: undefined, apiServer: 'silent', node: 'unknown', etcdMember: 'unknown', attempt: false }
const context = (changes: { host?: string; vars?: object; k3s?: object; listening?: readonly number[]; architecture?: string } = {}): Context => ({
  host: { name: changes.host ?? 's1', address: '10.0.0.21' },
  vars: { k3sVersion: 'v1.34.2+k3s1', k3sBinary: { sha256: sum }, endpoint: { strategy: 'external', name: 'api.example.org' }, ...changes.vars },
  facts: {
    machine: { cpus: 2, memoryMegabytes: 4000, architecture: changes.architecture ?? 'x86_64', cgroup: 'v2', systemd: true, families: ['debian'], hostname: 's1' },
    addresses: [{ interface: 'ens3', address: '10.0.0.21', prefix: 24 }],
    listening: changes.listening ?? [22],
    k3s: { ...bare, ...changes.k3s },
  },
  inputs: { identities: new Map(), servers: [{ name: 's1', address: '10.0.0.21', vars: {} }] },
})

describe('k3s-prereqs', () => {
  test('does', () => {
    expect(shown(itemsOf(k3sPrereqs, context()))).toMatchInlineSnapshot(`
      [
        "swap off",
        "kernel-module overlay",
        "kernel-module br_netfilter",
        "sysctl net.ipv4.ip_forward",
        "sysctl net.bridge.bridge-nf-call-iptables",
        "sysctl fs.inotify.max_user_instances",
        "package iptables conntrack curl ca-certificates",
        "directory /etc/rancher",
        "directory /etc/rancher/k3s",
        "download /usr/local/bin/k3s",
        "wait-for /usr/local/bin/k3s is v1.34.2+k3s1",
        "command make /var/lib/rancher/k3s/agent/images",
        "systemd-unit /etc/systemd/system/k3s.service",
      ]
    `)
  })
  test('an agent has the other unit', () => {
    expect(shown(itemsOf(k3sPrereqs, context({ host: 'a1' }))).at(-1)).toBe('systemd-unit /etc/systemd/system/k3s-agent.service')
  })
  test('where the secrets will lie is root’s alone', () => {
    expect(specOf(itemsOf(k3sPrereqs, context()), 'directory', '/etc/rancher/k3s')['mode']).toBe(0o700)
  })
  test('gets the release for the machine, by its sum', () => {
    const url = (changes: Parameters<typeof context>[0]) => specOf(itemsOf(k3sPrereqs, context(changes)), 'download', '/usr/local/bin/k3s')
    expect(url({})).toMatchObject({ url: 'https://github.com/k3s-io/k3s/releases/download/v1.34.2%2Bk3s1/k3s', sha256: sum, mode: 0o755 })
    expect(url({ architecture: 'aarch64' })['url']).toMatch(/\/k3s-arm64$/)
    expect(url({ vars: { k3sBinary: { sha256: sum, url: 'https://mirror.example.org/k3s' } } })['url']).toBe('https://mirror.example.org/k3s')
  })
  test('a file of the controller is put in place only with the sum that the inventory says', () => {
    const items = itemsOf(k3sPrereqs, context({ vars: { k3sBinary: { sha256: sum, file: '/srv/k3s' }, k3sImages: [{ file: '/srv/images.tar.zst', sha256: 'a'.repeat(64) }] } }))
    const check = (path: string, on: string): ReturnType<typeof runShell> => {
      const { validate } = specOf(items, 'copy', path)
      return runShell(`${typeof validate === 'object' && validate !== null && 'text' in validate ? String(validate.text) : 'exit 9'} ${on}`)
    }
    expect(check('/usr/local/bin/k3s', '/dev/null').status).toBe(0)
    expect(check('/var/lib/rancher/k3s/agent/images/images.tar.zst', '/dev/null')).toMatchObject({ status: 1, stderr: `its SHA-256 is ${sum}, and the inventory says ${'a'.repeat(64)}\n` })
  })
  test.each<[string, Parameters<typeof context>[0], RegExp]>([
    ['an old k3s', { vars: { k3sVersion: 'v1.33.5+k3s1' } }, /v1\.33\.5 is older than 1\.34/],
    ['a machine without a release', { architecture: 'riscv64' }, /s1 is riscv64/],
    ['to change the version of a member', { k3s: { server: 'active', version: 'v1.34.1+k3s1' } }, /is a member with k3s v1\.34\.1\+k3s1/],
    ['a port that is taken', { listening: [22, 6443, 2380] }, /listens on 6443, 2380/],
    ['two balancers for one port', { vars: { endpoint: { strategy: 'local', name: 'api.example.org' } } }, /127\.0\.0\.1:6444/],
    ['ranges that overlap', { vars: { podSubnet: '10.0.0.0/16' } }, /overlap on s1/],
  ])('refuses %s', (_, changes, message) => {
    expect(refusals(itemsOf(k3sPrereqs, context(changes)))).toEqual([expect.stringMatching(message)])
  })
  test('its own ports are not taken, and an agent wants fewer', () => {
    expect(refusals(itemsOf(k3sPrereqs, context({ listening: [6443, 2379, 2380], k3s: { server: 'active', version: 'v1.34.2+k3s1' } })))).toEqual([])
    expect(refusals(itemsOf(k3sPrereqs, context({ host: 'a1', listening: [6443] })))).toEqual([])
  })
})
