import { controller, groups, play, playbook, union } from 'ts-play'
import { inspection } from '../roles/inspection/role.ts'
import { manifests } from '../roles/manifests/role.ts'
import { preflight } from '../roles/preflight/role.ts'
import { reach } from '../roles/reach/role.ts'

/** Would these machines make a cluster? Looks at all of them, judges them together, and changes nothing. */
const { etcd, lb, masters, workers } = groups('etcd?', 'lb?', 'masters', 'workers?')

const provided = play(manifests, { hosts: controller })
const machines = play(inspection, { hosts: union(lb, etcd, masters, workers), become: true })
const around = play(reach, { hosts: union(lb, etcd, masters, workers), with: { balancers: lb.members, etcdHosts: etcd.members, controlPlanes: masters.members, workers: workers.members }, become: true })
const checks = play(preflight, {
  hosts: controller,
  with: { inspections: machines.outputs.inspection.reachable, identities: machines.outputs.identity.reachable, surroundings: around.outputs.surroundings.reachable, balancers: lb.members, etcdHosts: etcd.members, controlPlanes: masters.members, workers: workers.members },
})

export default playbook('preflight', [provided, machines, around, checks])
