import { describe, expect, test } from 'vitest'
import { isImpatient, mayJoin, parseVersion, traitsOf } from '../../../roles/kubernetes/version.ts'

describe('Kubernetes versions', () => {
  test.each([
    ['v1.34.1', false],
    ['v1.34.2', true],
    ['v1.34.7', true],
    ['v1.34.10', false],
    ['v1.35.0', true],
    ['v1.35.5', false],
    ['v1.36.0', true],
    ['v1.36.1', false],
    ['v1.37.0', false],
  ])('%s: init depends on a quick balancer: %s', (version, impatient) => {
    expect(isImpatient(parseVersion(version))).toBe(impatient)
  })

  test.each([
    ['v1.34.10', 'warns'],
    ['v1.35.0', 'refused'],
    ['v1.37.2', 'refused'],
    ['v1.41.0', 'refused'],
  ])('%s: cgroup v1 %s', (version, cgroupV1) => {
    expect(traitsOf(parseVersion(version))?.cgroupV1).toBe(cgroupV1)
  })

  test('a version older than the table has no traits', () => {
    expect(traitsOf(parseVersion('v1.33.1'))).toBeUndefined()
  })

  test.each([
    ['v1.34.0', 'v1.37.2', true],
    ['v1.33.0', 'v1.37.2', false],
    ['v1.37.2', 'v1.37.0', true],
    ['v1.37.0', 'v1.36.3', false],
  ])('a kubelet %s may join a cluster of %s: %s', (kubelet, cluster, may) => {
    expect(mayJoin(parseVersion(kubelet), parseVersion(cluster))).toBe(may)
  })

  test.each(['1.34.1', 'v1.34', 'v2.0.0', 'v1.34.1-rc.1', ''])('"%s" is refused', text => {
    expect(() => parseVersion(text)).toThrow(TypeError)
  })
})
