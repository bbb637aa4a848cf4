import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { agentConfig, authenticationConfig, serverConfig, type ServerSettings } from '../../../roles/k3s/config.ts'
import { k3sUnit } from '../../../roles/k3s/units.ts'
import { k3sBinary, k3sServer, k3sVersion } from '../../../roles/k3s/variables.ts'

/** Options of `k3s server` and `k3s agent` that the roles write, as `--help` lists them: k3s starts with a warning for any other, and ignores it. */
const SERVER = [
  'cluster-init', 'server', 'token-file', 'agent-token-file', 'node-name', 'node-ip', 'advertise-address', 'https-listen-port', 'tls-san', 'cluster-cidr', 'service-cidr', 'write-kubeconfig-mode',
  'disable', 'etcd-snapshot-schedule-cron', 'etcd-snapshot-retention', 'kubelet-arg', 'kube-apiserver-arg', 'node-label', 'secrets-encryption',
]
const AGENT = ['server', 'token-file', 'node-name', 'node-ip', 'kubelet-arg', 'node-label']

const settings: ServerSettings = {
  k3sVersion: 'v1.34.2+k3s1',
  nodeName: 's1',
  address: '10.0.0.21',
  endpoint: { name: 'api.example.org', address: '10.0.0.100', port: 6443 },
  allowCgroupV1: false,
  bindPort: 6443,
  podSubnet: '10.244.0.0/16',
  serviceSubnet: '10.96.0.0/12',
  disable: ['traefik'],
  snapshots: { schedule: '0 */6 * * *', keep: 12 },
  server: { 'secrets-encryption': true },
  agent: { 'node-label': ['room=1'] },
}
const server = (changes: Partial<ServerSettings> = {}, begins = false): Record<string, unknown> => parse(serverConfig({ ...settings, ...changes }, { begins }))
const agent = (changes: Partial<ServerSettings> = {}): Record<string, unknown> => parse(agentConfig({ ...settings, ...changes }))

describe('the configuration of a server', () => {
  test('is', () => {
    expect(serverConfig(settings, { begins: false })).toMatchInlineSnapshot(`
      "# Written by ts-play; changes are overwritten.
      server: "https://api.example.org:6443"
      token-file: /etc/rancher/k3s/server-token
      agent-token-file: /etc/rancher/k3s/agent-token
      node-name: s1
      node-ip: "10.0.0.21"
      advertise-address: "10.0.0.21"
      https-listen-port: 6443
      tls-san:
        - api.example.org
        - "10.0.0.100"
      cluster-cidr: "10.244.0.0/16"
      service-cidr: "10.96.0.0/12"
      write-kubeconfig-mode: "0600"
      disable:
        - traefik
      etcd-snapshot-schedule-cron: "0 */6 * * *"
      etcd-snapshot-retention: 12
      node-label:
        - "room=1"
      secrets-encryption: true
      kube-apiserver-arg:
        - "authentication-config=/etc/rancher/k3s/authentication.yaml"
      "
    `)
  })
  test('begins a cluster or has somebody to join, and never both', () => {
    expect(server({}, true)).toMatchObject({ 'cluster-init': true })
    expect(server({}, true)).not.toHaveProperty('server')
    expect(server()).not.toHaveProperty('cluster-init')
  })
  test('holds options of k3s only, and no secret', () => {
    const all = { ...server({ allowCgroupV1: true, k3sVersion: 'v1.35.1+k3s1' }), ...server({}, true) }
    expect(Object.keys(all).filter(key => !SERVER.includes(key))).toEqual([])
    expect(Object.keys(agent({ allowCgroupV1: true, k3sVersion: 'v1.35.1+k3s1' })).filter(key => !AGENT.includes(key))).toEqual([])
    for (const key of ['token', 'agent-token']) expect({ ...all, ...agent() }).not.toHaveProperty(key)
  })
  test('names nothing in its certificate that comes and goes', () => {
    expect(server({ endpoint: { ...settings.endpoint, address: undefined } })['tls-san']).toEqual(['api.example.org'])
  })
  test('keeps the user’s flags of the API server beside ours', () => {
    expect(server({ server: { 'kube-apiserver-arg': 'v=2' } })['kube-apiserver-arg']).toEqual(['v=2', 'authentication-config=/etc/rancher/k3s/authentication.yaml'])
  })
  test('puts up with cgroup v1 where that has to be said', () => {
    expect(server({ allowCgroupV1: true })).not.toHaveProperty('kubelet-arg')
    expect(server({ allowCgroupV1: true, k3sVersion: 'v1.35.1+k3s1', agent: { 'kubelet-arg': ['v=2'] } })['kubelet-arg']).toEqual(['v=2', 'fail-cgroupv1=false'])
    expect(agent({ k3sVersion: 'v1.35.1+k3s1' })).not.toHaveProperty('kubelet-arg')
  })
})

test('the configuration of an agent knows the endpoint and its own name, and nothing of servers', () => {
  expect(agent()).toEqual({ server: 'https://api.example.org:6443', 'token-file': '/etc/rancher/k3s/agent-token', 'node-name': 's1', 'node-ip': '10.0.0.21', 'node-label': ['room=1'] })
})
test('strangers may ask for health alone', () => {
  expect(parse(authenticationConfig)).toEqual({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', anonymous: { enabled: true, conditions: [{ path: '/livez' }, { path: '/readyz' }] } })
})
test('nothing secret stands on the command line of a unit', () => {
  for (const unit of ['k3s', 'k3s-agent'] as const) expect(/^ExecStart=.*$/m.exec(k3sUnit(unit))?.[0]).toBe(`ExecStart=/usr/local/bin/k3s ${unit === 'k3s' ? 'server' : 'agent'}`)
})

describe('variables', () => {
  test.each(['v1.34.2', '1.34.2+k3s1', 'v1.34+k3s1', 'latest'])('%s is no version', version => {
    expect(k3sVersion.safeParse(version).success).toBe(false)
  })
  test('a binary has a sum', () => {
    expect(k3sBinary.safeParse({ file: '/srv/k3s' }).success).toBe(false)
    expect(k3sBinary.safeParse({ file: 'k3s', sha256: 'a'.repeat(64) }).success).toBe(false)
    expect(k3sBinary.safeParse({ sha256: 'a'.repeat(64) }).success).toBe(true)
  })
  test('what the cluster’s safety hangs on is not to be given, nor is a secret', () => {
    for (const key of ['cluster-init', 'cluster-reset', 'token', 'datastore-endpoint', 'server']) {
      const { error } = k3sServer.safeParse({ [key]: 'x', 'node-label': ['a=b'] })
      expect(error?.issues[0]?.message).toBe(`these are not to be given here: ${key}`)
    }
  })
})
