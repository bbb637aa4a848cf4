import { byHost, Members, role } from 'ts-play'
import { endpoint } from '../kubernetes/endpoint.ts'
import { HostInspection, HostSurroundings, Identity } from '../outputs.ts'
import { judge } from '../preflight/judge.ts'
import { preflightVars, verdict } from '../preflight/verdict.ts'

/** The judgement of `preflight` over all hosts of a cluster of k3s: the same checks where the same holds, and those that only k3s wants. */
export const k3sPreflight = role('k3s-preflight', {
  tags: ['preflight'],
  vars: { endpoint, ...preflightVars },
  inputs: { inspections: byHost(HostInspection), identities: byHost(Identity), surroundings: byHost(HostSurroundings), balancers: Members, servers: Members, agents: Members },
  tasks: ({ vars, inputs }) => verdict(judge(inputs, {
    distribution: 'k3s',
    endpoint: vars.endpoint,
    etcd: 'stacked',
    balancers: inputs.balancers,
    etcdHosts: [],
    controlPlanes: inputs.servers,
    workers: inputs.agents,
    diskNeeded: vars.preflightDisk,
    serviceLoadBalancer: undefined,
  }), vars.preflightIgnore),
})
