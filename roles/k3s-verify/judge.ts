import type { K3sHealth } from '../k3s/health.ts'
import { failed, ok, warning, type Finding } from '../verify/finding.ts'

export interface Wanted {
  readonly balancers: readonly string[]
  readonly servers: readonly string[]
  readonly agents: readonly string[]
  /** NAME:PORT. */
  readonly endpoint: string
  /** The address that exactly one host has to hold, if there is one. */
  readonly vip: string | undefined
  readonly k3sVersion: string
  /** Seconds after which a snapshot of etcd is old. */
  readonly snapshotsOlderThan: number
}
export type Reports = ReadonlyMap<string, K3sHealth>

/** What all hosts said, against what the inventory wants: one finding per component. Pure. */
export function judgeK3s(reports: Reports, wanted: Wanted): readonly Finding[] {
  const all = [...new Set([...wanted.balancers, ...wanted.servers, ...wanted.agents])]
  const silent = all.filter(host => !reports.has(host))
  const nodes = [...reports].filter(([host]) => wanted.servers.includes(host) || wanted.agents.includes(host))
  return [
    silent.length === 0 ? ok('hosts', `${all.length} of ${all.length} answer`) : failed('hosts', `no answer from ${silent.join(', ')}`, 'see the failures of the play k3s-health'),
    every(`endpoint ${wanted.endpoint}`, nodes, ({ endpoint }) => (endpoint === 'ok' ? undefined : endpoint || 'no answer'), `curl -k https://${wanted.endpoint}/readyz there`),
    ...floating(reports, wanted),
    every('k3s', nodes, ({ unit, version }) => (unit !== 'active' ? unit || 'no unit' : version === wanted.k3sVersion ? undefined : `version ${version}`), 'see journalctl -u k3s -u k3s-agent there'),
    every('nodes', nodes, ({ node }) => (node ? undefined : 'not Ready'), 'see k3s kubectl describe node on a server'),
    ...strangers(reports, nodes.length),
    ...etcd(reports, wanted),
  ]
}

/** One thing that has to hold on every host. */
function every(component: string, hosts: readonly (readonly [string, K3sHealth])[], problem: (health: K3sHealth) => string | undefined, remedy: string): Finding {
  const ill = hosts.flatMap(([host, health]) => {
    const found = problem(health)
    return found === undefined ? [] : [`${host}: ${found}`]
  })
  return ill.length === 0 && hosts.length > 0 ? ok(component, `well on ${hosts.length} of ${hosts.length} hosts`) : failed(component, ill.join('; ') || 'nobody could be asked', remedy)
}

function floating(reports: Reports, { vip }: Wanted): readonly Finding[] {
  if (vip === undefined) return []
  const holders = [...reports].filter(([, { holdsVip }]) => holdsVip).map(([host]) => host)
  return [
    holders.length === 1
      ? ok(`address ${vip}`, `held by ${holders[0]}`)
      : failed(`address ${vip}`, holders.length === 0 ? 'held by nobody' : `held by ${holders.join(' and ')} at once`, 'see what holds it there: journalctl -u keepalived, or the logs of kube-vip'),
  ]
}

/** Nodes of the cluster that the inventory does not have: machines that died and were forgotten. */
function strangers(reports: Reports, known: number): readonly Finding[] {
  const listed = [...reports.values()].find(({ nodes }) => nodes.length > 0)?.nodes ?? []
  const gone = listed.filter(({ ready }) => !ready).map(({ name }) => name)
  return listed.length <= known || gone.length === 0 ? [] : [warning('other nodes', `not Ready and more than the inventory has: ${gone.join(', ')}`, 'k3s kubectl delete node, if they will not come back')]
}

function etcd(reports: Reports, { servers, snapshotsOlderThan }: Wanted): readonly Finding[] {
  const views = [...reports].filter(([host]) => servers.includes(host))
  const [first] = views
  if (first === undefined) return [failed('servers', 'none could be asked', 'see the failures of the play k3s-health')]
  const { members, alarms } = first[1]
  const learners = members.filter(({ voter }) => !voter).map(({ name }) => name)
  const problems = [
    ...(members.length === servers.length ? [] : [`${members.length} members, and the inventory has ${servers.length} servers`]),
    ...(learners.length === 0 ? [] : [`still learning: ${learners.join(', ')}`]),
    ...alarms.map(alarm => `alarm ${alarm}`),
  ]
  const old = views.filter(([, { snapshot }]) => snapshot === undefined || snapshot > snapshotsOlderThan).map(([host]) => host)
  return [
    every('kube-apiserver', views, ({ apiServer }) => (apiServer === 'ok' ? undefined : apiServer ?? 'not configured'), 'see journalctl -u k3s there'),
    every('etcd', views, ({ etcd: said }) => (said === 'ok' ? undefined : said || 'does not answer'), 'see journalctl -u k3s there; without a majority it has to be restored'),
    problems.length === 0 ? ok('etcd members', `${members.length}, all of them vote`) : failed('etcd members', problems.join('; '), 'run k3s-ha.ts again: it takes out who is gone and lets join who is not in'),
    old.length === 0 ? ok('etcd snapshots', 'recent on every server') : warning('etcd snapshots', `none, or none recent, on ${old.join(', ')}`, 'k3s etcd-snapshot save, and see journalctl -u k3s for those that failed'),
  ]
}
