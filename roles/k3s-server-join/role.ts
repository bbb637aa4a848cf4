import { byHost, command, file, flush, Members, optional, role, service, sh, waitFor, type Item } from 'ts-play'
import { k3sEtcdIsHealthy, isVoter } from '../k3s/etcd.ts'
import { k3sMayJoin } from '../k3s/judgement.ts'
import { k3sKubectl, k3sNodeIsReady } from '../k3s/kubectl.ts'
import { k3sPaths } from '../k3s/paths.ts'
import { serverFiles, serverSettings, serverVars } from '../k3s/server-files.ts'
import { makeTokens } from '../k3s/tokens.ts'
import { attemptMark, markAttempt } from '../kubernetes/attempt.ts'
import { apiIsReady } from '../kubernetes/kubectl.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import { nodeName } from '../kubernetes/node-name.ts'
import { ApiEndpoint, ClusterInfo, K3sServerTicket, Membership } from '../outputs.ts'

/**
 * Joins a server to the cluster, and restarts one whose settings changed. Played with `serial: 1`: etcd takes one new member at a time, as a learner that k3s
 * promotes when it has caught up, and nobody follows before every member votes and is well.
 */
export const k3sServerJoin = role('k3s-server-join', {
  vars: serverVars,
  facts: { nodeName },
  inputs: { endpoint: ApiEndpoint, cluster: ClusterInfo, survey: byHost(Membership), servers: Members, ticket: optional(K3sServerTicket) },
  neededWhen: { ticket: ({ host, inputs }) => ['fresh', 'partial'].includes(inputs.survey.get(host.name)?.state ?? '') },
  skip: ({ host, inputs }) => (inputs.cluster.servedBy === host.name ? 'serves the others' : undefined),

  tasks: ({ host, vars, facts, inputs }) => {
    const { endpoint: api, cluster, ticket, survey } = inputs
    const seen = survey.get(host.name)
    const servers = inputs.servers.map(nodeAddressOf)
    const settings = serverSettings({ host, vars, nodeName: facts.nodeName, endpoint: api })
    return [
      ...k3sMayJoin(host.name, seen, { cluster, k3sVersion: vars.k3sVersion }),
      ...(ticket === undefined ? [makeTokens, ...serverFiles(settings, { by: 'restart', servers })] : [
        command({ name: 'mark the attempt', run: markAttempt, creates: attemptMark }),
        waitFor({ name: `the API is ready at ${api.name}`, until: apiIsReady(api.name, api.port), stable: 2, timeout: 120_000 }),
        ...tokensOf(ticket),
        ...serverFiles(settings, { by: 'first start', begins: false }),
      ]),
      service({ name: 'k3s', state: 'running', enabled: true }),
      flush(),
      ...(ticket !== undefined || seen?.attempt === true ? [
        waitFor({ name: 'its etcd votes', until: isVoter(settings.address), timeout: 300_000, every: 2000 }),
        waitFor({ name: 'etcd is healthy', until: k3sEtcdIsHealthy({ bindPort: vars.bindPort, servers }), timeout: 180_000, every: 2000, attempt: 30_000 }),
        waitFor({ name: 'its API server is ready', until: sh`[ "$(${k3sKubectl} get --raw /readyz)" = ok ]`, timeout: 180_000 }),
        waitFor({ name: 'the node is Ready', until: k3sNodeIsReady(k3sKubectl, facts.nodeName), timeout: 300_000, every: 2000 }),
      ] : []),
      file({ path: attemptMark, state: 'absent' }),
    ]
  },
})

function tokensOf({ token, agentToken }: K3sServerTicket): Item[] {
  return [file({ path: k3sPaths.serverToken, content: token, mode: 0o600 }), file({ path: k3sPaths.agentToken, content: agentToken, mode: 0o600 })]
}
