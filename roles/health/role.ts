import { role } from 'ts-play'
import { backupFolder } from '../etcd-backup/variables.ts'
import { endpoint, floatingAddressOf } from '../kubernetes/endpoint.ts'
import { bindPort, nodeAddress } from '../kubernetes/variables.ts'
import { HealthReport } from '../outputs.ts'
import { lookAtHealth } from './look.ts'
import { parseHealth } from './parse.ts'

/** Looks at everything that can be ill on a host, in one round trip. Read only; `verify` judges. */
export const health = role('health', {
  vars: { endpoint, bindPort, nodeAddress, backupFolder },
  outputs: { health: HealthReport },
  produce: {
    health: async ({ host, vars, on }) => parseHealth(await on.query(lookAtHealth({
      endpoint: `${vars.endpoint.name}:${vars.endpoint.port}`,
      vip: floatingAddressOf(vars.endpoint),
      address: vars.nodeAddress ?? host.address,
      bindPort: vars.bindPort,
      backupFolder: vars.backupFolder,
    }))),
  },
})
