import { sh, type Command, type Look } from 'ts-play'
import type { ClusterNode } from '../outputs.ts'

/** kubectl with the administrator's credentials, at the API server of this very host: what holds here does not depend on any balancer. */
export function localKubectl(address: string, bindPort: number): Command {
  return sh`kubectl --kubeconfig /etc/kubernetes/admin.conf --server ${`https://${address}:${bindPort}`} --request-timeout=10s`
}

/** Exits 0 when this node is Ready, by the node's own credentials: workers have no others. */
export function nodeIsReady(nodeName: string): Command {
  return sh`
    ready=$(kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=5s get node ${nodeName} -o ${'jsonpath={.status.conditions[?(@.type=="Ready")].status}{" "}{.status.conditions[?(@.type=="Ready")].message}'})
    case $ready in True*) ;; *) echo "not Ready: $ready" >&2; exit 1 ;; esac`
}

/** Exits 0 when the API answers at the endpoint and calls itself ready. */
export function apiIsReady(host: string, port: number): Command {
  return sh`[ "$(curl -ks --connect-timeout 2 --max-time 5 ${`https://${host}:${port}/readyz`})" = ok ]`
}

/** This node as the cluster knows it, asked with the node's own credentials. */
export async function ownNode(on: Look, name: string, address: string): Promise<ClusterNode> {
  const podRange = await on.query(sh`kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=10s get node ${name} -o ${'jsonpath={.spec.podCIDR}'}`)
  return { name, address, podRange: podRange.trim() }
}

/**
 * Exits 0 when a DaemonSet has its newest form on every node that is there. Not `rollout status`, which waits for nodes that are down, too: their pods are ready
 * nowhere, and a cluster with a dead worker would never be done.
 */
export function rolledOut(kubectl: Command, { namespace, name }: { readonly namespace: string; readonly name: string }): Command {
  return sh`
    set -- $(${kubectl} get daemonset --namespace ${namespace} ${name} -o ${'jsonpath={.metadata.generation} {.status.observedGeneration} {.status.desiredNumberScheduled} {.status.updatedNumberScheduled} {.status.numberReady}'})
    lost=$(${kubectl} get nodes -o ${'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}'} | grep -vc True || true)
    if [ "$#" -ne 5 ]; then echo ${name}" has not been counted yet" >&2; exit 1; fi
    if [ "$1" != "$2" ] || [ "$3" -eq 0 ] || [ "$4" -lt "$(($3 - lost))" ] || [ "$5" -lt "$(($3 - lost))" ]; then
      echo ${name}": $5 of $3 pods are ready, $4 have its newest form, $lost nodes are down" >&2; exit 1
    fi`
}
