import { controller, groups, play, playbook, union } from 'ts-play'
import { inspection } from '../roles/inspection/role.ts'
import { manifests } from '../roles/manifests/role.ts'
import { preflight } from '../roles/preflight/role.ts'

/** Would these machines make a cluster? Looks at all of them, judges them together, and changes nothing. */
const { lb, masters, workers } = groups('lb?', 'masters', 'workers?')

const provided = play(manifests, { hosts: controller })
const machines = play(inspection, { hosts: union(lb, masters, workers), become: true })
const checks = play(preflight, {
  hosts: controller,
  with: { inspections: machines.outputs.inspection.reachable, identities: machines.outputs.identity.reachable, balancers: lb.members, controlPlanes: masters.members, workers: workers.members },
})

export default playbook('preflight', [provided, machines, checks])
