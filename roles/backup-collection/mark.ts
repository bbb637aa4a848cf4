import { file, optional, role } from 'ts-play'
import { newestBackup, parseBackupName } from '../kubernetes/backup-name.ts'
import { backupStore, unlessStoreIs } from '../kubernetes/backup-store.ts'
import { backupFolder } from '../etcd-backup/variables.ts'
import { storedMark, storedWhere } from '../etcd-backup/script.ts'
import { StoredBackups } from '../outputs.ts'

/** Tells each control plane what of it lies on the controller now, so that whoever looks at its health knows, from wherever. */
export const backupMark = role('backup-mark', {
  tags: ['etcd-backup'],
  vars: { backupStore, backupFolder },
  inputs: { stored: optional(StoredBackups) },
  skip: ({ vars }) => unlessStoreIs('controller', vars.backupStore),
  neededWhen: { stored: () => true },
  tasks: ({ host, vars, inputs }) => {
    const newest = newestBackup((inputs.stored?.names ?? []).filter(name => parseBackupName(name)?.host === host.name))
    const { backupStore: store } = vars
    return newest === undefined || store === undefined ? [] : [file({ path: `${vars.backupFolder}/${storedMark}`, content: `${newest.name}\n${storedWhere(store)}\n`, mode: 0o600 })]
  },
})
