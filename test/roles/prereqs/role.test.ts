import { describe, expect, test } from 'vitest'
import { prereqs } from '../../../roles/prereqs/role.ts'
import { parseEvidence } from '../../../roles/kubernetes/evidence.ts'
import { itemsOf, refusals, shown, specOf, type Context } from '../support/tasks.ts'

const bundle = {
  from: 'bundle', folder: '/srv/bundle', mounted: undefined, version: 'v1.34.10', architecture: 'amd64',
  binaries: ['kubeadm', 'kubelet', 'kubectl'], plugins: ['bridge', 'host-local'],
  images: [
    { reference: 'registry.k8s.io/etcd:3.6.5-0', file: 'images/etcd.tar', placement: 'control-plane' },
    { reference: 'registry.k8s.io/pause:3.10.1', file: 'images/pause.tar', placement: 'every-node' },
  ],
}
const repository = { from: 'repository', uri: 'https://pkgs.k8s.io/core:/stable:/v1.34/deb/', key: 'KEY', revision: '1.1' }

const context = (changes: { software?: object; vars?: object; facts?: object; host?: string } = {}): Context => ({
  host: { name: changes.host ?? 'w1', address: '10.0.0.31' },
  vars: { kubernetesVersion: 'v1.34.10', endpoint: { strategy: 'haproxy+keepalived', name: 'api.example.org', vip: '10.0.0.100' }, ...changes.vars },
  facts: {
    machine: { cpus: 4, memoryMegabytes: 8000, architecture: 'x86_64', cgroup: 'v2', systemd: true, families: ['debian'], hostname: 'w1' },
    addresses: [{ interface: 'ens3', address: '10.0.0.31', prefix: 24 }],
    evidence: parseEvidence(''),
    kubelet: 'absent',
    ...changes.facts,
  },
  inputs: { software: changes.software ?? bundle, identities: new Map(), controlPlanes: [{ name: 'cp1', address: '10.0.0.21', vars: {} }] },
})

/** The tasks of the stage, after its facts. */
function staged(given: Context): readonly string[] {
  const stage = itemsOf(prereqs, given).find(item => item.type === 'stage')
  return stage?.type === 'stage' ? shown(stage.tasks({ facts: { containerdVersion: { major: 1, minor: 7 }, kubeadmImages: ['registry.k8s.io/etcd:3.6.5-0', 'registry.k8s.io/pause:3.10.1'] } })) : []
}

describe('prereqs', () => {
  test('from a bundle does', () => {
    expect(shown(itemsOf(prereqs, context()))).toMatchInlineSnapshot(`
      [
        "swap off",
        "kernel-module overlay",
        "kernel-module br_netfilter",
        "sysctl net.ipv4.ip_forward",
        "sysctl net.bridge.bridge-nf-call-iptables",
        "sysctl net.bridge.bridge-nf-call-ip6tables",
        "sysctl fs.inotify.max_user_instances",
        "package containerd conntrack socat ethtool iptables curl ca-certificates",
        "directory /opt/cni/bin",
        "directory /etc/cni/net.d",
        "copy /usr/bin/kubeadm",
        "copy /usr/bin/kubelet",
        "copy /usr/bin/kubectl",
        "copy /opt/cni/bin/bridge",
        "copy /opt/cni/bin/host-local",
        "systemd-unit /etc/systemd/system/kubelet.service → restart the kubelet",
        "systemd-unit /etc/systemd/system/kubelet.service.d/10-kubeadm.conf → restart the kubelet",
        "service kubelet.service",
        "stage containerdVersion, kubeadmImages",
      ]
    `)
  })
  test('from a repository installs exactly one version and holds it', () => {
    const items = itemsOf(prereqs, context({ software: repository }))
    expect(shown(items).filter(line => /apt|kubelet/.test(line))).toMatchInlineSnapshot(`
      [
        "apt-repository kubernetes",
        "package kubelet kubeadm kubectl",
        "service kubelet.service",
      ]
    `)
    expect(specOf(items, 'package', 'kubelet kubeadm kubectl')).toMatchObject({ version: '1.34.10-1.1', hold: true })
    expect(specOf(items, 'apt-repository', 'kubernetes')).toMatchObject({ uri: repository.uri, suite: '/', key: { content: 'KEY' } })
  })
  test('takes the files of a bundle that the host has as a disk from there', () => {
    const lines = shown(itemsOf(prereqs, context({ software: { ...bundle, mounted: '/media/bundle' } })))
    expect(lines.filter(line => line.startsWith('command install'))).toEqual(['command install kubeadm, kubelet, kubectl from /media/bundle', 'command install bridge, host-local from /media/bundle'])
    expect(lines.some(line => line.startsWith('copy'))).toBe(false)
  })
  test('then containerd, by what was installed, and images, by the part of the host', () => {
    expect(staged(context())).toMatchInlineSnapshot(`
      [
        "directory /etc/containerd",
        "file /etc/containerd/config.toml → restart containerd",
        "service containerd.service",
        "flush",
        "wait-for containerd uses its settings",
        "container-image registry.k8s.io/pause:3.10.1",
      ]
    `)
    expect(staged(context({ host: 'cp1' })).filter(line => line.startsWith('container-image'))).toEqual(['container-image registry.k8s.io/etcd:3.6.5-0', 'container-image registry.k8s.io/pause:3.10.1'])
    expect(staged(context({ host: 'cp1', software: repository })).filter(line => line.startsWith('container-image'))).toEqual(['container-image registry.k8s.io/etcd:3.6.5-0 registry.k8s.io/pause:3.10.1'])
    expect(staged(context({ software: repository })).filter(line => line.startsWith('container-image'))).toEqual([])
  })
  test('does not upgrade a member in passing', () => {
    const member = { evidence: { ...parseEvidence(''), files: ['kubelet.conf'] }, kubelet: 'v1.33.9' }
    expect(refusals(itemsOf(prereqs, context({ facts: member })))).toEqual([expect.stringContaining('w1 is a member with Kubernetes v1.33.9')])
  })
})
