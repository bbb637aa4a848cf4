import { describe, expect, test } from 'vitest'
import { parseBundle } from '../../../roles/software/bundle.ts'

const sum = { sha256: 'x', size: 1 }
const manifest = {
  schema: 1,
  version: 'v1.34.10',
  architecture: 'amd64',
  images: [{ reference: 'registry.k8s.io/pause:3.10.1', file: 'images/pause.tar', placement: 'every-node', contains: 'ignored' }],
  files: { 'bin/kubeadm': sum, 'bin/kubelet': sum, 'bin/kubectl': sum, 'cni/bridge': sum, 'images/pause.tar': sum },
}

describe('bundle.json', () => {
  test('tells what there is', () => {
    expect(parseBundle(JSON.stringify(manifest), '/srv/bundle')).toEqual({
      from: 'bundle', folder: '/srv/bundle', version: 'v1.34.10', architecture: 'amd64', binaries: ['kubeadm', 'kubelet', 'kubectl'], plugins: ['bridge'],
      images: [{ reference: 'registry.k8s.io/pause:3.10.1', file: 'images/pause.tar', placement: 'every-node' }],
    })
  })
  test.each<[string, object, RegExp]>([
    ['a missing program', { files: { 'bin/kubeadm': sum, 'bin/kubelet': sum } }, /lacks bin\/kubectl/],
    ['a newer schema', { schema: 2 }, /schema/],
    ['a path that leads out of it', { files: { ...manifest.files, 'bin/../../etc/shadow': sum } }, /bin\/, cni\/ or images/],
    ['an unknown placement', { images: [{ reference: 'a', file: 'b', placement: 'moon' }] }, /placement/],
  ])('with %s is refused', (_, changes, message) => {
    expect(() => parseBundle(JSON.stringify({ ...manifest, ...changes }), '/srv/bundle')).toThrow(message)
  })
  test('that is no JSON is refused', () => {
    expect(() => parseBundle('<html>', '/srv/bundle')).toThrow()
  })
})
