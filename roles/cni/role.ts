import { kubectlApply, role, waitFor } from 'ts-play'
import { nodeIsReady } from '../kubernetes/kubectl.ts'
import { network, type Network } from '../kubernetes/network.ts'
import { nodeName } from '../kubernetes/node-name.ts'
import { podSubnet } from '../kubernetes/variables.ts'
import { ApiEndpoint, ClusterInfo, Manifests } from '../outputs.ts'
import { flannelManifest } from './flannel.ts'
import { kubeRouterManifest } from './kube-router.ts'

/**
 * Gives pods their network, from the control plane that serves the others, before anybody joins: a node is Ready when it has one.
 * With `network: bridge` that is the role `bridge`, after the joins.
 */
export const cni = role('cni', {
  vars: { network, podSubnet },
  facts: { nodeName },
  inputs: { endpoint: ApiEndpoint, cluster: ClusterInfo, manifests: Manifests },
  skip: ({ host, vars, inputs }) => (vars.network.plugin === 'bridge' ? 'the network is bridge' : inputs.cluster.servedBy === host.name ? undefined : 'not elected'),
  tasks: ({ vars, facts, inputs }) => [
    kubectlApply({ name: vars.network.plugin, manifest: manifestOf(vars.network, { endpoint: inputs.endpoint, podSubnet: vars.podSubnet, given: inputs.manifests.network }) }),
    waitFor({ name: 'the node is Ready', until: nodeIsReady(facts.nodeName), timeout: 180_000, every: 2000 }),
  ],
})

interface Place {
  readonly endpoint: ApiEndpoint
  readonly podSubnet: string
  /** What the role `manifests` has made of somebody else's. */
  readonly given: string | undefined
}

function manifestOf(network: Network, { endpoint, podSubnet, given = '' }: Place): string {
  switch (network.plugin) {
    case 'flannel':
      return flannelManifest({ ...network, endpoint, podSubnet })
    case 'kube-router':
      return kubeRouterManifest({ ...network, endpoint })
    case 'calico':
    case 'cilium':
      return given
    case 'bridge':
      return ''
  }
}
