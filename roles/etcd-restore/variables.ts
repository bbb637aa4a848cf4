import { choiceVars } from '../backup-choice/variables.ts'
import { etcdTopology } from '../kubernetes/etcd-topology.ts'
import { etcdDataDirectory, nodeAddress, restoreIdentity } from '../kubernetes/variables.ts'

export const restoreVars = { ...choiceVars, nodeAddress, restoreIdentity, etcdDataDirectory, etcd: etcdTopology }
