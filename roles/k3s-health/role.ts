import { role } from 'ts-play'
import { endpoint, floatingAddressOf } from '../kubernetes/endpoint.ts'
import { bindPort, nodeAddress } from '../kubernetes/variables.ts'
import { K3sHealthReport } from '../outputs.ts'
import { lookAtK3s } from './look.ts'
import { parseK3sHealth } from './parse.ts'

/** Looks at everything that can be ill on a host of a k3s cluster, in one round trip. Read only; `k3s-verify` judges. */
export const k3sHealth = role('k3s-health', {
  vars: { endpoint, bindPort, nodeAddress },
  outputs: { health: K3sHealthReport },
  produce: {
    health: async ({ host, vars, on }) => parseK3sHealth(await on.query(lookAtK3s({
      endpoint: `${vars.endpoint.name}:${vars.endpoint.port}`,
      vip: floatingAddressOf(vars.endpoint),
      address: vars.nodeAddress ?? host.address,
      bindPort: vars.bindPort,
    }))),
  },
})
