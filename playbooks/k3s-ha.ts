import { controller, groups, play, playbook, union } from 'ts-play'
import { endpoint } from '../roles/endpoint/role.ts'
import { k3sAgentJoin } from '../roles/k3s-agent-join/role.ts'
import { k3sFirstServer } from '../roles/k3s-first-server/role.ts'
import { k3sInspection } from '../roles/k3s-inspection/role.ts'
import { k3sKubeVip } from '../roles/k3s-kube-vip/role.ts'
import { k3sMembership } from '../roles/k3s-membership/role.ts'
import { k3sPreflight } from '../roles/k3s-preflight/role.ts'
import { k3sPrereqs } from '../roles/k3s-prereqs/role.ts'
import { k3sServerJoin } from '../roles/k3s-server-join/role.ts'
import { kubeconfig } from '../roles/kubeconfig/role.ts'
import { loadbalancer } from '../roles/loadbalancer/role.ts'
import { localBalancer } from '../roles/local-balancer/role.ts'
import { reach } from '../roles/reach/role.ts'

/**
 * Highly available k3s from bare Linux machines: servers with etcd in them, agents, and whatever `endpoint.strategy` puts before them. One server in the inventory is a
 * cluster of one, with etcd from the first day; more of them, added later, join it.
 */
// No host is in `etcd` here: every server has a member in it.
const { etcd, lb, servers, agents } = groups('etcd?', 'lb?', 'servers', 'agents?')
const nodes = union(servers, agents)

// Every machine is looked at, and all are judged together, before anything on any of them is changed.
const machines = play(k3sInspection, { hosts: union(lb, nodes), become: true })
const identities = machines.outputs.identity.reachable
const around = play(reach, { hosts: union(lb, nodes), with: { balancers: lb.members, etcdHosts: etcd.members, controlPlanes: servers.members, workers: agents.members }, become: true })
const checks = play(k3sPreflight, {
  hosts: controller,
  with: { inspections: machines.outputs.inspection.reachable, identities, surroundings: around.outputs.surroundings.reachable, balancers: lb.members, servers: servers.members, agents: agents.members },
})
const base = play(k3sPrereqs, { hosts: nodes, with: { identities, servers: servers.members }, after: [checks], become: true })

// The address that outlives every machine behind it: what stands for it is the same as before the API servers of kubeadm.
const balancers = play(loadbalancer, { hosts: lb, with: { backends: servers.members, balancers: lb.members }, after: [base], become: true })
const ownBalancers = play(localBalancer, { hosts: nodes, with: { backends: servers.members }, become: true })
const place = play(endpoint, { hosts: nodes, with: { balancers: balancers.outputs.endpoint.reachable, controlPlanes: servers.members }, become: true })
const api = place.outputs.endpoint.agreed
const floating = play(k3sKubeVip, { hosts: servers, with: { servers: servers.members }, become: true })

// Whether to begin a cluster, and who serves the others, is decided from what is there alone.
const survey = play(k3sMembership, { hosts: servers, become: true })
const state = survey.outputs.state.reachable
const first = play(k3sFirstServer, { hosts: servers, with: { endpoint: api, survey: state, servers: servers.members }, become: true })
const cluster = first.outputs.cluster.first

// Servers one at a time, because etcd takes one new member at a time; agents all at once.
const others = play(k3sServerJoin, {
  hosts: servers,
  with: { endpoint: api, cluster, survey: state, servers: servers.members, ticket: first.outputs.server.first },
  serial: 1,
  become: true,
})
const workers = play(k3sAgentJoin, { hosts: agents, with: { endpoint: api, cluster, ticket: first.outputs.agent.first }, become: true })

const access = play(kubeconfig, { hosts: controller, with: { endpoint: api, cluster, controlPlanes: servers.members, kubeconfig: first.outputs.kubeconfig.first } })

export default playbook('k3s-ha', [machines, around, checks, base, balancers, ownBalancers, place, floating, survey, first, others, workers, access])
