import { command, role, sh } from 'ts-play'
import { progress } from './facts.ts'
import { pods, workplace } from './workplace.ts'

/** Stops etcd and everything that talks to it, on every control plane: an API server that lived through a restore would serve a world that is gone. */
export const halt = role('etcd-restore-halt', {
  tags: ['etcd-restore'],
  facts: { progress },
  skip: ({ facts }) => (facts.progress.staged === facts.progress.done ? 'restored from this backup already' : undefined),
  tasks: () => [
    command({
      name: 'stop the control plane',
      run: sh`
    mkdir -p -m 700 ${workplace.manifests}
    for pod in ${[...pods].toReversed()}; do
      if [ -e "/etc/kubernetes/manifests/$pod.yaml" ]; then mv "/etc/kubernetes/manifests/$pod.yaml" ${workplace.manifests}; fi
    done
    # The kubelet takes them away within seconds; what counts is that the processes are gone.
    tries=0
    while grep -qx -e etcd -e kube-apiserver /proc/[0-9]*/comm 2>/dev/null; do
      tries=$((tries + 1))
      [ "$tries" -le 120 ] || { echo 'etcd or the API server still runs after two minutes: is the kubelet alive?' >&2; exit 1; }
      sleep 1
    done`,
      unless: sh`! grep -qx -e etcd -e kube-apiserver /proc/[0-9]*/comm 2>/dev/null && [ ! -e /etc/kubernetes/manifests/etcd.yaml ] && [ ! -e /etc/kubernetes/manifests/kube-apiserver.yaml ]`,
    }),
  ],
})
