import { output, type Secret, secret } from 'ts-play'
import { either } from './either.ts'

/** Where the API is reached: a name that outlives every machine behind it, and the one address that it stands for today, if there is one. */
export interface ApiEndpoint {
  readonly name: string
  readonly address: string | undefined
  readonly port: number
}
export const ApiEndpoint = output('api-endpoint', (seed): ApiEndpoint => ({
  name: `api-${seed}.invalid`,
  address: either(seed, '192.0.2.1', '192.0.2.2'),
  port: either(seed, 6443, 7443),
}))

/** How the stacked etcd is laid out: the same on every control plane. */
export interface EtcdLayout {
  readonly dataDirectory: string
  /** Flags beside kubeadm's own. */
  readonly extraArgs: Readonly<Record<string, string>>
}
export const EtcdLayout = output('etcd-layout', (seed): EtcdLayout => ({
  dataDirectory: `/var/lib/etcd-${seed}`,
  extraArgs: { name: seed },
}))

/** The cluster, and the control plane that serves the others in this run. */
export interface ClusterInfo {
  readonly name: string
  /** Of the API server: v1.34.10. */
  readonly version: string
  readonly ca: string
  /** Inventory name of the elected control plane. */
  readonly servedBy: string
}
export const ClusterInfo = output('cluster-info', (seed): ClusterInfo => ({
  name: `cluster-${seed}`,
  version: either(seed, 'v1.34.0', 'v1.35.0'),
  ca: `sha256:${seed}`,
  servedBy: `host-${seed}.invalid`,
}))

/** A node that is in the cluster, and the addresses of the pods on it. */
export interface ClusterNode {
  readonly name: string
  readonly address: string
  readonly podRange: string
}
export const ClusterNode = output('cluster-node', (seed): ClusterNode => ({
  name: `node-${seed}`,
  address: either(seed, '192.0.2.21', '192.0.2.22'),
  podRange: either(seed, '198.51.100.0/25', '198.51.100.128/25'),
}))

/** A pod of the cluster's DNS that answers. */
export interface DnsPod {
  readonly node: string
  readonly address: string
}
export const DnsPods = output('dns-pods', (seed): readonly DnsPod[] => [{ node: `node-${seed}`, address: either(seed, '198.51.100.2', '198.51.100.130') }])

/** The administrator's kubeconfig. */
export interface Kubeconfig {
  readonly content: Secret<string>
}
export const Kubeconfig = output('kubeconfig', (seed): Kubeconfig => ({ content: secret`kubeconfig-${seed}` }))

/** A member of etcd as its peers know it. */
export interface EtcdPeer {
  readonly name: string
  readonly url: string
}
export const EtcdPeer = output('etcd-peer', (seed): EtcdPeer => ({ name: `peer-${seed}`, url: `https://${seed}.invalid:2380` }))
