import { command, sh, type Secret, type Task } from 'ts-play'
import { configFromStdin, markAttempt } from './attempt.ts'

/**
 * Joins the cluster, with a `JoinConfiguration` on stdin. Joined means that the cluster knows the node and the node knows the cluster: its kubeconfig
 * is there, and the API says so when asked with it.
 */
export function kubeadmJoin({ config, nodeName }: { config: Secret<string>; nodeName: string }): Task {
  return command({
    name: 'kubeadm join',
    run: sh`
    ${configFromStdin}
    ${markAttempt}
    kubeadm join --config "$config"`,
    stdin: config,
    unless: sh`[ -s /etc/kubernetes/kubelet.conf ] && kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=5s get node ${nodeName}`,
    timeout: 15 * 60_000,
  })
}
