import { role, z } from 'ts-play'
import { EtcdLayout } from '../outputs.ts'

/** Prepares a control plane for the etcd that kubeadm will stack on it. */
export const etcd = role('etcd', {
  vars: {
    etcdDataDirectory: z.string().startsWith('/').default('/var/lib/etcd').describe('Where etcd keeps its data: a disk of its own is best'),
    etcdExtraArgs: z.record(z.string(), z.string()).default({}).describe('Flags of etcd beside those of kubeadm'),
  },
  outputs: { layout: EtcdLayout },
  tasks: () => [],
  produce: {
    layout: ({ vars }) => ({ dataDirectory: vars.etcdDataDirectory, extraArgs: vars.etcdExtraArgs }),
  },
})
