import { controller, groups, play, playbook, union } from 'ts-play'
import { cni } from '../roles/cni/role.ts'
import { connectivity } from '../roles/connectivity/role.ts'
import { dns } from '../roles/dns/role.ts'
import { endpoint } from '../roles/endpoint/role.ts'
import { etcd } from '../roles/etcd/role.ts'
import { firstMaster } from '../roles/first-master/role.ts'
import { inspection } from '../roles/inspection/role.ts'
import { kubeconfig } from '../roles/kubeconfig/role.ts'
import { loadbalancer } from '../roles/loadbalancer/role.ts'
import { manifests } from '../roles/manifests/role.ts'
import { membership } from '../roles/membership/role.ts'
import { preflight } from '../roles/preflight/role.ts'
import { prereqs } from '../roles/prereqs/role.ts'
import { services } from '../roles/service-load-balancer/role.ts'
import { reach } from '../roles/reach/role.ts'
import { software } from '../roles/software/role.ts'
import { workerJoin } from '../roles/worker-join/role.ts'

/**
 * One control plane, which takes workloads too, and any workers: no highly available anything, and the beginning of it. The API has a name from the first day
 * (`endpoint: { strategy: control-plane, … }`), so more control planes join with `ha.ts`, and `move-endpoint.ts` puts a balancer before them.
 */
const { etcd: etcdHosts, lb, masters, workers } = groups('etcd?', 'lb?', 'masters', 'workers?')
const machines = union(masters, workers)
const controlPlanes = masters.members

const source = play(software, { hosts: controller })
const provided = play(manifests, { hosts: controller })
const inspected = play(inspection, { hosts: union(lb, etcdHosts, machines), become: true })
const identities = inspected.outputs.identity.reachable
const around = play(reach, { hosts: union(lb, etcdHosts, machines), with: { balancers: lb.members, etcdHosts: etcdHosts.members, controlPlanes, workers: workers.members }, become: true })
const checks = play(preflight, { hosts: controller, with: { inspections: inspected.outputs.inspection.reachable, identities, surroundings: around.outputs.surroundings.reachable, balancers: lb.members, etcdHosts: etcdHosts.members, controlPlanes, workers: workers.members } })
const base = play(prereqs, { hosts: machines, with: { software: source.outputs.software.first, identities, controlPlanes }, after: [checks, provided], become: true })

// The name stands for the control plane itself, unless the inventory already has something better.
const balancers = play(loadbalancer, { hosts: lb, with: { backends: controlPlanes, balancers: lb.members }, after: [checks, provided], become: true })
const place = play(endpoint, { hosts: machines, with: { balancers: balancers.outputs.endpoint.reachable, controlPlanes }, become: true })
const api = place.outputs.endpoint.agreed

const survey = play(membership, { hosts: masters, become: true })
const store = play(etcd, { hosts: masters, become: true })
const state = survey.outputs.state.reachable

const first = play(firstMaster, {
  hosts: masters,
  with: { endpoint: api, survey: state, etcd: store.outputs.layout.agreed, etcdHosts: etcdHosts.members, controlPlanes, balancers: lb.members },
  vars: { controlPlaneWorkloads: true },
  become: true,
})
const cluster = first.outputs.cluster.first
const net = play(cni, { hosts: masters, with: { endpoint: api, cluster, manifests: provided.outputs.manifests.first }, become: true })
const nodes = play(workerJoin, { hosts: workers, with: { endpoint: api, cluster, ticket: first.outputs.worker.first }, become: true })
const server = first.outputs.node.reachable
const joined = nodes.outputs.node.reachable
const names = play(dns, { hosts: masters, with: { cluster, otherControlPlanes: server, workers: joined }, become: true })
const proof = play(connectivity, { hosts: machines, with: { cluster, pods: names.outputs.pods.first, server, otherControlPlanes: server, workers: joined }, become: true })
const outside = play(services, { hosts: masters, with: { cluster, manifests: provided.outputs.manifests.first }, after: [proof.settled], become: true })
const access = play(kubeconfig, { hosts: controller, with: { endpoint: api, cluster, controlPlanes, kubeconfig: first.outputs.kubeconfig.first } })

export default playbook('single', [source, provided, inspected, around, checks, base, balancers, place, survey, store, first, net, nodes, names, proof, outside, access])
