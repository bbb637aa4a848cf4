import type { Health } from '../kubernetes/health.ts'
import { failed, ok, warning, type Finding } from './finding.ts'
import { backups, type WantedBackups } from './judge-backups.ts'
import { certificates, components, leftovers } from './judge-control-planes.ts'
import { etcd } from './judge-etcd.ts'
import { nodes, workloads } from './judge-nodes.ts'

export interface Wanted {
  readonly balancers: readonly string[]
  readonly controlPlanes: readonly string[]
  /** Hosts of external etcd; none where it is stacked. */
  readonly etcdHosts: readonly string[]
  readonly workers: readonly string[]
  readonly endpoint: string
  /** The address that exactly one host has to hold, if there is one. */
  readonly vip: string | undefined
  readonly kubernetesVersion: string
  readonly backups: WantedBackups
}

export type Reports = ReadonlyMap<string, Health>

/** What all hosts said, against what the inventory wants: one finding per component, in the order in which requests go through them. Pure. */
export function judge(reports: Reports, wanted: Wanted): readonly Finding[] {
  const all = [...wanted.balancers, ...wanted.etcdHosts, ...wanted.controlPlanes, ...wanted.workers]
  const silent = [...new Set(all)].filter(host => !reports.has(host))
  return [
    silent.length === 0 ? ok('hosts', `${new Set(all).size} of ${new Set(all).size} answer`) : failed('hosts', `no answer from ${silent.join(', ')}`, 'see the failures of the play health'),
    ...endpoint(reports, wanted),
    ...units(reports),
    ...components(reports, wanted),
    ...etcd(reports, wanted),
    ...nodes(reports, wanted),
    ...workloads(reports),
    ...certificates(reports),
    ...backups(reports, wanted.backups),
    ...leftovers(reports),
  ]
}

/** The endpoint as every host sees it, and the floating address behind it. */
function endpoint(reports: Reports, { endpoint: name, vip }: Wanted): readonly Finding[] {
  // A balancer has no need to know the name.
  const clients = [...reports].filter(([, health]) => health.node !== undefined)
  const deaf = clients.filter(([, health]) => health.endpoint !== 'ok')
  const holders = [...reports].filter(([, health]) => health.holdsVip).map(([host]) => host)
  const first = deaf[0]
  return [
    first === undefined
      ? ok(`endpoint ${name}`, `ready, seen from ${clients.length} hosts`)
      : failed(`endpoint ${name}`, `not ready from ${deaf.map(([host]) => host).join(', ')}: ${first[1].endpoint}`, `on ${first[0]}: curl -k https://${name}/readyz`),
    ...(vip === undefined ? [] : [
      holders.length === 1
        ? ok(`address ${vip}`, `held by ${holders[0]}`)
        : failed(`address ${vip}`, holders.length === 0 ? 'held by nobody' : `held by ${holders.join(' and ')} at once`, 'see what holds it there: journalctl -u keepalived, or the logs of kube-vip'),
    ]),
  ]
}

/** Units that are enabled and do not run, whatever host they are on; swap, which kubelet and the scheduler do not expect. */
function units(reports: Reports): readonly Finding[] {
  const names = [...new Set([...reports.values()].flatMap(({ units: all }) => [...all.keys()]))].toSorted()
  const swapping = [...reports].filter(([, health]) => health.swap && health.node !== undefined).map(([host]) => host)
  return [
    ...names.map(unit => {
      const where = [...reports].filter(([, health]) => health.units.has(unit))
      const down = where.filter(([, health]) => health.units.get(unit) !== 'active')
      return down.length === 0
        ? ok(unit, `active on ${where.length} of ${where.length} hosts`)
        : failed(unit, `${down.map(([host, health]) => `${health.units.get(unit)} on ${host}`).join(', ')}`, `see journalctl -u ${unit} there`)
    }),
    ...(swapping.length === 0 ? [] : [warning('swap', `on at ${swapping.join(', ')}`, 'run the playbook again: --tags prereqs')]),
  ]
}
