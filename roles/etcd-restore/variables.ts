import { z } from 'ts-play'
import { clusterName, etcdDataDirectory, nodeAddress, restoreIdentity } from '../kubernetes/variables.ts'

export const restoreVars = {
  clusterName,
  nodeAddress,
  restoreFrom: z.string().startsWith('/').optional().describe('A backup on the controller. Without one, the only control plane of the inventory is restored from what its own etcd holds: that is for the loss of the majority'),
  restoreIdentity,
  etcdDataDirectory,
}
