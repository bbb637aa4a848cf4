import { role } from 'ts-play'
import { collected, listBackups } from '../backup-collection/folder.ts'
import { home, underHome } from '../kubernetes/home.ts'
import { LocalBackup } from '../outputs.ts'
import { pick } from './pick.ts'
import { choiceVars } from './variables.ts'

/** Finds the backup that is meant among those on the controller: one look for all hosts, so that they get the same. Read only. */
export const localBackup = role('local-backup', {
  vars: choiceVars,
  facts: { home },
  outputs: { backup: LocalBackup },
  produce: {
    backup: async ({ vars, facts, on }) => {
      const { backupStore: store, restoreFrom: asked = 'newest' } = vars
      if (asked.startsWith('/')) return { source: asked, name: asked.slice(asked.lastIndexOf('/') + 1) }
      if (store?.to !== 'controller') throw new Error(`${asked} is looked for in a backupStore, and there is none on the controller`)
      const folder = collected(underHome(store.folder, facts.home), vars.clusterName)
      const name = pick((await on.query(listBackups(folder))).split('\n'), asked, `${folder} on the controller`)
      return { source: `${folder}/${name}`, name }
    },
  },
})
