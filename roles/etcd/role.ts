import { assert, command, role } from 'ts-play'
import { etcdDiskLimit, etcdExtraArgs, etcdTopology } from '../kubernetes/etcd-topology.ts'
import { evidence } from '../kubernetes/evidence.ts'
import { bindPort, etcdDataDirectory } from '../kubernetes/variables.ts'
import { EtcdLayout } from '../outputs.ts'
import { measureDisk, measurement } from './disk.ts'
import { listening } from '../kubernetes/listening.ts'

/** What a control plane listens on beside the API: the kubelet, controller manager and scheduler; and stacked etcd, for clients and peers. */
const ports = [10250, 10257, 10259]
const etcdPorts = [2379, 2380]

/**
 * Prepares a control plane for the etcd that kubeadm stacks on it, and says how it is laid out. The health gate that joins wait for is
 * `kubernetes/etcd-health.ts`.
 */
export const etcd = role('etcd', {
  vars: {
    bindPort,
    etcdDataDirectory,
    etcd: etcdTopology,
    etcdExtraArgs,
    etcdDiskLimit,
  },
  facts: { evidence, listening },
  outputs: { layout: EtcdLayout },
  tasks: ({ host, vars, facts }) => {
    const stacked = vars.etcd.topology === 'stacked'
    const fresh = facts.evidence.files.length === 0 && !(stacked && facts.evidence.etcdData)
    const taken = [...(stacked ? etcdPorts : []), ...ports, vars.bindPort].filter(port => facts.listening.includes(port))
    return [
      assert({
        name: 'the ports of a control plane are free',
        that: !fresh || taken.length === 0,
        message: `something that is no control plane listens on port ${taken.join(', ')} of ${host.name}`,
        remedy: `see \`ss -lptn\` on ${host.name}, and stop it or choose another bindPort`,
      }),
      ...(facts.evidence.etcdData || !stacked ? [] : [
        command({ name: 'measure the disk for etcd', run: measureDisk({ directory: vars.etcdDataDirectory, limit: vars.etcdDiskLimit }), creates: measurement }),
      ]),
    ]
  },
  produce: {
    layout: ({ vars }) => ({ dataDirectory: vars.etcdDataDirectory, extraArgs: vars.etcdExtraArgs }),
  },
})
