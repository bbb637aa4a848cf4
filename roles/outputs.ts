import { minted, output, type Secret, secret } from 'ts-play'
import type { Health } from './kubernetes/health.ts'
import type { Inspection } from './kubernetes/inspection.ts'
import type { Surroundings } from './kubernetes/surroundings.ts'
import type { K3sHealth } from './k3s/health.ts'

/*
 * What the roles hand to each other, on one page. A stand-in differs per seed in every field: whatever was computed
 * from one comes out different in the engine's two imagined worlds, and is shown as unknown instead of guessed.
 */

type Seed = 'a' | 'b'
const either = <T>(seed: Seed, a: T, b: T): T => (seed === 'a' ? a : b)

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
  disks: [{ path: seed, freeMegabytes: either(seed, 1, 2) }],
  clock: { ahead: either(seed, 1, 2), within: either(seed, 1, 2), synchronized: either(seed, 'no', 'yes') },
  floating: seed,
  nameservers: [seed],
  alarms: [seed],
  vendor: seed,
  settings: { kubernetesVersion: `v1.${either(seed, 0, 1)}.0`, podSubnet: either(seed, '198.51.100.0/25', '198.51.100.128/25'), serviceSubnet: either(seed, '203.0.113.0/25', '203.0.113.128/25'), allowCgroupV1: either(seed, false, true), sharedProductUuid: either(seed, false, true), bindPort: either(seed, 1, 2), endpointInterface: seed, network: either<Inspection['settings']['network']>(seed, { plugin: 'bridge' }, { plugin: 'kube-router', image: seed, overlay: 'none' }) },
  cniConfigurations: [seed],
  kernel: { release: seed, features: [seed] },
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

/** A member of external etcd as the member list has it. Its name is empty until it has started. */
export interface EtcdVoter {
  readonly id: string
  readonly name: string
  readonly peer: string
  readonly client: string
  readonly learner: boolean
}
/** What a host of the group `etcd` is to the cluster. */
export interface EtcdSighting {
  readonly data: boolean
  /** An attempt of ours to found or join a cluster began here and has not ended. */
  readonly attempt: boolean
  /** SHA-256 of the certificate authority that lies here with its key. */
  readonly ca: string | undefined
  /** Certificates of clients that were signed here lie here. */
  readonly signs: boolean
  /** What the member of this host says; `undefined` while it does not run or has no majority behind it. */
  readonly members: readonly EtcdVoter[] | undefined
}
export const EtcdSighting = output('etcd-sighting', (seed): EtcdSighting => ({
  data: either(seed, false, true),
  attempt: either(seed, false, true),
  ca: seed,
  signs: either(seed, false, true),
  members: [{ id: seed, name: seed, peer: `https://${seed}.invalid:2380`, client: `https://${seed}.invalid:2379`, learner: either(seed, false, true) }],
}))

/** Where etcd's release comes from: its archive on the controller, by an absolute path, or for the hosts to download. */
export type EtcdRelease =
  | { readonly from: 'file'; readonly path: string; readonly sha256: string }
  | { readonly from: 'url'; readonly url: string; readonly sha256: string }
export const EtcdRelease = output('etcd-release', (seed): EtcdRelease =>
  either<EtcdRelease>(seed, { from: 'file', path: '/a', sha256: 'a'.repeat(64) }, { from: 'url', url: 'https://b.invalid/', sha256: 'b'.repeat(64) }),
)

/** etcd's certificate authority, for members that have to sign for themselves when the others are gone. */
export interface EtcdAuthority {
  readonly certificate: string
  readonly key: Secret<string>
}
export const EtcdAuthority = output('etcd-authority', (seed): EtcdAuthority => ({ certificate: seed, key: secret`${seed}` }))

/** What a control plane asks etcd's authority to sign; its key stays where it is. */
export interface EtcdRequest {
  readonly csr: string
}
export const EtcdRequest = output('etcd-request', (seed): EtcdRequest => ({ csr: seed }))

/** Certificates of etcd's clients by the name of their host, and the authority that they know etcd by. */
export interface EtcdClients {
  readonly authority: string
  readonly certificates: Readonly<Record<string, string>>
}
export const EtcdClients = output('etcd-clients', (seed): EtcdClients => ({ authority: seed, certificates: { [seed]: seed } }))
/** The newest backup of a control plane, as it lies there. */
export interface BackupOffer {
  readonly path: string
  /** When it was taken: 20261123T063419Z. */
  readonly stamp: string
  readonly encrypted: boolean
  readonly size: number
  readonly sha256: string
}
export const BackupOffer = output('backup-offer', (seed): BackupOffer => ({
  path: `/var/backups/${seed}`, stamp: either(seed, '20260101T000000Z', '20260102T000000Z'), encrypted: either(seed, true, false), size: either(seed, 1, 2), sha256: either(seed, '0', '1').repeat(64),
}))

/** Names of the backups that lie in a store. */
export interface StoredBackups {
  readonly names: readonly string[]
}
export const StoredBackups = output('stored-backups', (seed): StoredBackups => ({ names: [`etcd-${seed}-20260101T000000Z.tar.age`] }))

/** A backup that was chosen: where it lies on the controller, or its name in the storage. */
export interface ChosenBackup {
  readonly source: string
  readonly name: string
}
export const LocalBackup = output('local-backup', (seed): ChosenBackup => ({ source: `/var/backups/etcd-${seed}-20260101T000000Z.tar.age`, name: `etcd-${seed}-20260101T000000Z.tar.age` }))
export const RemoteBackup = output('remote-backup', (seed): ChosenBackup => ({ source: `${seed}/etcd-${seed}-20260101T000000Z.tar.age`, name: `etcd-${seed}-20260101T000000Z.tar.age` }))
/** What a k3s server needs to join: the cluster's token, which names its CA, and the secret that agents will show it. */
export interface K3sServerTicket {
  readonly token: Secret<string>
  readonly agentToken: Secret<string>
}
export const K3sServerTicket = output('k3s-server-ticket', (seed): K3sServerTicket => ({ token: secret`server-${seed}`, agentToken: secret`agent-${seed}` }))

/** What a k3s agent needs to join, and no more. */
export interface K3sAgentTicket {
  readonly token: Secret<string>
}
export const K3sAgentTicket = output('k3s-agent-ticket', (seed): K3sAgentTicket => ({ token: secret`node-${seed}` }))

/** How a host of a k3s cluster is. */
export const K3sHealthReport = output('k3s-health', (seed): K3sHealth => ({
  unit: seed, version: seed, endpoint: seed, holdsVip: either(seed, false, true), apiServer: seed, etcd: seed, members: [{ name: seed, voter: either(seed, false, true) }], alarms: [seed],
  nodes: [{ name: seed, ready: either(seed, false, true), version: seed }], node: either(seed, false, true), snapshot: either(seed, 1, 2),
}))
