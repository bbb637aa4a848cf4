/**
 * What the lab's cluster consists of. Kubernetes 1.34 is the last minor that takes cgroup v1 with no more than a warning,
 * and cgroup v1 is what the lab's hosts can offer. kubeadm asks for etcd 3.6.5; 3.6.16 is its newest patch.
 */
export const versions = {
  kubernetes: 'v1.34.10',
  etcd: 'v3.6.16',
  coredns: 'v1.12.1',
  plugins: 'v1.9.1',
  /** The last release of the CNI plugins that still held flannel's; its own repository cannot be had as a Go module. */
  flannelCni: 'v0.9.1',
  /** The CNI library that it is built with, newer than its own: flannel's manifest configures version 1.0.0 of the protocol. */
  cniLibrary: 'v1.3.0',
  flannel: 'v0.28.10',
} as const
