import { byHost, command, role, sh, waitFor, type Item } from 'ts-play'
import { etcdIsHealthy } from '../kubernetes/etcd-health.ts'
import { apiIsReady } from '../kubernetes/kubectl.ts'
import { bindPort } from '../kubernetes/variables.ts'
import { EtcdPeer } from '../outputs.ts'
import { progress } from './facts.ts'
import { restoreVars } from './variables.ts'
import { pods, workplace } from './workplace.ts'

/** Starts etcd, and when a majority agrees, what talks to it. */
export const resume = role('etcd-restore-resume', {
  tags: ['etcd-restore'],
  vars: { ...restoreVars, bindPort },
  facts: { progress },
  inputs: { peers: byHost(EtcdPeer) },
  skip: ({ facts }) => (facts.progress.staged === facts.progress.done ? 'restored from this backup already' : undefined),
  tasks: ({ host, vars, inputs }) => [
    back(['etcd']),
    waitFor({ name: 'every member of etcd is healthy', until: etcdIsHealthy([...inputs.peers.values()].map(({ url }) => url.replace(/:2380$/, ':2379'))), timeout: 300_000, every: 2000 }),
    back(pods.filter(pod => pod !== 'etcd')),
    waitFor({ name: 'the API server of this host is ready', until: apiIsReady(vars.nodeAddress ?? host.address, vars.bindPort), timeout: 300_000, every: 2000 }),
    command({
      name: 'let the kubelet look at the world anew',
      run: sh`systemctl restart kubelet && cp ${workplace.staged} ${workplace.done} && rm -rf ${workplace.backup} ${workplace.manifests}`,
      unless: sh`cmp -s ${workplace.staged} ${workplace.done}`,
    }),
  ],
})

function back(names: readonly string[]): Item {
  return command({
    name: `start ${names.join(', ')}`,
    run: sh`for pod in ${names}; do if [ -e ${workplace.manifests}/"$pod".yaml ]; then mv ${workplace.manifests}/"$pod".yaml /etc/kubernetes/manifests/; fi; done`,
    creates: names.map(name => `/etc/kubernetes/manifests/${name}.yaml`),
  })
}
