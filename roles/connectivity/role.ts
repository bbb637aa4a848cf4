import { byHost, role, waitFor } from 'ts-play'
import { localKubectl, rolledOut } from '../kubernetes/kubectl.ts'
import { network, traitsOfNetwork } from '../kubernetes/network.ts'
import { nodeName } from '../kubernetes/node-name.ts'
import { bindPort, nodeAddress } from '../kubernetes/variables.ts'
import { ClusterInfo, ClusterNode, DnsPods } from '../outputs.ts'
import { reachesPods } from './reach.ts'

/**
 * The network of pods, tried out from every node when all are in: what is Ready may still reach nobody. Read only.
 *
 * Nodes that do not answer in this run are nobody's to reach: their machines have failed already, and a pod is called Ready for most of a minute after its node has died.
 */
export const connectivity = role('connectivity', {
  vars: { network, bindPort, nodeAddress },
  facts: { nodeName },
  inputs: { cluster: ClusterInfo, pods: DnsPods, server: byHost(ClusterNode), otherControlPlanes: byHost(ClusterNode), workers: byHost(ClusterNode) },
  tasks: ({ host, vars, facts, inputs }) => {
    const { daemonSet } = traitsOfNetwork(vars.network)
    const answering = new Set([inputs.server, inputs.otherControlPlanes, inputs.workers].flatMap(some => [...some.values()]).map(({ name }) => name))
    const pods = inputs.pods.filter(({ node }) => answering.has(node))
    return [
      ...(daemonSet === undefined || inputs.cluster.servedBy !== host.name ? [] : [
        waitFor({ name: `${vars.network.plugin} runs on every node`, until: rolledOut(localKubectl(vars.nodeAddress ?? host.address, vars.bindPort), daemonSet), timeout: 300_000, every: 2000 }),
      ]),
      waitFor({ name: 'pods of other nodes answer', until: reachesPods(facts.nodeName, pods), timeout: 120_000, every: 2000 }),
    ]
  },
})
