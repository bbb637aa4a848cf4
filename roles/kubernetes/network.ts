import { z } from 'ts-play'
import { manifestSource } from './manifest-source.ts'

/** The release of flannel that its manifest belongs to. */
export const flannelImages = {
  image: 'ghcr.io/flannel-io/flannel:v0.28.10',
  pluginImage: 'ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3',
}

/**
 * How pods reach each other: `network: { plugin: … }`, or only the plugin's name where it needs no more. It is for a cluster's life; another one is another cluster.
 *
 * - `flannel`: a daemon on each node adds the routes, so a new node changes no other. No NetworkPolicy.
 * - `bridge`: a bridge on each node and routes, by this playbook alone and without any image. No NetworkPolicy.
 * - `kube-router`: routes told by BGP among the nodes, and NetworkPolicy. Services stay with kube-proxy.
 * - `calico`, `cilium`: by their own manifest, of a digest that you give; addresses of pods and nodes are set in it.
 */
export const network = z
  .preprocess(
    given => (typeof given === 'string' ? { plugin: given } : given),
    z.discriminatedUnion('plugin', [
      z.strictObject({
        plugin: z.literal('flannel'),
        backend: z.enum(['host-gw', 'vxlan']).default('host-gw').describe('host-gw where all nodes are on one network, vxlan otherwise'),
        image: z.string().default(flannelImages.image).describe('Image of flanneld'),
        pluginImage: z.string().default(flannelImages.pluginImage).describe('Image of the CNI plugin of flannel'),
      }),
      z.strictObject({ plugin: z.literal('bridge') }),
      z.strictObject({
        plugin: z.literal('kube-router'),
        // The lab runs v2.1.0, the newest that can be had as a Go module.
        image: z.string().default('docker.io/cloudnativelabs/kube-router:v2.11.1'),
        overlay: z.enum(['subnet', 'full', 'none']).default('subnet').describe('Tunnels: between nodes of different networks, between all, or none'),
      }),
      z.strictObject({ plugin: z.literal('calico'), manifest: manifestSource }),
      z.strictObject({ plugin: z.literal('cilium'), manifest: manifestSource }),
    ]),
  )
  .default({ plugin: 'flannel', backend: 'host-gw', ...flannelImages })
  .describe('How pods reach each other')

export type Network = z.output<typeof network>
export type Plugin = Network['plugin']
export type NetworkOf<P extends Plugin> = Extract<Network, { plugin: P }>

/** What a plugin is, seen from outside. */
interface Traits {
  /** The file in /etc/cni/net.d that the container runtime goes by. */
  readonly configuration: string
  /** The DaemonSet that has to run on every node; the bridge has none. */
  readonly daemonSet: { readonly namespace: string; readonly name: string } | undefined
  /** What it needs of the kernel: modules, loaded, built in or at hand, and filesystems. */
  readonly kernel: readonly ('ip_set' | 'vxlan' | 'bpf')[]
}

export function traitsOfNetwork(network: Network): Traits {
  switch (network.plugin) {
    case 'flannel':
      return { configuration: '10-flannel.conflist', daemonSet: { namespace: 'kube-flannel', name: 'kube-flannel-ds' }, kernel: network.backend === 'vxlan' ? ['vxlan'] : [] }
    case 'bridge':
      return { configuration: '10-bridge.conflist', daemonSet: undefined, kernel: [] }
    case 'kube-router':
      return { configuration: '10-kuberouter.conflist', daemonSet: { namespace: 'kube-system', name: 'kube-router' }, kernel: ['ip_set'] }
    case 'calico':
      return { configuration: '10-calico.conflist', daemonSet: { namespace: 'kube-system', name: 'calico-node' }, kernel: ['ip_set'] }
    case 'cilium':
      return { configuration: '05-cilium.conflist', daemonSet: { namespace: 'kube-system', name: 'cilium' }, kernel: ['bpf'] }
  }
}

/** Whose configuration of the container runtime this is. */
export function pluginOf(configuration: string): Plugin | undefined {
  const owners: Readonly<Record<string, Plugin>> = {
    '10-flannel.conflist': 'flannel',
    '10-bridge.conflist': 'bridge',
    '10-kuberouter.conflist': 'kube-router',
    '10-calico.conflist': 'calico',
    '05-cilium.conflist': 'cilium',
  }
  return owners[configuration]
}
