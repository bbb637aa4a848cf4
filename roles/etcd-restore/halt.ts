import { command, role, sh } from 'ts-play'
import { etcdTopology, unlessExternal } from '../kubernetes/etcd-topology.ts'
import { progress } from './facts.ts'
import { pods, workplace } from './workplace.ts'

/** Stops everything that talks to etcd, and stacked etcd with it, on every control plane: an API server that lived through a restore would serve a world that is gone. */
export const halt = role('etcd-restore-halt', {
  tags: ['etcd-restore'],
  vars: { etcd: etcdTopology },
  facts: { progress },
  skip: ({ facts }) => (facts.progress.staged === facts.progress.done ? 'restored from this backup already' : undefined),
  tasks: ({ vars }) => {
    // A member of external etcd may share the machine: it is stopped by its unit, after this.
    const processes = vars.etcd.topology === 'external' ? ['-e', 'kube-apiserver'] : ['-e', 'etcd', '-e', 'kube-apiserver']
    const runs = sh`grep -qx ${processes} /proc/[0-9]*/comm 2>/dev/null`
    return [
      command({
        name: 'stop the control plane',
        run: sh`
    mkdir -p -m 700 ${workplace.manifests}
    for pod in ${[...pods].toReversed()}; do
      if [ -e "/etc/kubernetes/manifests/$pod.yaml" ]; then mv "/etc/kubernetes/manifests/$pod.yaml" ${workplace.manifests}; fi
    done
    # The kubelet takes them away within seconds; what counts is that the processes are gone.
    tries=0
    while ${runs}; do
      tries=$((tries + 1))
      [ "$tries" -le 120 ] || { echo 'etcd or the API server still runs after two minutes: is the kubelet alive?' >&2; exit 1; }
      sleep 1
    done`,
        unless: sh`! ${runs} && [ ! -e /etc/kubernetes/manifests/etcd.yaml ] && [ ! -e /etc/kubernetes/manifests/kube-apiserver.yaml ]`,
      }),
    ]
  },
})

/** Stops external etcd, when nothing talks to it any more. One without a majority is never ready, and is stopped all the same. */
export const haltMember = role('etcd-restore-halt-member', {
  tags: ['etcd-restore'],
  vars: { etcd: etcdTopology },
  facts: { progress },
  skip: ({ vars, facts }) => unlessExternal(vars.etcd) ?? (facts.progress.staged === facts.progress.done ? 'restored from this backup already' : undefined),
  tasks: () => [command({ name: 'stop etcd', run: sh`systemctl stop etcd`, unless: sh`case $(systemctl is-active etcd) in inactive | failed) ;; *) exit 1 ;; esac` })],
})
