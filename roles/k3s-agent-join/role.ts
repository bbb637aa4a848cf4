import { command, file, flush, optional, role, service, waitFor } from 'ts-play'
import { classifyK3s } from '../k3s/classify.ts'
import { agentConfig } from '../k3s/config.ts'
import { k3sEvidence } from '../k3s/evidence.ts'
import { k3sMayJoin } from '../k3s/judgement.ts'
import { agentKubectl, k3sNodeIsReady } from '../k3s/kubectl.ts'
import { k3sPaths } from '../k3s/paths.ts'
import { restartAgent } from '../k3s/restart.ts'
import { k3sAgent, k3sVersion } from '../k3s/variables.ts'
import { attemptMark, markAttempt } from '../kubernetes/attempt.ts'
import { apiIsReady } from '../kubernetes/kubectl.ts'
import { nodeName } from '../kubernetes/node-name.ts'
import { allowCgroupV1, nodeAddress } from '../kubernetes/variables.ts'
import { ApiEndpoint, ClusterInfo, K3sAgentTicket } from '../outputs.ts'

/** Joins an agent to the cluster; any number at a time. Its token is asked for only where somebody has to join. */
export const k3sAgentJoin = role('k3s-agent-join', {
  vars: { k3sVersion, nodeAddress, allowCgroupV1, k3sAgent },
  facts: { nodeName, k3s: k3sEvidence },
  inputs: { endpoint: ApiEndpoint, cluster: ClusterInfo, ticket: optional(K3sAgentTicket) },
  neededWhen: { ticket: ({ facts, inputs }) => ['fresh', 'partial'].includes(classifyK3s(facts.k3s, { part: 'agent', endpointCa: inputs.cluster.ca }).state) },

  tasks: ({ host, vars, facts, inputs }) => {
    const { endpoint: api, cluster, ticket } = inputs
    const seen = classifyK3s(facts.k3s, { part: 'agent', endpointCa: cluster.ca })
    const config = agentConfig({ k3sVersion: vars.k3sVersion, nodeName: facts.nodeName, address: vars.nodeAddress ?? host.address, endpoint: api, allowCgroupV1: vars.allowCgroupV1, agent: vars.k3sAgent })
    const joins = ticket !== undefined
    return [
      ...k3sMayJoin(host.name, seen, { cluster, k3sVersion: vars.k3sVersion }),
      ...(joins ? [
        command({ name: 'mark the attempt', run: markAttempt, creates: attemptMark }),
        waitFor({ name: `the API is ready at ${api.name}`, until: apiIsReady(api.name, api.port), timeout: 120_000 }),
        file({ path: k3sPaths.agentToken, content: ticket.token, mode: 0o600 }),
      ] : []),
      file({ path: k3sPaths.config, content: config, mode: 0o600 }, joins ? {} : { notify: [restartAgent] }),
      service({ name: 'k3s-agent', state: 'running', enabled: true }),
      flush(),
      ...(joins || seen.attempt ? [waitFor({ name: 'the node is Ready', until: k3sNodeIsReady(agentKubectl, facts.nodeName), timeout: 300_000, every: 2000 })] : []),
      file({ path: attemptMark, state: 'absent' }),
    ]
  },
})
