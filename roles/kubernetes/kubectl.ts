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
