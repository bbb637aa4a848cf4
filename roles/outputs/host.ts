import { output } from 'ts-play'
import type { Health } from '../kubernetes/health.ts'
import type { Inspection } from '../kubernetes/inspection.ts'
import type { Surroundings } from '../kubernetes/surroundings.ts'
import { either } from './either.ts'

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
