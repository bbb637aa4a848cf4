import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Secret, secret } from '../../../engine/index.ts'
import { certificateNames } from '../../../roles/kubernetes/certificate-names.ts'
import { initConfig } from '../../../roles/first-master/init-config.ts'
import { initSettings, type Circumstances } from '../../../roles/first-master/init-settings.ts'
import { clusterVars } from '../../../roles/first-master/variables.ts'
import { joinConfig } from '../../../roles/kubernetes/join-config.ts'
import { z } from '../../../engine/index.ts'

const member = (name: string, address: string, vars = {}) => ({ name, address, vars })
const endpoint = { name: 'api.example.org', address: '10.0.0.100', port: 6443 }
const inputs = {
  endpoint,
  etcd: { dataDirectory: '/var/lib/etcd', extraArgs: { 'heartbeat-interval': '500' } },
  etcdHosts: [],
  controlPlanes: [member('m1', '10.0.0.21'), member('M2', '192.0.2.22', { nodeAddress: '10.0.0.22' })],
  balancers: [member('lb1', '10.0.0.11')],
}
const variables = z.object(clusterVars)
const circumstances = (vars: z.input<typeof variables> = {}): Circumstances => ({ host: { name: 'm1', address: '10.0.0.21' }, nodeName: 'm1', vars: variables.parse({ kubernetesVersion: 'v1.34.10', ...vars }), inputs })
const external = initConfig(initSettings({ ...circumstances({ etcd: { topology: 'external', release: { from: 'file', file: '/etcd.tar.gz', sha256: 'a'.repeat(64) } } }), inputs: { ...inputs, etcdHosts: [member('e1', '10.0.0.51'), member('e2', '192.0.2.52', { nodeAddress: '10.0.0.52' })] } }))
const init = (vars?: z.input<typeof variables>): string => initConfig(initSettings(circumstances(vars)))

const ticket = { token: secret`123456.1234567890123456`, caHash: `sha256:${'a'.repeat(64)}` }
const node = { name: 'm2', address: '10.0.0.22', ignorePreflightErrors: [] }
const join_ = (controlPlane?: { bindPort: number; certificateKey: Secret<string> | undefined }): string =>
  Secret.reveal(joinConfig({ node, endpoint, ticket, ...(controlPlane ? { controlPlane } : {}) }))

describe('kubeadm init', () => {
  test('keeps workloads away from control planes, unless told otherwise', () => {
    expect(init()).not.toContain('taints')
    expect(init({ controlPlaneWorkloads: true })).toContain('taints: []')
  })
  test('reads', () => {
    expect(init()).toMatchInlineSnapshot(`
      "apiVersion: kubeadm.k8s.io/v1beta4
      kind: InitConfiguration
      bootstrapTokens:
        - description: "made by kubeadm init, used by nobody"
          ttl: "1m0s"
      localAPIEndpoint:
        advertiseAddress: "10.0.0.21"
        bindPort: 6443
      nodeRegistration:
        name: m1
        criSocket: "unix:///run/containerd/containerd.sock"
        imagePullPolicy: IfNotPresent
        kubeletExtraArgs:
          - name: node-ip
            value: "10.0.0.21"
      timeouts:
        kubernetesAPICall: "5m0s"
      ---
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: ClusterConfiguration
      kubernetesVersion: v1.34.10
      clusterName: kubernetes
      controlPlaneEndpoint: "api.example.org:6443"
      networking:
        podSubnet: "10.244.0.0/16"
        serviceSubnet: "10.96.0.0/12"
        dnsDomain: cluster.local
      apiServer:
        certSANs:
          - api.example.org
          - "10.0.0.100"
          - localhost
          - "127.0.0.1"
          - m1
          - "10.0.0.21"
          - m2
          - "10.0.0.22"
          - "192.0.2.22"
          - lb1
          - "10.0.0.11"
        extraArgs: []
      etcd:
        local:
          dataDir: /var/lib/etcd
          extraArgs:
            - name: heartbeat-interval
              value: "500"
      ---
      apiVersion: kubelet.config.k8s.io/v1beta1
      kind: KubeletConfiguration
      cgroupDriver: systemd
      rotateCertificates: true
      ---
      apiVersion: kubeproxy.config.k8s.io/v1alpha1
      kind: KubeProxyConfiguration
      "
    `)
  })
  test('external etcd is known by the addresses of its hosts, and by certificates that a clean-up leaves', () => {
    expect(external).toContain('etcd:\n  external:\n    endpoints:\n      - "https://10.0.0.51:2379"\n      - "https://10.0.0.52:2379"\n    caFile: /etc/kubernetes/etcd-client/ca.crt\n')
    expect(external).not.toContain('local:')
  })
  test('what kubeadm and kubelet need to put up with cgroup v1, where they would not', () => {
    expect(init({ kubernetesVersion: 'v1.37.2', allowCgroupV1: true })).toContain('failCgroupV1: false')
    expect(init({ kubernetesVersion: 'v1.37.2', allowCgroupV1: true })).toContain('ignorePreflightErrors:\n    - SystemVerification')
    expect(init({ kubernetesVersion: 'v1.34.10', allowCgroupV1: true })).not.toContain('SystemVerification')
    expect(init({ kubernetesVersion: 'v1.37.2' })).not.toContain('failCgroupV1')
  })
  test('the user’s fields beside ours', () => {
    const text = init({ kubeProxy: { mode: 'nftables', conntrack: { maxPerCore: 0 } }, kubelet: { maxPods: 50, cgroupDriver: 'cgroupfs' }, apiServerExtraArgs: { 'audit-log-path': '-' } })
    expect(text).toContain('mode: nftables')
    expect(text).toContain('maxPerCore: 0')
    expect(text).toContain('maxPods: 50')
    expect(text).toContain('cgroupDriver: cgroupfs')
    expect(text).toContain('- name: audit-log-path\n      value: "-"')
  })
  test('certificates hold every name and address, each once', () => {
    expect(certificateNames(inputs)).toEqual(['api.example.org', '10.0.0.100', 'localhost', '127.0.0.1', 'm1', '10.0.0.21', 'm2', '10.0.0.22', '192.0.2.22', 'lb1', '10.0.0.11'])
  })
})

describe('kubeadm join', () => {
  test('of a worker reads', () => {
    expect(join_()).toMatchInlineSnapshot(`
      "apiVersion: kubeadm.k8s.io/v1beta4
      kind: JoinConfiguration
      nodeRegistration:
        name: m2
        criSocket: "unix:///run/containerd/containerd.sock"
        imagePullPolicy: IfNotPresent
        kubeletExtraArgs:
          - name: node-ip
            value: "10.0.0.22"
      discovery:
        bootstrapToken:
          apiServerEndpoint: "api.example.org:6443"
          token: "123456.1234567890123456"
          caCertHashes:
            - "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "
    `)
  })
  test('of a control plane names its address, and the key of the upload only where there is one', () => {
    const key = secret`${'1'.repeat(64)}`
    expect(join_({ bindPort: 6443, certificateKey: key })).toContain(`certificateKey: "${'1'.repeat(64)}"`)
    expect(join_({ bindPort: 6443, certificateKey: undefined })).toContain('advertiseAddress: "10.0.0.22"')
    expect(join_({ bindPort: 6443, certificateKey: undefined })).not.toContain('certificateKey')
  })
  test('is a secret as a whole', () => {
    expect(String(joinConfig({ node, endpoint, ticket }))).toBe('***')
  })
})

const kubeadm = join(homedir(), '.cache/ts-play/kubernetes/v1.34.10/bin/kubeadm')
const reason = existsSync(kubeadm) ? '' : ' (skipped: no kubeadm in the lab’s cache)'
describe.skipIf(reason !== '')(`kubeadm config validate${reason}`, () => {
  test.each([
    ['init', init()],
    ['init with everything', init({ allowCgroupV1: true, ignorePreflightErrors: ['Swap'], kubelet: { maxPods: 50 }, kubeProxy: { mode: 'nftables', oomScoreAdj: 0, conntrack: { maxPerCore: 0, min: 0 } }, imageRepository: 'registry.example.org/k8s' })],
    ['init with external etcd', external],
    ['join of a worker', join_()],
    ['join of a control plane', join_({ bindPort: 6443, certificateKey: undefined })],
    ['join of a control plane by upload', join_({ bindPort: 6443, certificateKey: secret`${'1'.repeat(64)}` })],
  ])('%s', (_, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'ts-play-kubeadm-'))
    try {
      writeFileSync(join(folder, 'config.yaml'), text)
      const { status, stdout, stderr } = spawnSync(kubeadm, ['config', 'validate', '--config', join(folder, 'config.yaml')], { encoding: 'utf8' })
      expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: 'ok\n' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
