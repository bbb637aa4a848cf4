import { controller, groups, play, playbook, union } from 'ts-play'
import { health } from '../roles/health/role.ts'
import { verify } from '../roles/verify/role.ts'

/** Is the cluster well? Changes nothing. Exits 0 when everything is, and 1 when a component is ill or a host cannot be asked: fit for a monitoring system. */
const { etcd, lb, masters, workers } = groups('etcd?', 'lb?', 'masters', 'workers')

const look = play(health, { hosts: union(lb, etcd, masters, workers), become: true })
const judged = play(verify, {
  hosts: controller,
  with: { reports: look.outputs.health.reachable, balancers: lb.members, etcdHosts: etcd.members, controlPlanes: masters.members, workers: workers.members },
})

export default playbook('verify', [look, judged])
