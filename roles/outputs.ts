import { minted, output, type Secret, secret } from 'ts-play'
import type { Health } from './kubernetes/health.ts'
import type { Inspection } from './kubernetes/inspection.ts'
import type { Surroundings } from './kubernetes/surroundings.ts'
import { either } from './outputs/either.ts'

export * from './outputs/backup.ts'
export * from './outputs/external-etcd.ts'
export * from './outputs/k3s.ts'

/*
 * What the roles hand to each other, on one page. A stand-in differs per seed in every field: whatever was computed
 * from one comes out different in the engine's two imagined worlds, and is shown as unknown instead of guessed.
 */

/** What has to differ between machines: hosts cloned from one image differ in none of it. `undefined`: the host has no such thing. */
export interface Identity {
  readonly hostname: string
  readonly machineId: string | undefined
  readonly productUuid: string | undefined
  readonly nodeAddress: string
  readonly hardwareAddresses: readonly string[]
}
export const Identity = output('identity', (seed): Identity => ({
  hostname: `host-${seed}.invalid`,
  machineId: `machine-${seed}`,
  productUuid: `product-${seed}`,
  nodeAddress: either(seed, '192.0.2.11', '192.0.2.12'),
  hardwareAddresses: [either(seed, '02:00:00:00:00:0a', '02:00:00:00:00:0b')],
}))

/** What a host is before anything on it is changed. */
export const HostInspection = output('inspection', (seed): Inspection => ({
  machine: { cpus: either(seed, 1, 2), memoryMegabytes: either(seed, 1, 2), architecture: seed, cgroup: either(seed, 'v1', 'v2'), systemd: either(seed, false, true), families: [seed], hostname: `host-${seed}.invalid` },
  addresses: [{ interface: seed, address: either(seed, '192.0.2.11', '192.0.2.12'), prefix: either(seed, 24, 25) }],
  nodeAddress: either(seed, '192.0.2.11', '192.0.2.12'),
  fresh: either(seed, false, true),
  memberVersion: `v1.${either(seed, 0, 1)}.0`,
  listeners: [{ port: either(seed, 1, 2), program: seed }],
  datagrams: [{ port: either(seed, 1, 2), program: seed }],
  distributions: [seed],
  disks: [{ path: seed, freeMegabytes: either(seed, 1, 2) }],
  clock: { ahead: either(seed, 1, 2), within: either(seed, 1, 2), synchronized: either(seed, 'no', 'yes') },
  floating: seed,
  nameservers: [seed],
  alarms: [seed],
  vendor: seed,
  settings: { kubernetesVersion: `v1.${either(seed, 0, 1)}.0`, podSubnet: either(seed, '198.51.100.0/25', '198.51.100.128/25'), serviceSubnet: either(seed, '203.0.113.0/25', '203.0.113.128/25'), allowCgroupV1: either(seed, false, true), sharedProductUuid: either(seed, false, true), bindPort: either(seed, 1, 2), endpointInterface: seed, network: either<Inspection['settings']['network']>(seed, { plugin: 'bridge' }, { plugin: 'kube-router', image: seed, overlay: 'none' }), k3s: { k3sVersion: `v1.${either(seed, 0, 1)}.0+k3s1`, ownBinary: either(seed, false, true) } },
  cniConfigurations: [seed],
  kernel: { release: seed, features: [seed], disabled: [seed] },
}))

/** What a host reaches and hears before anything is changed. */
export const HostSurroundings = output('surroundings', (seed): Surroundings => ({
  paths: [{ host: `host-${seed}.invalid`, address: either(seed, '192.0.2.11', '192.0.2.12'), port: either(seed, 1, 2), state: either(seed, 'open', 'silent') }],
  routers: [{ address: either(seed, '192.0.2.11', '192.0.2.12'), id: either(seed, 1, 2) }],
  unchecked: [either(seed, 'paths', 'routers')],
}))

/** Kubernetes from a repository of packages, and the key that signs it. */
export interface Repository {
  readonly from: 'repository'
  readonly uri: string
  readonly key: string
  /** The part of a package's version after that of Kubernetes. */
  readonly revision: string
}
/** Kubernetes from a folder on the controller: names of files in its `bin/` and `cni/`, and its images. */
export interface Bundle {
  readonly from: 'bundle'
  readonly folder: string
  /** Where the hosts have the same folder as a disk or share of their own. */
  readonly mounted: string | undefined
  readonly version: string
  readonly architecture: string
  readonly binaries: readonly string[]
  readonly plugins: readonly string[]
  readonly images: readonly { readonly reference: string; readonly file: string; readonly placement: 'control-plane' | 'every-node' }[]
}
export type Software = Repository | Bundle
export const Software = output('software', (seed): Software =>
  either<Software>(
    seed,
    { from: 'repository', uri: 'https://a.invalid/', key: 'a', revision: 'a' },
    { from: 'bundle', folder: '/b', mounted: '/b', version: 'v1.34.0', architecture: 'b', binaries: ['b'], plugins: ['b'], images: [{ reference: 'b', file: 'b', placement: 'every-node' }] },
  ),
)

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

/**
 * What a host is to the cluster, judged from what is on it and never from a marker of ours.
 *
 * - `fresh`: nothing of Kubernetes runs or is kept here. `joined`: a healthy member.
 * - `partial`: an init or a join began here and did not end.
 * - `foreign`: a member of another cluster than the one that answers at the endpoint.
 * - `broken`: a member by its files, and not in order: no machine should guess what to do.
 */
export interface Membership {
  readonly state: 'fresh' | 'partial' | 'joined' | 'foreign' | 'broken'
  /** What was seen, one sentence each; printed with every refusal. */
  readonly evidence: readonly string[]
  /** The host's cluster CA as kubeadm writes it (`sha256:…` of its public key). */
  readonly ca: string | undefined
  /** The CA of the cluster that answers at the endpoint, as this host sees it. */
  readonly endpointCa: string | undefined
  /** An attempt of ours to init or join began here and has not ended yet. */
  readonly attempt: boolean
  readonly apiServer: 'ready' | 'silent'
  readonly etcdMember: 'voter' | 'learner' | 'none' | 'unknown'
}
export const Membership = output('membership', (seed): Membership => ({
  state: either(seed, 'fresh', 'joined'),
  evidence: [`${seed} was imagined`],
  ca: `sha256:${seed}`,
  endpointCa: `sha256:endpoint-${seed}`,
  attempt: either(seed, false, true),
  apiServer: either(seed, 'silent', 'ready'),
  etcdMember: either(seed, 'none', 'voter'),
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

/** Manifests that are not ours, fit for this cluster; `undefined` where none is wanted. */
export interface Manifests {
  readonly network: string | undefined
  readonly serviceLoadBalancer: string | undefined
}
export const Manifests = output('manifests', (seed): Manifests => ({
  network: `{ kind: ${seed} }\n`,
  serviceLoadBalancer: `{ kind: ${seed} }\n`,
}))

/** A pod of the cluster's DNS that answers. */
export interface DnsPod {
  readonly node: string
  readonly address: string
}
export const DnsPods = output('dns-pods', (seed): readonly DnsPod[] => [{ node: `node-${seed}`, address: either(seed, '198.51.100.2', '198.51.100.130') }])

/** What a worker needs to join: a bootstrap token of half an hour, and the CA by which it knows the cluster. */
export interface WorkerTicket {
  readonly token: Secret<string>
  readonly caHash: string
}
export const WorkerTicket = minted('worker-ticket', (seed): WorkerTicket => ({ token: secret`token-${seed}`, caHash: `sha256:${seed}` }))

/** A file of the cluster's PKI, by its path under /etc/kubernetes/pki. */
export interface PkiFile {
  readonly path: string
  readonly content: Secret<string>
}

/** How a joining control plane comes by the certificate authorities: their files over SSH, or kubeadm's encrypted upload and its key. */
export type PkiSource =
  | { readonly by: 'ssh'; readonly files: readonly PkiFile[] }
  | { readonly by: 'upload'; readonly certificateKey: Secret<string> }

/** What a control plane needs to join. */
export interface ControlPlaneTicket extends WorkerTicket {
  readonly pki: PkiSource
  /** Client URLs of etcd members that did not answer when the ticket was made. */
  readonly sickMembers: readonly string[]
}
export const ControlPlaneTicket = minted('control-plane-ticket', (seed): ControlPlaneTicket => ({
  token: secret`token-${seed}`,
  caHash: `sha256:${seed}`,
  pki: either<PkiSource>(seed, { by: 'ssh', files: [{ path: 'ca-a.crt', content: secret`a` }] }, { by: 'upload', certificateKey: secret`b` }),
  sickMembers: [`https://${seed}.invalid:2379`],
}))

/** The administrator's kubeconfig. */
export interface Kubeconfig {
  readonly content: Secret<string>
}
export const Kubeconfig = output('kubeconfig', (seed): Kubeconfig => ({ content: secret`kubeconfig-${seed}` }))

/** How a host is, in everything that can be ill on it. */
export const HealthReport = output('health', (seed): Health => ({
  units: new Map([['kubelet', seed]]),
  swap: either(seed, false, true),
  endpoint: seed,
  holdsVip: either(seed, false, true),
  backup: { lastRun: either(seed, 'ok', 'failed'), age: either(seed, 1, 2), storedAge: either(seed, 1, 2), storedIn: seed },
  node: { ready: either(seed, false, true), address: either(seed, '192.0.2.31', '192.0.2.32'), version: seed, problem: seed },
  controlPlane: {
    apiServer: seed, scheduler: seed, controllerManager: seed, superAdmin: [seed], uploadedCertificates: either(seed, false, true),
    certificates: [{ file: seed, left: either(seed, 1, 2) }], nodes: [], workloads: [], etcd: { members: [], alarms: [seed] },
  },
  externalEtcd: { certificates: [{ file: seed, left: either(seed, 1, 2) }], etcd: { members: [], alarms: [seed] } },
}))

/** A member of etcd as its peers know it. */
export interface EtcdPeer {
  readonly name: string
  readonly url: string
}
export const EtcdPeer = output('etcd-peer', (seed): EtcdPeer => ({ name: `peer-${seed}`, url: `https://${seed}.invalid:2380` }))
