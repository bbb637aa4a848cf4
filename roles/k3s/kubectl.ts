import { sh, type Command } from 'ts-play'
import { k3sPaths } from './paths.ts'

/** kubectl with the administrator's credentials, at the server of this very host: k3s writes the kubeconfig so. */
export const k3sKubectl = sh`${k3sPaths.binary} kubectl --kubeconfig ${k3sPaths.kubeconfig} --request-timeout=10s`

/** kubectl with an agent's own credentials, through the balancer that every agent has in itself. */
export const agentKubectl = sh`${k3sPaths.binary} kubectl --kubeconfig ${k3sPaths.agentKubeconfig} --request-timeout=5s`

/** Exits 0 when this node is Ready. */
export function k3sNodeIsReady(kubectl: Command, nodeName: string): Command {
  return sh`
    ready=$(${kubectl} get node ${nodeName} -o ${'jsonpath={.status.conditions[?(@.type=="Ready")].status}{" "}{.status.conditions[?(@.type=="Ready")].message}'})
    case $ready in True*) ;; *) echo "not Ready: $ready" >&2; exit 1 ;; esac`
}
