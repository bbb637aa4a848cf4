import { byHost, command, role, sh, waitFor } from 'ts-play'
import { localKubectl } from '../kubernetes/kubectl.ts'
import { bindPort, nodeAddress } from '../kubernetes/variables.ts'
import { ClusterInfo, ClusterNode, DnsPods } from '../outputs.ts'
import { parsePods, podsQuery } from './pods.ts'
import { isSpread } from './spread.ts'

/**
 * The cluster's DNS, after everybody has joined: kubeadm starts CoreDNS when there is a single node, so all of it ends up on that one, and dies with it. One pod of it
 * is made anew: it keeps away from where the other is, by CoreDNS's own wish. A restart of all would put both of them on the new node where there are just two: the
 * last of the old ones counts while the second is placed.
 *
 * @see https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#manual-certs: "rollout restart" of CoreDNS after the joins
 */
export const dns = role('dns', {
  vars: { bindPort, nodeAddress },
  inputs: { cluster: ClusterInfo, otherControlPlanes: byHost(ClusterNode), workers: byHost(ClusterNode) },
  outputs: { pods: DnsPods },
  skip: ({ host, inputs }) => (inputs.cluster.servedBy === host.name ? undefined : 'not elected'),
  tasks: ({ host, vars, inputs }) => {
    const kubectl = localKubectl(vars.nodeAddress ?? host.address, vars.bindPort)
    return [
      ...(inputs.otherControlPlanes.size + inputs.workers.size === 0 ? [] : [command({
        name: 'spread CoreDNS over the nodes',
        run: sh`
          kubectl --kubeconfig /etc/kubernetes/admin.conf delete --timeout=2m --namespace kube-system "$(${kubectl} get pods --namespace kube-system --selector k8s-app=kube-dns -o name | head -n 1)"
          kubectl --kubeconfig /etc/kubernetes/admin.conf rollout status --timeout=4m --namespace kube-system deployment/coredns`,
        unless: isSpread(kubectl),
      })]),
      waitFor({
        name: 'CoreDNS is available',
        until: sh`${kubectl} wait --for=condition=Available --timeout=1s --namespace kube-system deployment/coredns`,
        // Pods of a node that died are given up after five minutes.
        timeout: 400_000,
        every: 2000,
      }),
    ]
  },
  produce: {
    pods: async ({ host, vars, on }) => parsePods(await on.query(podsQuery(localKubectl(vars.nodeAddress ?? host.address, vars.bindPort)))),
  },
})
