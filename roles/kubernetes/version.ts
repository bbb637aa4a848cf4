/** An exact Kubernetes version. The major number has been 1 for a decade and stands for nothing here. */
export interface KubernetesVersion {
  readonly minor: number
  readonly patch: number
}

/** @throws TypeError for anything but v1.MINOR.PATCH; the variable's schema has refused it before. */
export function parseVersion(text: string): KubernetesVersion {
  const match = /^v1\.(\d+)\.(\d+)$/.exec(text)
  if (match?.[1] === undefined || match[2] === undefined) throw new TypeError(`a Kubernetes version reads v1.34.10, not "${text}"`)
  return { minor: Number(match[1]), patch: Number(match[2]) }
}

/** What an installer has to know about one minor version. */
export interface MinorTraits {
  /** Whether kubelet and kubeadm put up with cgroup v1: 1.34 warns; from 1.35 both refuse unless told otherwise (k/k#134298, #134744). */
  readonly cgroupV1: 'warns' | 'refused'
  /**
   * Patches whose `kubeadm init` gives a balancer one try of 10 s to have noticed the new API server, and leaves half a cluster behind when it has not
   * (kubernetes/kubeadm#3294; fixed by k/k#138449 and its cherry-picks of May 2026).
   */
  readonly impatientPatches: { readonly from: number; readonly to: number } | undefined
}

/**
 * What differs between the minors that the roles support. Image tags are not in it: the installed kubeadm is asked for them.
 * The kubeadm API is v1beta4 in all of them (v1beta3 went in 1.37, which adds v1). `ControlPlaneKubeletLocalMode` is on by default in 1.34,
 * locked in 1.35 and gone in 1.36, where kubeadm refuses gates it does not know (k/k#135773): no feature gate is ever written.
 */
export const minors: ReadonlyMap<number, MinorTraits> = new Map([
  [34, { cgroupV1: 'warns', impatientPatches: { from: 2, to: 7 } }],
  [35, { cgroupV1: 'refused', impatientPatches: { from: 0, to: 4 } }],
  [36, { cgroupV1: 'refused', impatientPatches: { from: 0, to: 0 } }],
  [37, { cgroupV1: 'refused', impatientPatches: undefined }],
])

export const supportedMinors = [...minors.keys()].map(minor => `1.${minor}`).join(', ')

/** A newer minor than the table knows is treated as the newest that it knows: refusing it outright would make every release of Kubernetes wait for one of ours. */
export function traitsOf(version: KubernetesVersion): MinorTraits | undefined {
  const newest = Math.max(...minors.keys())
  return minors.get(Math.min(version.minor, newest))
}

/** Whether `kubeadm init` of this version must not depend on how fast the balancer notices the first API server. */
export function isImpatient({ minor, patch }: KubernetesVersion): boolean {
  const range = minors.get(minor)?.impatientPatches
  return range !== undefined && patch >= range.from && patch <= range.to
}

/**
 * Whether a kubelet of `kubelet` may join a control plane of `cluster`.
 * @see https://kubernetes.io/releases/version-skew-policy/#kubelet
 */
export function mayJoin(kubelet: KubernetesVersion, cluster: KubernetesVersion): boolean {
  return kubelet.minor <= cluster.minor && kubelet.minor >= cluster.minor - 3
}
