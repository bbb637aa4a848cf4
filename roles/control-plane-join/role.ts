import { assert, byHost, directory, file, Members, optional, role, waitFor } from 'ts-play'
import { attemptMark } from '../kubernetes/attempt.ts'
import { cleanUp } from '../kubernetes/clean-up.ts'
import { etcdIsHealthy } from '../kubernetes/etcd-health.ts'
import { etcdTopology } from '../kubernetes/etcd-topology.ts'
import { joinConfig } from '../kubernetes/join-config.ts'
import { kubeadmJoin } from '../kubernetes/join.ts'
import { mayBeJoined, versionsFit } from '../kubernetes/judgement.ts'
import { apiIsReady, localKubectl, nodeIsReady, ownNode } from '../kubernetes/kubectl.ts'
import { hasKubelet, kubelet } from '../kubernetes/kubelet.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import { network } from '../kubernetes/network.ts'
import { nodeName } from '../kubernetes/node-name.ts'
import { ignoredChecks } from '../kubernetes/preflight.ts'
import { allowCgroupV1, bindPort, ignorePreflightErrors, kubernetesVersion, nodeAddress } from '../kubernetes/variables.ts'
import { ApiEndpoint, ClusterInfo, ClusterNode, ControlPlaneTicket, EtcdLayout, Membership } from '../outputs.ts'
import { markControlPlane } from './mark-control-plane.ts'
import { pkiFiles } from './pki.ts'

/**
 * Joins a control plane to the cluster. Played with `serial: 1`: etcd takes one new member at a time. Before the first join, making the ticket looks at
 * etcd; after each, this does, on the host that joined: so nobody joins an etcd that has not digested the one before.
 */
export const controlPlaneJoin = role('control-plane-join', {
  vars: { kubernetesVersion, bindPort, network, nodeAddress, allowCgroupV1, ignorePreflightErrors, etcd: etcdTopology },
  facts: { kubelet, nodeName },
  inputs: { endpoint: ApiEndpoint, cluster: ClusterInfo, survey: byHost(Membership), etcd: EtcdLayout, controlPlanes: Members, ticket: optional(ControlPlaneTicket) },
  outputs: { node: ClusterNode },
  neededWhen: { ticket: ({ host, inputs }) => ['fresh', 'partial'].includes(inputs.survey.get(host.name)?.state ?? '') },
  skip: ({ host, inputs }) => (inputs.cluster.servedBy === host.name ? 'serves the others' : undefined),

  tasks: ({ host, vars, facts, inputs }) => {
    const { endpoint, cluster, etcd, ticket } = inputs
    const seen = inputs.survey.get(host.name)
    const address = vars.nodeAddress ?? host.address
    const addresses = inputs.controlPlanes.map(nodeAddressOf)
    const joins = ticket !== undefined
    const stacked = vars.etcd.topology === 'stacked'
    const sick = addresses.find(each => ticket?.sickMembers.includes(`https://${each}:2379`))
    return [
      ...mayBeJoined(host.name, seen, cluster),
      hasKubelet(host.name, facts.kubelet),
      ...(joins ? [versionsFit(host.name, facts.kubelet, cluster, 'control-plane')] : []),
      assert({
        name: 'every control plane of the inventory has a healthy etcd',
        that: sick === undefined,
        message: `etcd at ${sick} does not answer: while a member is ill, another one makes the cluster weaker, not stronger`,
        remedy: 'bring the machine back, or take it out of the inventory if it will not come',
      }),
      ...(seen?.state === 'partial' ? [
        cleanUp({ host: host.name, nodeName: facts.nodeName, address, seen, ...(stacked ? { etcdDataDirectory: etcd.dataDirectory, others: addresses.filter(other => other !== address) } : {}) }),
      ] : []),
      ...(joins ? [
        waitFor({ name: `the API is ready at ${endpoint.name}`, until: apiIsReady(endpoint.name, endpoint.port), stable: 2, timeout: 120_000 }),
        directory({ path: stacked ? '/etc/kubernetes/pki/etcd' : '/etc/kubernetes/pki', mode: 0o755 }),
        ...pkiFiles(ticket.pki),
        kubeadmJoin({
          nodeName: facts.nodeName,
          config: joinConfig({
            node: { name: facts.nodeName, address, ignorePreflightErrors: ignoredChecks(vars) },
            endpoint,
            ticket,
            controlPlane: { bindPort: vars.bindPort, certificateKey: ticket.pki.by === 'upload' ? ticket.pki.certificateKey : undefined },
          }),
        }),
      ] : []),
      ...(joins || seen?.attempt === true ? [
        waitFor({ name: 'its API server is ready', until: apiIsReady('127.0.0.1', vars.bindPort), timeout: 180_000 }),
        ...(stacked ? [waitFor({ name: 'etcd is healthy', until: etcdIsHealthy(addresses.map(each => `https://${each}:2379`)), timeout: 180_000, every: 2000, attempt: 30_000 })] : []),
        ...(joins ? [] : [markControlPlane({ kubectl: localKubectl(address, vars.bindPort), nodeName: facts.nodeName })]),
        ...(vars.network.plugin !== 'bridge' ? [waitFor({ name: 'the node is Ready', until: nodeIsReady(facts.nodeName), timeout: 180_000, every: 2000 })] : []),
      ] : []),
      file({ path: attemptMark, state: 'absent' }),
    ]
  },
  produce: {
    node: ({ host, vars, facts, on }) => ownNode(on, facts.nodeName, vars.nodeAddress ?? host.address),
  },
})
