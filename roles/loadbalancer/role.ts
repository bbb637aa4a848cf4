import { Members, role } from 'ts-play'
import { apiPort, bindPort, endpoint, vip } from '../kubernetes/variables.ts'
import { ApiEndpoint } from '../outputs.ts'

/** One address for the API that survives any machine behind it: HAProxy on every balancer, keepalived moves the address. */
export const loadbalancer = role('loadbalancer', {
  vars: { endpoint, vip, apiPort, bindPort },
  inputs: { backends: Members, balancers: Members },
  outputs: { endpoint: ApiEndpoint },
  tasks: () => [],
  produce: {
    endpoint: ({ vars }) => ({ name: vars.endpoint, address: vars.vip, port: vars.apiPort }),
  },
})
