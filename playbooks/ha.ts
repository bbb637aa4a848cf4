import { controller, groups, play, playbook, union } from 'ts-play'
import { bridge } from '../roles/bridge/role.ts'
import { cni } from '../roles/cni/role.ts'
import { controlPlaneJoin } from '../roles/control-plane-join/role.ts'
import { dns } from '../roles/dns/role.ts'
import { endpoint } from '../roles/endpoint/role.ts'
import { etcd } from '../roles/etcd/role.ts'
import { firstMaster } from '../roles/first-master/role.ts'
import { inspection } from '../roles/inspection/role.ts'
import { kubeVip } from '../roles/kube-vip/role.ts'
import { kubeconfig } from '../roles/kubeconfig/role.ts'
import { loadbalancer } from '../roles/loadbalancer/role.ts'
import { localBalancer } from '../roles/local-balancer/role.ts'
import { membership } from '../roles/membership/role.ts'
import { preflight } from '../roles/preflight/role.ts'
import { prereqs } from '../roles/prereqs/role.ts'
import { reach } from '../roles/reach/role.ts'
import { software } from '../roles/software/role.ts'
import { workerJoin } from '../roles/worker-join/role.ts'

/** Highly available Kubernetes from bare Linux machines: control planes, workers, and whatever `endpoint.strategy` puts before them; only balancers need hosts in `lb`. */
const { lb, masters, workers } = groups('lb?', 'masters', 'workers')

// Every machine is looked at, and all are judged together, before anything on any of them is changed.
const source = play(software, { hosts: controller })
const machines = play(inspection, { hosts: union(lb, masters, workers), become: true })
const identities = machines.outputs.identity.reachable
const around = play(reach, { hosts: union(lb, masters, workers), with: { balancers: lb.members, controlPlanes: masters.members, workers: workers.members }, become: true })
const checks = play(preflight, {
  hosts: controller,
  with: { inspections: machines.outputs.inspection.reachable, identities, surroundings: around.outputs.surroundings.reachable, balancers: lb.members, controlPlanes: masters.members, workers: workers.members },
})
const base = play(prereqs, {
  hosts: union(masters, workers),
  with: { software: source.outputs.software.first, identities, controlPlanes: masters.members },
  after: [checks],
  become: true,
})

// The address that outlives every machine behind it: one of these roles brings it about, and every node gets to know it, which is part of its preparation.
const balancers = play(loadbalancer, { hosts: lb, with: { backends: masters.members, balancers: lb.members }, after: [checks], become: true })
const ownBalancers = play(localBalancer, { hosts: union(masters, workers), with: { backends: masters.members }, tags: ['prereqs'], become: true })
const behind = { balancers: balancers.outputs.endpoint.reachable, controlPlanes: masters.members }
const place = play(endpoint, { hosts: masters, with: behind, tags: ['prereqs'], become: true })
const placeOnWorkers = play(endpoint, { name: 'worker-endpoint', hosts: workers, with: behind, tags: ['prereqs'], become: true })
const api = place.outputs.endpoint.agreed

// What is there already? Whether to init, and who serves the others, is decided from this alone.
const survey = play(membership, { hosts: masters, become: true })
const state = survey.outputs.state.reachable
const store = play(etcd, { hosts: masters, become: true })
const layout = store.outputs.layout.agreed

// One control plane makes the cluster, or serves the one there is; its network comes up before anybody joins.
const first = play(firstMaster, {
  hosts: masters,
  with: { endpoint: api, survey: state, etcd: layout, controlPlanes: masters.members, balancers: lb.members },
  become: true,
})
const cluster = first.outputs.cluster.first
const net = play(cni, { hosts: masters, with: { endpoint: api, cluster }, become: true })

// Control planes one at a time, because etcd takes one new member at a time; workers all at once.
const others = play(controlPlaneJoin, {
  hosts: masters,
  with: { endpoint: api, cluster, survey: state, etcd: layout, controlPlanes: masters.members, ticket: first.outputs.controlPlane.first },
  serial: 1,
  become: true,
})
const floating = play(kubeVip, { hosts: masters, with: { controlPlanes: masters.members }, become: true })
const nodes = play(workerJoin, { hosts: workers, with: { endpoint: api, cluster, ticket: first.outputs.worker.first }, become: true })

// What wants to know everybody who is in: routes where there is no flannel, and a DNS that does not sit on one machine.
const server = first.outputs.node.reachable
const otherControlPlanes = others.outputs.node.reachable
const joined = nodes.outputs.node.reachable
const routes = play(bridge, { hosts: union(masters, workers), with: { server, otherControlPlanes, workers: joined }, become: true })
const names = play(dns, { hosts: masters, with: { cluster, otherControlPlanes, workers: joined }, become: true })

const access = play(kubeconfig, { hosts: controller, with: { endpoint: api, cluster, controlPlanes: masters.members, kubeconfig: first.outputs.kubeconfig.first } })

export default playbook('ha', [source, machines, around, checks, base, balancers, ownBalancers, place, placeOnWorkers, survey, store, first, net, others, floating, nodes, routes, names, access])
