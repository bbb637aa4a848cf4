import type { Member } from 'ts-play'
import { endpoint } from '../../../roles/kubernetes/endpoint.ts'
import { network } from '../../../roles/kubernetes/network.ts'
import type { Inspection } from '../../../roles/kubernetes/inspection.ts'
import type { Identity } from '../../../roles/outputs.ts'
import type { Site } from '../../../roles/preflight/judge.ts'

/* Machines that nobody would complain of, and what they are for. */

export const member = (name: string, last: number): Member => ({ name, address: `10.0.0.${last}`, vars: {} })
export const site: Site = {
  distribution: 'kubeadm',
  endpoint: endpoint.parse({ strategy: 'haproxy+keepalived', name: 'api.test', vip: '10.0.0.100' }),
  etcd: 'stacked',
  balancers: [member('lb1', 11), member('lb2', 12)],
  etcdHosts: [],
  controlPlanes: [member('m1', 21)],
  workers: [member('w1', 31)],
  diskNeeded: 4096,
  serviceLoadBalancer: undefined,
}
export const inspected = (last: number, over: Partial<Inspection> = {}): Inspection => ({
  machine: { cpus: 2, memoryMegabytes: 4000, architecture: 'x86_64', cgroup: 'v2', systemd: true, families: ['debian'], hostname: `h${last}` },
  addresses: [{ interface: 'ens3', address: `10.0.0.${last}`, prefix: 24 }],
  nodeAddress: `10.0.0.${last}`,
  fresh: true,
  memberVersion: undefined,
  listeners: [{ port: 22, program: 'sshd' }],
  datagrams: [],
  distributions: [],
  disks: [{ path: '/', freeMegabytes: 20_000 }],
  clock: { ahead: 0, within: 5, synchronized: 'yes' },
  floating: undefined,
  nameservers: ['10.0.0.1'],
  alarms: [],
  vendor: 'QEMU',
  settings: { kubernetesVersion: 'v1.37.2', podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12', allowCgroupV1: false, sharedProductUuid: false, bindPort: 6443, endpointInterface: undefined, network: network.parse('flannel'), k3s: undefined },
  cniConfigurations: [],
  kernel: { release: '6.1.0-40-amd64', features: ['ip_set', 'vxlan', 'bpf', 'overlay', 'br_netfilter'], disabled: [] },
  ...over,
})
export const identity = (host: string): Identity => ({ hostname: host, machineId: `id-${host}`, productUuid: `uuid-${host}`, nodeAddress: `address-${host}`, hardwareAddresses: [`mac-${host}`] })
