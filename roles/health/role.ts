import { role } from 'ts-play'
import { apiPort, bindPort, endpoint, nodeAddress, vip } from '../kubernetes/variables.ts'
import { HealthReport } from '../outputs.ts'
import { lookAtHealth } from './look.ts'
import { parseHealth } from './parse.ts'

/** Looks at everything that can be ill on a host, in one round trip. Read only; `verify` judges. */
export const health = role('health', {
  vars: { endpoint, vip, apiPort, bindPort, nodeAddress },
  outputs: { health: HealthReport },
  produce: {
    health: async ({ host, vars, on }) => parseHealth(await on.query(lookAtHealth({
      endpoint: `${vars.endpoint}:${vars.apiPort}`,
      vip: vars.vip,
      address: vars.nodeAddress ?? host.address,
      bindPort: vars.bindPort,
    }))),
  },
})
