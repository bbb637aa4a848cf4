import type { InterfaceAddress } from './addresses.ts'
import type { Machine } from './machine.ts'
import type { Network } from './network.ts'

/** What one host is before anything on it is changed. Whether that will do is judged by `preflight`, over all hosts at once. */
export interface Inspection {
  readonly machine: Machine
  readonly addresses: readonly InterfaceAddress[]
  readonly nodeAddress: string
  /** Nothing of Kubernetes is on it yet. */
  readonly fresh: boolean
  /** Version of its kubelet, where it has joined. */
  readonly memberVersion: string | undefined
  readonly listeners: readonly Listener[]
  /** The same of UDP. The kernel's own, a tunnel's, has no program. */
  readonly datagrams: readonly Listener[]
  /** Whose nodes it is or was made: of kubeadm, of k3s. */
  readonly distributions: readonly string[]
  readonly disks: readonly Disk[]
  /** Milliseconds that its clock is ahead of the controller's, give or take `within`. */
  readonly clock: { readonly ahead: number; readonly within: number; readonly synchronized: 'yes' | 'no' | 'unknown' }
  /** Who answers at the floating address as this host sees it: `own`, a hardware address, or nobody. */
  readonly floating: string | undefined
  /** Nameservers of /etc/resolv.conf. */
  readonly nameservers: readonly string[]
  /** Alarms of the etcd that runs here. */
  readonly alarms: readonly string[]
  /** Maker of the machine, as its firmware says. */
  readonly vendor: string
  /** Names of what configures networks of containers here (/etc/cni/net.d). */
  readonly cniConfigurations: readonly string[]
  /** `disabled`: controllers of cgroups that the kernel was booted without. */
  readonly kernel: { readonly release: string; readonly features: readonly string[]; readonly disabled: readonly string[] }
  readonly settings: Settings
}

export interface Listener {
  readonly port: number
  /** `undefined`: not to be seen. */
  readonly program: string | undefined
}

export interface Disk {
  readonly path: string
  readonly freeMegabytes: number
}

/** Variables of the host that its judgement needs. */
export interface Settings {
  readonly kubernetesVersion: string
  readonly podSubnet: string
  readonly serviceSubnet: string
  readonly allowCgroupV1: boolean
  readonly sharedProductUuid: boolean
  readonly bindPort: number
  readonly endpointInterface: string | undefined
  readonly network: Network
  /** Where it is to be a node of k3s. */
  readonly k3s: K3sSettings | undefined
}

export interface K3sSettings {
  readonly k3sVersion: string
  /** The inventory names a binary for it, and the release's own is not asked for. */
  readonly ownBinary: boolean
}
