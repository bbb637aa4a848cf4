/** The Kubernetes in a release of k3s: v1.34.2 of v1.34.2+k3s1. */
export function kubernetesOf(k3sVersion: string): string {
  return k3sVersion.replace(/\+k3s\d+$/, '')
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
