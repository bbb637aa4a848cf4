import { byHost, Members, role } from 'ts-play'
import { etcdTopology } from '../kubernetes/etcd-topology.ts'
import { endpoint } from '../kubernetes/endpoint.ts'
import { serviceLoadBalancer } from '../kubernetes/service-load-balancer.ts'
import { HostInspection, HostSurroundings, Identity } from '../outputs.ts'
import { judge } from './judge.ts'
import { preflightVars, verdict } from './verdict.ts'

/**
 * Judges all hosts at once, before anything on any of them is changed: one table with every complaint, and one failure. A host that could not be asked is not
 * judged, and stops nobody.
 */
export const preflight = role('preflight', {
  vars: { endpoint, etcd: etcdTopology, serviceLoadBalancer, ...preflightVars },
  inputs: { inspections: byHost(HostInspection), identities: byHost(Identity), surroundings: byHost(HostSurroundings), balancers: Members, etcdHosts: Members, controlPlanes: Members, workers: Members },
  tasks: ({ vars, inputs }) => {
    const complaints = judge(inputs, {
      distribution: 'kubeadm',
      endpoint: vars.endpoint,
      etcd: vars.etcd.topology,
      balancers: inputs.balancers,
      etcdHosts: inputs.etcdHosts,
      controlPlanes: inputs.controlPlanes,
      workers: inputs.workers,
      diskNeeded: vars.preflightDisk,
      serviceLoadBalancer: vars.serviceLoadBalancer,
    })
    // kubeadm joins control planes one by one all the same, and two are how one grows into three.
    return verdict(complaints, [...vars.preflightIgnore, 'quorum'])
  },
})
