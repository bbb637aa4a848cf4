import { controller, groups, play, playbook, union } from 'ts-play'
import { k3sInspection } from '../roles/k3s-inspection/role.ts'
import { k3sPreflight } from '../roles/k3s-preflight/role.ts'
import { reach } from '../roles/reach/role.ts'

/** Would these machines make a cluster of k3s? Looks at all of them, judges them together, and changes nothing. */
const { etcd, lb, servers, agents } = groups('etcd?', 'lb?', 'servers', 'agents?')
const all = union(lb, servers, agents)

const machines = play(k3sInspection, { hosts: all, become: true })
const around = play(reach, { hosts: all, with: { balancers: lb.members, etcdHosts: etcd.members, controlPlanes: servers.members, workers: agents.members }, become: true })
const checks = play(k3sPreflight, {
  hosts: controller,
  with: { inspections: machines.outputs.inspection.reachable, identities: machines.outputs.identity.reachable, surroundings: around.outputs.surroundings.reachable, balancers: lb.members, servers: servers.members, agents: agents.members },
})

export default playbook('k3s-preflight', [machines, around, checks])
