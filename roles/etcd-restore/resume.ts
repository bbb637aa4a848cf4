import { byHost, command, optional, role, sh, waitFor, type Command, type Item } from 'ts-play'
import { etcdIsHealthy } from '../kubernetes/etcd-health.ts'
import { endpoint } from '../kubernetes/endpoint.ts'
import { apiIsReady, localKubectl } from '../kubernetes/kubectl.ts'
import { bindPort } from '../kubernetes/variables.ts'
import { EtcdPeer } from '../outputs.ts'
import { progress } from './facts.ts'
import { restoreVars } from './variables.ts'
import { pods, workplace } from './workplace.ts'

/** Starts stacked etcd, and when a majority agrees, what talks to it; external etcd runs already. */
export const resume = role('etcd-restore-resume', {
  tags: ['etcd-restore'],
  vars: { ...restoreVars, bindPort, endpoint },
  facts: { progress },
  inputs: { peers: optional(byHost(EtcdPeer)) },
  neededWhen: { peers: ({ vars }) => vars.etcd.topology === 'stacked' },
  skip: ({ facts }) => (facts.progress.staged === facts.progress.done ? 'restored from this backup already' : undefined),
  tasks: ({ host, vars, inputs }) => [
    ...(inputs.peers === undefined ? [] : [
      back(['etcd']),
      waitFor({ name: 'every member of etcd is healthy', until: etcdIsHealthy([...inputs.peers.values()].map(({ url }) => url.replace(/:2380$/, ':2379'))), timeout: 300_000, every: 2000 }),
    ]),
    back(pods.filter(pod => pod !== 'etcd')),
    waitFor({ name: 'the API server of this host is ready', until: apiIsReady(vars.nodeAddress ?? host.address, vars.bindPort), timeout: 300_000, every: 2000 }),
    waitFor({ name: 'the API answers at its endpoint', until: apiIsReady(vars.endpoint.name, vars.endpoint.port), timeout: 300_000, every: 2000 }),
    ...(vars.restoreFrom === undefined && inputs.peers !== undefined ? [forgetOthers([...inputs.peers.values()].map(({ name }) => name), localKubectl(vars.nodeAddress ?? host.address, vars.bindPort))] : []),
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

/** Nodes of control planes that are lost: a machine that comes back under such a name could not join while the cluster believes that it is there. */
function forgetOthers(left: readonly string[], kubectl: Command): Item {
  const others = sh`${kubectl} get nodes -l node-role.kubernetes.io/control-plane -o ${'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'} | { grep -vxF ${left.join('\n')} || :; }`
  return command({
    name: 'forget control planes that are lost',
    run: sh`for node in $(${others}); do ${kubectl} delete node "$node"; done`,
    unless: sh`lost=$(${others}); [ -z "$lost" ]`,
    destroys: { what: 'the Nodes of other control planes', because: 'the cluster goes on from this one alone, and the others have no part of it any more' },
  })
}
