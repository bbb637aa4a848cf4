import { assert, byHost, Members, report, role, z } from 'ts-play'
import { etcdTopology } from '../kubernetes/etcd-topology.ts'
import { endpoint } from '../kubernetes/endpoint.ts'
import { serviceLoadBalancer } from '../kubernetes/service-load-balancer.ts'
import { HostInspection, HostSurroundings, Identity } from '../outputs.ts'
import { WARNINGS } from './complaint.ts'
import { judge } from './judge.ts'

/**
 * Judges all hosts at once, before anything on any of them is changed: one table with every complaint, and one failure. A host that could not be asked is not
 * judged, and stops nobody.
 */
export const preflight = role('preflight', {
  vars: {
    endpoint,
    etcd: etcdTopology,
    serviceLoadBalancer,
    preflightDisk: z.int().nonnegative().default(4096).describe('Megabytes that have to be free under /var/lib of every node'),
    preflightIgnore: z.array(z.enum(['ports', 'floating-address', 'clock', 'disk', 'etcd-alarm', 'network', 'service-addresses', 'reach', 'vrrp'])).default([]).describe('Checks that warn instead of refusing'),
  },
  inputs: { inspections: byHost(HostInspection), identities: byHost(Identity), surroundings: byHost(HostSurroundings), balancers: Members, etcdHosts: Members, controlPlanes: Members, workers: Members },
  tasks: ({ vars, inputs }) => {
    const complaints = judge(inputs, {
      endpoint: vars.endpoint,
      etcd: vars.etcd.topology,
      balancers: inputs.balancers,
      etcdHosts: inputs.etcdHosts,
      controlPlanes: inputs.controlPlanes,
      workers: inputs.workers,
      diskNeeded: vars.preflightDisk,
      serviceLoadBalancer: vars.serviceLoadBalancer,
    })
    const tolerated: readonly string[] = [...WARNINGS, ...vars.preflightIgnore]
    const refusals = complaints.filter(({ check }) => !tolerated.includes(check))
    return [
      ...(complaints.length === 0 ? [] : [
        report({
          title: 'Before anything is changed',
          columns: ['host', 'check', '', 'found'],
          rows: complaints.map(({ host, check, found, remedy }) => [host, check, tolerated.includes(check) ? 'warning' : 'refused', `${found} → ${remedy}`]),
        }),
      ]),
      assert({
        name: 'every host is fit',
        that: refusals.length === 0,
        message: `nothing was changed on any host:\n${refusals.map(({ found }) => found).join('\n')}`,
        remedy: [...new Set(refusals.map(({ remedy }) => remedy))].join('\n'),
      }),
    ]
  },
})
