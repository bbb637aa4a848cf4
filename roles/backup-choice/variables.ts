import { z } from 'ts-play'
import { backupStore } from '../kubernetes/backup-store.ts'
import { clusterName } from '../kubernetes/variables.ts'
import { parseBackupName } from '../kubernetes/backup-name.ts'

export const restoreFrom = z
  .string()
  .refine(given => given.startsWith('/') || given === 'newest' || parseBackupName(given) !== undefined, 'expected a path on the controller, the name of a backup in the backupStore (etcd-….tar.age), or newest')
  .optional()
  .describe('A backup: its path on the controller, its name in the backupStore, or newest. Without one, the only control plane of the inventory is restored from what its own etcd holds: that is for the loss of the majority')

export const choiceVars = { backupStore, clusterName, restoreFrom }

/** What was asked for: `nothing` names no backup, `local` lies on the controller, `remote` in the storage; `nowhere` would, if there were a store. */
export type Wanted = 'nothing' | 'local' | 'remote' | 'nowhere'

export function wanted({ restoreFrom: from, backupStore: store }: { readonly restoreFrom?: string | undefined; readonly backupStore?: { readonly to: 'controller' | 's3' } | undefined }): Wanted {
  if (from === undefined) return 'nothing'
  if (from.startsWith('/')) return 'local'
  if (store === undefined) return 'nowhere'
  return store.to === 's3' ? 'remote' : 'local'
}
