import { newestBackup, parseBackupName } from '../kubernetes/backup-name.ts'

/** Of the names that a store has: the newest, or the one that was asked for. @throws Error when it is not there. */
export function pick(names: readonly string[], asked: string, where: string): string {
  const found = asked === 'newest' ? newestBackup(names) : parseBackupName(names.find(name => name === asked) ?? '')
  if (found !== undefined) return found.name
  const last = newestBackup(names)
  throw new Error(asked === 'newest' ? `there is no backup in ${where}` : `there is no ${asked} in ${where}${last === undefined ? '' : `; the newest of ${names.length} is ${last.name}`}`)
}
