import { fact, file, Members, role, service, sh } from 'ts-play'
import { endpoint as schema } from '../kubernetes/endpoint.ts'
import { kubeVipManifest } from '../kubernetes/kube-vip.ts'

/** Which of the services that other ways to the API need have a configuration of ours. */
const ours = fact({
  name: 'endpoint-services',
  lifetime: 'volatile',
  query: sh`for name in haproxy keepalived; do if grep -qs '^# Written by ts-play' "/etc/$name/$name.cfg" "/etc/$name/$name.conf"; then echo "$name"; fi; done`,
  parse: stdout => stdout.split('\n').filter(line => line !== ''),
})

/**
 * Ends what the endpoint was reached by before, once nobody uses it any more: two holders of one address, or an old one that answers still, would be found out on the
 * worst of days. Configurations that are not of ts-play stay as they are.
 */
export const endpointLeftovers = role('endpoint-leftovers', {
  vars: { endpoint: schema },
  facts: { ours },
  inputs: { balancers: Members, controlPlanes: Members },
  tasks: ({ host, vars, facts, inputs }) => {
    const { strategy } = vars.endpoint
    const balances = strategy === 'haproxy+keepalived' && inputs.balancers.some(({ name }) => name === host.name)
    const isControlPlane = inputs.controlPlanes.some(({ name }) => name === host.name)
    const ended = [...(balances ? [] : ['keepalived']), ...(balances || strategy === 'local' ? [] : ['haproxy'])]
    return [
      ...(isControlPlane && strategy !== 'kube-vip' ? [file({ path: kubeVipManifest, state: 'absent' })] : []),
      ...ended.filter(name => facts.ours.includes(name)).map(name => service({ name, state: 'stopped', enabled: false })),
    ]
  },
})
