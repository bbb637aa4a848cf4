/** Where a restore does its work on a host: a folder of root's alone, kept until the next one. */
const folder = '/var/lib/ts-play/restore'

export const workplace = {
  folder,
  /** The backup as it came. */
  whole: `${folder}/whole`,
  /** What it is called in the storage that it came from, and its sum. */
  name: `${folder}/name`,
  /** What was in it. */
  backup: `${folder}/backup`,
  /** Sums of the backup: unpacked and verified; agreed that what is newer is lost; put in place; running. */
  staged: `${folder}/staged`,
  agreed: `${folder}/agreed`,
  placed: `${folder}/placed`,
  done: `${folder}/done`,
  /** Manifests while the static pods are stopped: the kubelet looks in one folder only. */
  manifests: '/etc/kubernetes/ts-play-restore',
} as const

/** The static pods that have to stand still, in the order in which they come back. */
export const pods = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const
