import { assert, byHost, command, file, flush, Members, role, Secret, service, sh, waitFor, z, type Item } from 'ts-play'
import { k3sEtcdIsHealthy, isVoter } from '../k3s/etcd.ts'
import { hashOf } from '../k3s/evidence.ts'
import { k3sReset } from '../k3s/judgement.ts'
import { k3sKubectl, k3sNodeIsReady } from '../k3s/kubectl.ts'
import { k3sPaths } from '../k3s/paths.ts'
import { serverFiles, serverSettings, serverVars } from '../k3s/server-files.ts'
import { agentTicket, makeTokens, nameTheCluster, serverTicket } from '../k3s/tokens.ts'
import { attemptMark, markAttempt } from '../kubernetes/attempt.ts'
import { elect } from '../kubernetes/elect.ts'
import { apiIsReady } from '../kubernetes/kubectl.ts'
import { nodeAddressOf } from '../kubernetes/node-address.ts'
import { nodeName } from '../kubernetes/node-name.ts'
import { ApiEndpoint, ClusterInfo, K3sAgentTicket, K3sServerTicket, Kubeconfig, Membership } from '../outputs.ts'
import { departedServers } from './departed.ts'

/**
 * Sees to it that there is a cluster with etcd in its servers, and serves the hosts that want to join it. Which server does so is elected in every run from what was
 * seen on all of them; the others are left out. A single server with SQLite is moved to etcd, which only one that is alone can be.
 */
export const k3sFirstServer = role('k3s-first-server', {
  vars: { ...serverVars, assumeFresh: z.array(z.string()).default([]).describe('Control planes that cannot be asked and hold no cluster, by your word') },
  facts: { nodeName },
  inputs: { endpoint: ApiEndpoint, survey: byHost(Membership), servers: Members },
  outputs: { cluster: ClusterInfo, server: K3sServerTicket, agent: K3sAgentTicket, kubeconfig: Kubeconfig },
  skip: ({ host, vars, inputs }) => (electionOf({ vars, inputs }).host === host.name ? undefined : 'not elected'),

  tasks: ({ host, vars, facts, inputs }) => {
    const election = electionOf({ vars, inputs })
    const seen = inputs.survey.get(host.name)
    const { endpoint: api, servers } = inputs
    const settings = serverSettings({ host, vars, nodeName: facts.nodeName, endpoint: api })
    const begins = election.verdict === 'init' || election.verdict === 'recover' || seen?.attempt === true
    const moves = !begins && seen?.etcdMember === 'none'
    const addresses = servers.map(nodeAddressOf)
    return [
      assert({
        name: 'it is certain who acts for the cluster',
        that: election.verdict !== 'refuse',
        message: election.verdict === 'refuse' ? election.reason : '',
        remedy: election.verdict === 'refuse' ? election.remedy : '',
      }),
      ...(begins ? [command({ name: 'mark the attempt', run: markAttempt, creates: attemptMark })] : []),
      makeTokens,
      ...serverFiles(settings, begins || moves ? { by: 'first start', begins: true } : { by: 'restart', servers: addresses }),
      service({ name: 'k3s', state: 'running', enabled: true }),
      ...(moves ? [moveToEtcd] : []),
      flush(),
      ...(begins || moves ? [
        waitFor({ name: 'its etcd is healthy', until: sh`${isVoter(settings.address)}
    ${k3sEtcdIsHealthy({ bindPort: vars.bindPort, servers: [settings.address] })}`, timeout: 300_000, every: 2000, attempt: 30_000 }),
        waitFor({ name: 'the node is Ready', until: k3sNodeIsReady(k3sKubectl, facts.nodeName), timeout: 300_000, every: 2000 }),
        nameTheCluster,
        ...serverFiles(settings, { by: 'first start', begins: false }),
      ] : []),
      ...(someoneJoins(host.name, inputs) ? joiningIsSafe({ bindPort: vars.bindPort, ...splitBySurvey(host.name, inputs) }) : []),
      // Three times in a row: a balancer that has just marked its first server up may still take it back.
      waitFor({ name: `the API is ready at ${api.name}`, until: apiIsReady(api.name, api.port), stable: begins ? 3 : 1, timeout: 180_000 }),
      file({ path: attemptMark, state: 'absent' }),
    ]
  },

  produce: {
    cluster: async ({ vars, facts, host, on }): Promise<ClusterInfo> => {
      // Of k3s itself, whose node says it with its release: the API's own version may be without.
      const version = (await on.query(sh`${k3sKubectl} get node ${facts.nodeName} -o 'jsonpath={.status.nodeInfo.kubeletVersion}'`)).trim()
      const ca = hashOf((await on.query(sh`cat ${k3sPaths.serverCa}`)).replaceAll('\n', ''))
      if (ca === undefined) throw new Error(`${k3sPaths.serverCa} holds no certificate`)
      return { name: 'k3s', version: version === '' ? vars.k3sVersion : version, ca, servedBy: host.name }
    },
    server: ({ on }) => serverTicket(on),
    agent: ({ on }) => agentTicket(on),
    kubeconfig: async ({ on }): Promise<Kubeconfig> => ({ content: new Secret(await on.query(sh`cat ${k3sPaths.kubeconfig}`)) }),
  },
})

/** k3s does it when it starts with `cluster-init` beside a SQLite database, which it keeps as `state.db.migrated`. */
const moveToEtcd: Item = command({
  name: 'move the data from SQLite to etcd',
  run: sh`systemctl restart k3s`,
  unless: sh`[ -d ${k3sPaths.etcdWal} ] && [ ! -e ${k3sPaths.sqlite} ]`,
  timeout: 15 * 60_000,
})

/** Before the first of them joins; after each, the one that joined looks itself. */
function joiningIsSafe({ bindPort, expected, emptied }: { bindPort: number; expected: readonly string[]; emptied: readonly string[] }): Item[] {
  return [
    departedServers({ expected, emptied, bindPort }),
    waitFor({ name: 'etcd can take a server', until: k3sEtcdIsHealthy({ bindPort, servers: expected }), timeout: 120_000, every: 2000, attempt: 30_000 }),
  ]
}

interface Inputs {
  readonly survey: ReadonlyMap<string, Membership>
  readonly servers: readonly { readonly name: string; readonly address: string; readonly vars: Readonly<Record<string, unknown>> }[]
}

/** Addresses of servers that hold a member of etcd or may do so, `self` by now among them, and of those where nothing was found. */
function splitBySurvey(self: string, { survey, servers }: Inputs): { expected: readonly string[]; emptied: readonly string[] } {
  const isEmpty = ({ name }: { name: string }): boolean => name !== self && survey.get(name)?.state === 'fresh'
  return { expected: servers.filter(server => !isEmpty(server)).map(nodeAddressOf), emptied: servers.filter(isEmpty).map(nodeAddressOf) }
}

function someoneJoins(host: string, { survey }: Inputs): boolean {
  return [...survey].some(([name, { state }]) => name !== host && (state === 'fresh' || state === 'partial'))
}

function electionOf({ vars, inputs }: { vars: { assumeFresh: readonly string[] }; inputs: Inputs }) {
  return elect({ order: inputs.servers.map(({ name }) => name), survey: inputs.survey, assumeFresh: vars.assumeFresh, reset: k3sReset, rescue: '`k3s server --cluster-reset`' })
}
