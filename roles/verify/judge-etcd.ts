import type { EtcdHealth } from '../kubernetes/health.ts'
import { failed, ok, type Finding } from './finding.ts'
import type { Reports, Wanted } from './judge.ts'
import { controlPlanesOf } from './judge-control-planes.ts'

/** etcd as each host that has a member sees it: they have to see the same. */
export function etcd(reports: Reports, { controlPlanes, etcdHosts }: Wanted): readonly Finding[] {
  const external = etcdHosts.length > 0
  const wanted = external ? etcdHosts.length : controlPlanes.length
  const stacked = external ? [] : controlPlanesOf(reports).map(([host, { etcd: view }]) => ({ host, view }))
  const own = external ? etcdHosts.map(host => ({ host, view: reports.get(host)?.externalEtcd?.etcd })) : []
  const views = [...stacked, ...own].flatMap(({ host, view }) => (view === undefined ? [] : [{ host, view }]))
  const [first] = views
  if (first === undefined && external) return [failed('etcd', 'no member answers', `see journalctl -u etcd on ${etcdHosts.join(', ')}; without a majority it has to be restored`)]
  if (first === undefined) return controlPlanesOf(reports).length === 0 ? [] : [failed('etcd', 'no member answers', 'see crictl logs of etcd on the control planes; without a majority it has to be restored')]
  const problems = [...new Set(views.flatMap(({ host, view }) => problemsOf(view, wanted, external ? 'hosts of etcd' : 'control planes').map(problem => (views.length === 1 ? problem : `${problem} (seen by ${host})`))))]
  if (problems.length > 0) return [failed('etcd', problems.join('; '), `etcdctl endpoint status --cluster -w table, on ${external ? 'one of them' : 'a control plane'}`)]
  const largest = Math.max(...first.view.members.map(({ size }) => size ?? 0))
  const leader = first.view.members.find(({ id }) => id === first.view.members[0]?.leader)
  return [ok('etcd', `${first.view.members.length} of ${wanted} members healthy, led by ${leader?.name ?? 'nobody'}, ${Math.ceil(largest / 1024 / 1024)} MiB`)]
}

function problemsOf({ members, alarms }: EtcdHealth, wanted: number, hosts: string): readonly string[] {
  const sick = members.filter(({ healthy }) => !healthy).map(({ name, id }) => name || id)
  const learners = members.filter(({ learner }) => learner).map(({ name, id }) => name || id)
  const leaders = new Set(members.flatMap(({ leader }) => (leader === undefined ? [] : [leader])))
  return [
    ...(members.length === wanted ? [] : [`${members.length} members, and the inventory has ${wanted} ${hosts}`]),
    ...(sick.length === 0 ? [] : [`not healthy: ${sick.join(', ')}`]),
    ...(learners.length === 0 ? [] : [`still learning: ${learners.join(', ')}`]),
    ...(leaders.size === 1 && !leaders.has('0') ? [] : ['its members do not agree on a leader']),
    ...alarms.map(alarm => `alarm ${alarm}`),
  ]
}
