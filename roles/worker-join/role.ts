import { file, optional, role, waitFor } from 'ts-play'
import { attemptMark } from '../kubernetes/attempt.ts'
import { classify } from '../kubernetes/classify.ts'
import { cleanUp } from '../kubernetes/clean-up.ts'
import { evidence } from '../kubernetes/evidence.ts'
import { joinConfig } from '../kubernetes/join-config.ts'
import { kubeadmJoin } from '../kubernetes/join.ts'
import { mayBeJoined, versionsFit } from '../kubernetes/judgement.ts'
import { apiIsReady, nodeIsReady, ownNode } from '../kubernetes/kubectl.ts'
import { hasKubelet, kubelet } from '../kubernetes/kubelet.ts'
import { network } from '../kubernetes/network.ts'
import { nodeName } from '../kubernetes/node-name.ts'
import { ignoredChecks } from '../kubernetes/preflight.ts'
import { allowCgroupV1, ignorePreflightErrors, kubernetesVersion, nodeAddress } from '../kubernetes/variables.ts'
import { ApiEndpoint, ClusterInfo, ClusterNode, WorkerTicket } from '../outputs.ts'

/** Joins a worker to the cluster; any number at a time. A token is asked for only where somebody has to join. */
export const workerJoin = role('worker-join', {
  vars: { kubernetesVersion, network, nodeAddress, allowCgroupV1, ignorePreflightErrors },
  facts: { kubelet, nodeName, evidence },
  inputs: { endpoint: ApiEndpoint, cluster: ClusterInfo, ticket: optional(WorkerTicket) },
  outputs: { node: ClusterNode },
  neededWhen: { ticket: ({ facts, inputs }) => ['fresh', 'partial'].includes(classify(facts.evidence, { part: 'worker', endpointCa: inputs.cluster.ca }).state) },

  tasks: ({ host, vars, facts, inputs }) => {
    const { endpoint, cluster, ticket } = inputs
    const seen = classify(facts.evidence, { part: 'worker', endpointCa: cluster.ca })
    const address = vars.nodeAddress ?? host.address
    return [
      ...mayBeJoined(host.name, seen, cluster),
      hasKubelet(host.name, facts.kubelet),
      ...(seen.state === 'partial' ? [cleanUp({ host: host.name, nodeName: facts.nodeName, address, seen })] : []),
      ...(ticket !== undefined ? [
        versionsFit(host.name, facts.kubelet, cluster, 'worker'),
        waitFor({ name: `the API is ready at ${endpoint.name}`, until: apiIsReady(endpoint.name, endpoint.port), timeout: 120_000 }),
        kubeadmJoin({
          nodeName: facts.nodeName,
          config: joinConfig({ node: { name: facts.nodeName, address, ignorePreflightErrors: ignoredChecks(vars) }, endpoint, ticket }),
        }),
      ] : []),
      ...(vars.network.plugin !== 'bridge' && (ticket !== undefined || seen.attempt) ? [waitFor({ name: 'the node is Ready', until: nodeIsReady(facts.nodeName), timeout: 180_000, every: 2000 })] : []),
      // kubeadm takes it away itself, unless it died before: it holds a token, if one that has been revoked.
      ...(seen.attempt && ticket === undefined ? [file({ path: '/etc/kubernetes/bootstrap-kubelet.conf', state: 'absent' })] : []),
      file({ path: attemptMark, state: 'absent' }),
    ]
  },
  produce: {
    node: ({ host, vars, facts, on }) => ownNode(on, facts.nodeName, vars.nodeAddress ?? host.address),
  },
})
