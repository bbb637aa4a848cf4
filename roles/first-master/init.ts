import { raw, sh, type Command } from 'ts-play'
import { attemptEnded, configFromStdin, markAttempt } from '../kubernetes/attempt.ts'

/** What `kubeadm init` does once the API server answers. Each can be run again, and does nothing where its work is done. */
const lastPhases = ['upload-config all', 'mark-control-plane', 'bootstrap-token', 'kubelet-finalize all', 'addon all']

/**
 * Makes the cluster, its configuration on stdin. Where an attempt of ours died after the API had come up, only the remaining phases are run; where it died
 * before, `cleanUp` went first.
 */
export function kubeadmInit({ ready, refuseIf = sh`` }: { ready: Command; refuseIf?: Command }): Command {
  return sh`
    ${configFromStdin}
    ${refuseIf}
    ${markAttempt}
    if ${ready}; then
      ${raw(lastPhases.map(phase => `kubeadm init phase ${phase} --config "$config"`).join('\n      '))}
    else
      kubeadm init --config "$config"
    fi
    ${attemptEnded}`
}

/** Exits 0 when nothing of what `kubeadm init` makes is missing. */
export function clusterIsComplete({ kubectl, nodeName }: { kubectl: Command; nodeName: string }): Command {
  return sh`
    [ -s /etc/kubernetes/admin.conf ]
    ${kubectl} get configmap --namespace kube-system kubeadm-config kubelet-config
    ${kubectl} get configmap --namespace kube-public cluster-info
    ${kubectl} get deployment --namespace kube-system coredns
    ${kubectl} get daemonset --namespace kube-system kube-proxy
    ${kubectl} get node ${nodeName}`
}
