import { parseVersion, type KubernetesVersion } from '../kubernetes/version.ts'

/** The Kubernetes in a release of k3s: v1.34.2 of v1.34.2+k3s1. */
export function kubernetesOf(k3sVersion: string): string {
  return k3sVersion.replace(/\+k3s\d+$/, '')
}

/**
 * The oldest minor that the roles support: its API server reads `AuthenticationConfiguration` v1, and k3s leaves anonymous requests to that file since 1.33.1
 * (k3s-io/k3s#12245); its etcd is 3.6, whose JSON gateway is on by default.
 */
export const oldestMinor = 34

export function isSupported(k3sVersion: string): boolean {
  return minorOf(k3sVersion).minor >= oldestMinor
}

function minorOf(k3sVersion: string): KubernetesVersion {
  return parseVersion(kubernetesOf(k3sVersion))
}

/** How the architecture of a machine is called at the end of the name of a release's binary. */
export function releaseSuffix(machine: string): string | undefined {
  switch (machine) {
    case 'x86_64':
      return ''
    case 'aarch64':
      return '-arm64'
    default:
      return undefined
  }
}
