import { assert, byHost, file, handler, optional, role, service, systemdUnit, waitFor } from 'ts-play'
import { nodeIsReady } from '../kubernetes/kubectl.ts'
import { network, type Network } from '../kubernetes/network.ts'
import { nodeName } from '../kubernetes/node-name.ts'
import { podSubnet } from '../kubernetes/variables.ts'
import { ClusterNode } from '../outputs.ts'
import { conflist } from './conflist.ts'
import { routesUnit } from './routes.ts'

const restartRoutes = handler('restart the routes', service({ name: 'ts-play-pod-routes', state: 'restarted' }))

const whenBridged = ({ vars }: { vars: { network: Network } }): boolean => vars.network.plugin === 'bridge'

/**
 * The network of pods without any image: a bridge on each node and a route to each other node, for machines of one network. Every new node changes all
 * others, so it is the choice for labs and for where flannel cannot be had.
 */
export const bridge = role('bridge', {
  vars: { network, podSubnet },
  facts: { nodeName },
  inputs: { server: optional(byHost(ClusterNode)), otherControlPlanes: optional(byHost(ClusterNode)), workers: optional(byHost(ClusterNode)) },
  neededWhen: { server: whenBridged, otherControlPlanes: whenBridged, workers: whenBridged },
  skip: ({ vars }) => (vars.network.plugin === 'bridge' ? undefined : `the network is ${vars.network.plugin}`),
  tasks: ({ host, vars, facts, inputs }) => {
    const nodes = [inputs.server, inputs.otherControlPlanes, inputs.workers].flatMap(some => [...(some?.values() ?? [])])
    const own = nodes.find(node => node.name === facts.nodeName)
    return [
      assert({
        name: 'the node has a range of pod addresses',
        that: own !== undefined && own.podRange !== '',
        message: `the cluster has given ${host.name} no range of ${vars.podSubnet}`,
        remedy: 'see whether it has joined, and the log of kube-controller-manager (--allocate-node-cidrs)',
      }),
      file({ path: '/etc/cni/net.d/10-bridge.conflist', content: conflist(own?.podRange ?? '') }),
      systemdUnit({ name: 'ts-play-pod-routes', content: routesUnit({ own: facts.nodeName, nodes, podSubnet: vars.podSubnet }) }, { notify: [restartRoutes] }),
      service({ name: 'ts-play-pod-routes', state: 'running', enabled: true }),
      waitFor({ name: 'the node is Ready', until: nodeIsReady(facts.nodeName), timeout: 180_000, every: 2000 }),
    ]
  },
})
