import { groups, play, playbook, union } from 'ts-play'
import { apiCertificate } from '../roles/api-certificate/role.ts'
import { endpointLeftovers } from '../roles/endpoint-leftovers/role.ts'
import { endpointReady } from '../roles/endpoint-ready/role.ts'
import { endpointUsers } from '../roles/endpoint-users/role.ts'
import { endpoint } from '../roles/endpoint/role.ts'
import { kubeVip } from '../roles/kube-vip/role.ts'
import { loadbalancer } from '../roles/loadbalancer/role.ts'
import { localBalancer } from '../roles/local-balancer/role.ts'

/**
 * Moves the API of a living cluster to another endpoint: change `endpoint` in the inventory, and run this instead of `ha.ts`. Its name and port stay; what is behind
 * them is brought up beside the old one, and nobody is sent there before it answers. The old one ends when nobody is left on it.
 */
const { lb, masters, workers } = groups('lb?', 'masters', 'workers')
const nodes = union(masters, workers)
const controlPlanes = masters.members

const believed = play(apiCertificate, { hosts: masters, with: { controlPlanes, balancers: lb.members }, serial: 1, become: true })

// The new one.
const balancers = play(loadbalancer, { hosts: lb, with: { backends: controlPlanes, balancers: lb.members }, become: true })
const ownBalancers = play(localBalancer, { hosts: nodes, with: { backends: controlPlanes }, become: true })
const floating = play(kubeVip, { hosts: masters, with: { controlPlanes }, become: true })

// Everybody goes there, when everything is ready for everybody.
const ready = play(endpointReady, { hosts: nodes, with: { controlPlanes }, after: [believed, balancers, floating], become: true })
const place = play(endpoint, { hosts: nodes, with: { balancers: balancers.outputs.endpoint.reachable, controlPlanes }, after: [ready], become: true })
const users = play(endpointUsers, { hosts: nodes, with: { controlPlanes }, become: true })

// The old one.
const leftovers = play(endpointLeftovers, { hosts: union(lb, nodes), with: { balancers: lb.members, controlPlanes }, after: [place, users], become: true })

export default playbook('move-endpoint', [believed, balancers, ownBalancers, floating, ready, place, users, leftovers])
