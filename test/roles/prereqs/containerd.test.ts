import { describe, expect, test } from 'vitest'
import { containerdConfig, parseContainerdVersion } from '../../../roles/prereqs/containerd.ts'
import { inRegistry, sandboxImage } from '../../../roles/prereqs/images.ts'

const settings = { sandboxImage: 'registry.k8s.io/pause:3.10.1', restrictOomScoreAdj: false }

describe('containerd says which it is', () => {
  test.each([
    ['containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3', { major: 1, minor: 6 }],
    ['containerd containerd.io 1.7.28 b98a3aace656320842a23f4a392a33f46af97866', { major: 1, minor: 7 }],
    ['containerd github.com/containerd/containerd/v2 v2.0.5 fb4c30d4ede3531652d86197bf3fc9515e5276d9', { major: 2, minor: 0 }],
    ['containerd github.com/containerd/containerd/v2 v2.3.6 0123456789abcdef', { major: 2, minor: 3 }],
    ['', 'absent'],
    ['sh: 1: containerd: not found', 'absent'],
  ])('%s', (stdout, version) => {
    expect(parseContainerdVersion(stdout)).toEqual(version)
  })
})

describe('its configuration', () => {
  test.each([
    [{ major: 1, minor: 6 }, 2, 'io.containerd.grpc.v1.cri'],
    [{ major: 2, minor: 0 }, 3, 'io.containerd.cri.v1.runtime'],
    [{ major: 2, minor: 2 }, 3, 'io.containerd.cri.v1.runtime'],
    [{ major: 2, minor: 3 }, 4, 'io.containerd.cri.v1.runtime'],
    [{ major: 3, minor: 0 }, 4, 'io.containerd.cri.v1.runtime'],
  ])('of %o is of version %i', (version, format, plugin) => {
    const config = containerdConfig(version, settings)
    expect(config).toContain(`\nversion = ${format}\n`)
    expect(config).toContain(`[plugins."${plugin}".containerd.runtimes.runc.options]\n  SystemdCgroup = true`)
    expect(config).toContain('registry.k8s.io/pause:3.10.1')
  })
  test('of 1.x reads', () => {
    expect(containerdConfig({ major: 1, minor: 6 }, { ...settings, restrictOomScoreAdj: true })).toMatchInlineSnapshot(`
      "# Written by ts-play; changes are overwritten.
      version = 2

      [plugins."io.containerd.grpc.v1.cri"]
        sandbox_image = "registry.k8s.io/pause:3.10.1"
        restrict_oom_score_adj = true

      [plugins."io.containerd.grpc.v1.cri".cni]
        bin_dir = "/opt/cni/bin"
        conf_dir = "/etc/cni/net.d"

      [plugins."io.containerd.grpc.v1.cri".registry]
        config_path = "/etc/containerd/certs.d"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
        runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = true
      "
    `)
  })
  test('of 2.3 reads', () => {
    expect(containerdConfig({ major: 2, minor: 3 }, settings)).toMatchInlineSnapshot(`
      "# Written by ts-play; changes are overwritten.
      version = 4

      [plugins."io.containerd.cri.v1.images".pinned_images]
        sandbox = "registry.k8s.io/pause:3.10.1"

      [plugins."io.containerd.cri.v1.images".registry]
        config_path = "/etc/containerd/certs.d"

      [plugins."io.containerd.cri.v1.runtime"]
        restrict_oom_score_adj = false

      [plugins."io.containerd.cri.v1.runtime".cni]
        bin_dirs = ["/opt/cni/bin"]
        conf_dir = "/etc/cni/net.d"

      [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
        runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
        SystemdCgroup = true
      "
    `)
  })
})

test('images in another registry, where kubeadm wants CoreDNS under a shorter name', () => {
  const images = ['registry.k8s.io/kube-proxy:v1.34.10', 'registry.k8s.io/coredns/coredns:v1.12.1', 'registry.k8s.io/pause:3.10.1']
  expect(inRegistry(images, 'r.example.org/k8s')).toEqual(['r.example.org/k8s/kube-proxy:v1.34.10', 'r.example.org/k8s/coredns:v1.12.1', 'r.example.org/k8s/pause:3.10.1'])
  expect(sandboxImage(inRegistry(images, 'r.example.org/k8s'))).toBe('r.example.org/k8s/pause:3.10.1')
})
