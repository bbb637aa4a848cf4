import { role, sh } from 'ts-play'
import { unlessStoreIs } from '../kubernetes/backup-store.ts'
import { s3Access, s3Prefix, s3Shell } from '../kubernetes/s3.ts'
import { RemoteBackup } from '../outputs.ts'
import { pick } from './pick.ts'
import { choiceVars } from './variables.ts'

/** Gives a host the way to the storage, and finds the backup that is meant there. */
export const remoteBackup = role('remote-backup', {
  vars: choiceVars,
  outputs: { backup: RemoteBackup },
  skip: ({ vars }) => unlessStoreIs('s3', vars.backupStore),
  tasks: ({ vars }) => (vars.backupStore?.to === 's3' ? s3Access(vars.backupStore) : []),
  produce: {
    backup: async ({ vars, on }) => {
      const { backupStore: store, restoreFrom: asked = 'newest' } = vars
      if (store?.to !== 's3') throw new Error(`${asked} is looked for in a storage, and backupStore names none`)
      const names = (await on.query(sh`${s3Shell(store, vars.clusterName)}
s3_list`)).split('\n')
      const name = pick(names, asked, `bucket ${store.bucket} of ${store.endpoint}`)
      return { source: `${s3Prefix(store, vars.clusterName)}${name}`, name }
    },
  },
})
