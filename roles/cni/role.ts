import { kubectlApply, role, waitFor, z } from 'ts-play'
import { nodeIsReady } from '../kubernetes/kubectl.ts'
import { nodeName } from '../kubernetes/node-name.ts'
import { network, podSubnet } from '../kubernetes/variables.ts'
import { ApiEndpoint, ClusterInfo } from '../outputs.ts'
import { flannelImages, flannelManifest } from './flannel.ts'

/**
 * Gives pods their network, from the control plane that serves the others, before anybody joins: a node is Ready when it has one.
 * With `network: bridge` that is the role `bridge`, after the joins.
 */
export const cni = role('cni', {
  vars: {
    network,
    podSubnet,
    flannelBackend: z.enum(['host-gw', 'vxlan']).default('host-gw').describe('host-gw where all nodes are on one network, vxlan otherwise'),
    flannelImage: z.string().default(flannelImages.image).describe('Image of flanneld'),
    flannelPluginImage: z.string().default(flannelImages.pluginImage).describe('Image of the CNI plugin of flannel'),
  },
  facts: { nodeName },
  inputs: { endpoint: ApiEndpoint, cluster: ClusterInfo },
  skip: ({ host, vars, inputs }) => (vars.network !== 'flannel' ? `the network is ${vars.network}` : inputs.cluster.servedBy === host.name ? undefined : 'not elected'),
  tasks: ({ vars, facts, inputs }) => [
    kubectlApply({
      name: 'flannel',
      manifest: flannelManifest({ endpoint: inputs.endpoint, podSubnet: vars.podSubnet, backend: vars.flannelBackend, image: vars.flannelImage, pluginImage: vars.flannelPluginImage }),
    }),
    waitFor({ name: 'the node is Ready', until: nodeIsReady(facts.nodeName), timeout: 180_000, every: 2000 }),
  ],
})
