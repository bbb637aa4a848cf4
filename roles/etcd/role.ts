import { assert, command, role, z } from 'ts-play'
import { evidence } from '../kubernetes/evidence.ts'
import { bindPort, etcdDataDirectory } from '../kubernetes/variables.ts'
import { EtcdLayout } from '../outputs.ts'
import { measureDisk, measurement } from './disk.ts'
import { listening } from '../kubernetes/listening.ts'

/** What kubeadm's stacked control plane listens on beside the API: etcd for clients and peers, the kubelet, controller manager and scheduler. */
const ports = [2379, 2380, 10250, 10257, 10259]

/**
 * Prepares a control plane for the etcd that kubeadm stacks on it, and says how it is laid out. The health gate that joins wait for is
 * `kubernetes/etcd-health.ts`.
 */
export const etcd = role('etcd', {
  vars: {
    bindPort,
    etcdDataDirectory,
    etcdExtraArgs: z.record(z.string(), z.string()).default({}).describe('Flags of etcd beside those of kubeadm'),
    etcdDiskLimit: z.int().positive().default(50).describe('Milliseconds that a durable write may take, nearly always'),
  },
  facts: { evidence, listening },
  outputs: { layout: EtcdLayout },
  tasks: ({ host, vars, facts }) => {
    const fresh = facts.evidence.files.length === 0 && !facts.evidence.etcdData
    const taken = [...ports, vars.bindPort].filter(port => facts.listening.includes(port))
    return [
      assert({
        name: 'the ports of a control plane are free',
        that: !fresh || taken.length === 0,
        message: `something that is no control plane listens on port ${taken.join(', ')} of ${host.name}`,
        remedy: `see \`ss -lptn\` on ${host.name}, and stop it or choose another bindPort`,
      }),
      ...(facts.evidence.etcdData ? [] : [
        command({ name: 'measure the disk for etcd', run: measureDisk({ directory: vars.etcdDataDirectory, limit: vars.etcdDiskLimit }), creates: measurement }),
      ]),
    ]
  },
  produce: {
    layout: ({ vars }) => ({ dataDirectory: vars.etcdDataDirectory, extraArgs: vars.etcdExtraArgs }),
  },
})
