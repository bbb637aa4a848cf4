import { controller, groups, play, playbook, union } from 'ts-play'
import { k3sHealth } from '../roles/k3s-health/role.ts'
import { k3sVerify } from '../roles/k3s-verify/role.ts'

/** Is the k3s cluster well? Changes nothing. Exits 0 when everything is, and 1 when a component is ill or a host cannot be asked. */
const { lb, servers, agents } = groups('lb?', 'servers', 'agents?')

const look = play(k3sHealth, { hosts: union(lb, servers, agents), become: true })
const judged = play(k3sVerify, { hosts: controller, with: { reports: look.outputs.health.reachable, balancers: lb.members, servers: servers.members, agents: agents.members } })

export default playbook('k3s-verify', [look, judged])
