import { command, sh, type Secret, type Task } from 'ts-play'
import { attemptEnded, configFromStdin, markAttempt } from './attempt.ts'

/**
 * Joins the cluster, with a `JoinConfiguration` on stdin. Joined means that the cluster knows the node and the node knows the cluster: its kubeconfig
 * is there, and the API says so when asked with it.
 */
export function kubeadmJoin({ config, nodeName }: { config: Secret<string>; nodeName: string }): Task {
  const joined = sh`[ -s /etc/kubernetes/kubelet.conf ] && kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=5s get node ${nodeName}`
  return command({
    name: 'kubeadm join',
    // kubeadm ends when the kubelet has its credentials; the kubelet registers its node a moment later.
    run: sh`
    ${configFromStdin}
    ${markAttempt}
    kubeadm join --config "$config"
    tries=0
    until { ${joined}; } >/dev/null 2>&1; do
      tries=$((tries + 1))
      [ $tries -lt 60 ] || { echo 'the kubelet has not registered its node within a minute: see journalctl -u kubelet' >&2; exit 1; }
      sleep 1
    done
    ${attemptEnded}`,
    stdin: config,
    unless: joined,
    timeout: 15 * 60_000,
  })
}
