import { role, type Look } from 'ts-play'
import { collected, listBackups } from '../backup-collection/folder.ts'
import { backupStore, type BackupStore } from '../kubernetes/backup-store.ts'
import { home, underHome } from '../kubernetes/home.ts'
import { clusterName } from '../kubernetes/variables.ts'
import { LocalBackup, type ChosenBackup } from '../outputs.ts'
import { pick } from './pick.ts'
import { choiceVars } from './variables.ts'

interface Choice {
  readonly asked: string
  readonly store: BackupStore | undefined
  readonly clusterName: string
  readonly home: string
}

async function choose(on: Look, { asked, store, clusterName: cluster, home: own }: Choice): Promise<ChosenBackup> {
  if (asked.startsWith('/')) return { source: asked, name: asked.slice(asked.lastIndexOf('/') + 1) }
  if (store?.to !== 'controller') throw new Error(`${asked} is looked for in a backupStore, and there is none on the controller`)
  const folder = collected(underHome(store.folder, own), cluster)
  const name = pick((await on.query(listBackups(folder))).split('\n'), asked, `${folder} on the controller`)
  return { source: `${folder}/${name}`, name }
}

/** Finds the backup that is meant among those on the controller: one look for all hosts, so that they get the same. Read only. */
export const localBackup = role('local-backup', {
  vars: choiceVars,
  facts: { home },
  outputs: { backup: LocalBackup },
  produce: {
    backup: ({ vars, facts, on }) => choose(on, { asked: vars.restoreFrom ?? 'newest', store: vars.backupStore, clusterName: vars.clusterName, home: facts.home }),
  },
})

/** The newest on the controller, whatever a restore would take. Read only. */
export const newestLocalBackup = role('newest-local-backup', {
  vars: { backupStore, clusterName },
  facts: { home },
  outputs: { backup: LocalBackup },
  produce: {
    backup: ({ vars, facts, on }) => choose(on, { asked: 'newest', store: vars.backupStore, clusterName: vars.clusterName, home: facts.home }),
  },
})
