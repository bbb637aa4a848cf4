import { controller, groups, play, playbook, union } from 'ts-play'
import { bridge } from '../roles/bridge/role.ts'
import { cni } from '../roles/cni/role.ts'
import { connectivity } from '../roles/connectivity/role.ts'
import { controlPlaneJoin } from '../roles/control-plane-join/role.ts'
import { dns } from '../roles/dns/role.ts'
import { endpoint } from '../roles/endpoint/role.ts'
import { etcd } from '../roles/etcd/role.ts'
import { etcdAuthority } from '../roles/external-etcd/authority.ts'
import { etcdBootstrap } from '../roles/external-etcd/bootstrap.ts'
import { etcdClient } from '../roles/external-etcd/client.ts'
import { etcdClients } from '../roles/external-etcd/clients.ts'
import { etcdEndpoints } from '../roles/external-etcd/endpoints.ts'
import { etcdMember } from '../roles/external-etcd/member.ts'
import { etcdRelease } from '../roles/external-etcd/release.ts'
import { etcdRequest } from '../roles/external-etcd/request.ts'
import { etcdSurvey } from '../roles/external-etcd/survey.ts'
import { firstMaster } from '../roles/first-master/role.ts'
import { inspection } from '../roles/inspection/role.ts'
import { kubeVip } from '../roles/kube-vip/role.ts'
import { kubeconfig } from '../roles/kubeconfig/role.ts'
import { loadbalancer } from '../roles/loadbalancer/role.ts'
import { localBalancer } from '../roles/local-balancer/role.ts'
import { manifests } from '../roles/manifests/role.ts'
import { membership } from '../roles/membership/role.ts'
import { preflight } from '../roles/preflight/role.ts'
import { prereqs } from '../roles/prereqs/role.ts'
import { services } from '../roles/service-load-balancer/role.ts'
import { reach } from '../roles/reach/role.ts'
import { software } from '../roles/software/role.ts'
import { workerJoin } from '../roles/worker-join/role.ts'

/**
 * Highly available Kubernetes from bare Linux machines: control planes, workers, and whatever `endpoint.strategy` puts before them; only balancers need hosts in `lb`,
 * and only `etcd: { topology: external }` in `etcd`.
 */
const { etcd: etcdHosts, lb, masters, workers } = groups('etcd?', 'lb?', 'masters', 'workers')

// Every machine is looked at, and all are judged together, before anything on any of them is changed.
const source = play(software, { hosts: controller })
const provided = play(manifests, { hosts: controller })
const machines = play(inspection, { hosts: union(lb, etcdHosts, masters, workers), become: true })
const identities = machines.outputs.identity.reachable
const around = play(reach, { hosts: union(lb, etcdHosts, masters, workers), with: { balancers: lb.members, etcdHosts: etcdHosts.members, controlPlanes: masters.members, workers: workers.members }, become: true })
const checks = play(preflight, {
  hosts: controller,
  with: { inspections: machines.outputs.inspection.reachable, identities, surroundings: around.outputs.surroundings.reachable, balancers: lb.members, etcdHosts: etcdHosts.members, controlPlanes: masters.members, workers: workers.members },
})
const base = play(prereqs, {
  hosts: union(masters, workers),
  with: { software: source.outputs.software.first, identities, controlPlanes: masters.members },
  after: [checks, provided],
  become: true,
})

// External etcd: begun by all its members at once, then kept and joined one at a time. Control planes get certificates for it, and nobody's key travels.
const archive = play(etcdRelease, { hosts: controller })
const sighted = play(etcdSurvey, { hosts: etcdHosts, become: true })
const known = { sightings: sighted.outputs.sighting.reachable, members: etcdHosts.members }
const authority = play(etcdAuthority, { hosts: etcdHosts, with: known, after: [checks], become: true })
const belonging = { ...known, release: archive.outputs.release.first, authority: authority.outputs.authority.first }
const founded = play(etcdBootstrap, { hosts: etcdHosts, with: belonging, become: true })
const members = play(etcdMember, { hosts: etcdHosts, with: belonging, serial: 1, become: true })
const requests = play(etcdRequest, { hosts: masters, after: [checks], become: true })
const signed = play(etcdClients, { hosts: etcdHosts, with: { ...known, requests: requests.outputs.request.reachable }, become: true })
const clients = play(etcdClient, { hosts: masters, with: { clients: signed.outputs.clients.reachable, members: etcdHosts.members }, become: true })

// The address that outlives every machine behind it: one of these roles brings it about, and every node gets to know it, which is part of its preparation.
const balancers = play(loadbalancer, { hosts: lb, with: { backends: masters.members, balancers: lb.members }, after: [checks, provided], become: true })
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
  with: { endpoint: api, survey: state, etcd: layout, etcdHosts: etcdHosts.members, controlPlanes: masters.members, balancers: lb.members },
  become: true,
})
const cluster = first.outputs.cluster.first
const net = play(cni, { hosts: masters, with: { endpoint: api, cluster, manifests: provided.outputs.manifests.first }, become: true })

// Control planes one at a time, because etcd takes one new member at a time; workers all at once.
const others = play(controlPlaneJoin, {
  hosts: masters,
  with: { endpoint: api, cluster, survey: state, etcd: layout, controlPlanes: masters.members, ticket: first.outputs.controlPlane.first },
  serial: 1,
  become: true,
})
const floating = play(kubeVip, { hosts: masters, with: { controlPlanes: masters.members }, become: true })
const stores = play(etcdEndpoints, { hosts: masters, with: { members: etcdHosts.members }, serial: 1, become: true })
const nodes = play(workerJoin, { hosts: workers, with: { endpoint: api, cluster, ticket: first.outputs.worker.first }, become: true })

// What wants to know everybody who is in: routes where there is no flannel, and a DNS that does not sit on one machine.
const server = first.outputs.node.reachable
const otherControlPlanes = others.outputs.node.reachable
const joined = nodes.outputs.node.reachable
const routes = play(bridge, { hosts: union(masters, workers), with: { server, otherControlPlanes, workers: joined }, become: true })
const names = play(dns, { hosts: masters, with: { cluster, otherControlPlanes, workers: joined }, become: true })

// Whether pods reach each other is seen from every node; then Services may have addresses outside.
const proof = play(connectivity, { hosts: union(masters, workers), with: { cluster, pods: names.outputs.pods.first, server, otherControlPlanes, workers: joined }, become: true })
const outside = play(services, { hosts: masters, with: { cluster, manifests: provided.outputs.manifests.first }, after: [proof.settled], become: true })

const access = play(kubeconfig, { hosts: controller, with: { endpoint: api, cluster, controlPlanes: masters.members, kubeconfig: first.outputs.kubeconfig.first } })

export default playbook('ha', [
  source, provided, machines, around, checks, base, archive, sighted, authority, founded, members, requests, signed, clients,
  balancers, ownBalancers, place, placeOnWorkers, survey, store, first, net, others, floating, stores, nodes, routes, names, proof, outside, access,
])
