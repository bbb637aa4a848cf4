import { role, sh, type Look } from 'ts-play'
import { backupStore, unlessStoreIs, type BackupStore } from '../kubernetes/backup-store.ts'
import { s3Access, s3Prefix, s3Shell } from '../kubernetes/s3.ts'
import { clusterName } from '../kubernetes/variables.ts'
import { RemoteBackup, type ChosenBackup } from '../outputs.ts'
import { pick } from './pick.ts'
import { choiceVars } from './variables.ts'

interface Choice {
  readonly asked: string
  readonly store: BackupStore | undefined
  readonly clusterName: string
}

async function choose(on: Look, { asked, store, clusterName: cluster }: Choice): Promise<ChosenBackup> {
  if (store?.to !== 's3') throw new Error(`${asked} is looked for in a storage, and backupStore names none`)
  const names = await on.query(sh`${s3Shell(store, cluster)}
s3_list`)
  const name = pick(names.split('\n'), asked, `bucket ${store.bucket} of ${store.endpoint}`)
  return { source: `${s3Prefix(store, cluster)}${name}`, name }
}

/** Gives a host the way to the storage, and finds the backup that is meant there. */
export const remoteBackup = role('remote-backup', {
  vars: choiceVars,
  outputs: { backup: RemoteBackup },
  skip: ({ vars }) => unlessStoreIs('s3', vars.backupStore),
  tasks: ({ vars }) => (vars.backupStore?.to === 's3' ? s3Access(vars.backupStore) : []),
  produce: {
    backup: ({ vars, on }) => choose(on, { asked: vars.restoreFrom ?? 'newest', store: vars.backupStore, clusterName: vars.clusterName }),
  },
})

/** The same for the newest, whatever a restore would take. */
export const newestRemoteBackup = role('newest-remote-backup', {
  vars: { backupStore, clusterName },
  outputs: { backup: RemoteBackup },
  skip: ({ vars }) => unlessStoreIs('s3', vars.backupStore),
  tasks: ({ vars }) => (vars.backupStore?.to === 's3' ? s3Access(vars.backupStore) : []),
  produce: {
    backup: ({ vars, on }) => choose(on, { asked: 'newest', store: vars.backupStore, clusterName: vars.clusterName }),
  },
})
