import type { BackupHealth } from '../kubernetes/health.ts'
import { failed, ok, type Finding } from './finding.ts'
import type { Reports } from './judge.ts'

export interface WantedBackups {
  /** Minutes, of the newest on each control plane that takes them. */
  readonly maxAge: number
  /** Where copies go, and how old the newest may be, in minutes; `undefined`: nowhere. */
  readonly store: { readonly to: string; readonly maxAge: number } | undefined
}

/** Backups where a timer takes them: on each of these hosts, and off all of them. */
export function backups(reports: Reports, { maxAge, store }: WantedBackups): readonly Finding[] {
  const all = [...reports].flatMap(([host, { backup }]) => (backup === undefined ? [] : [{ host, ...backup }]))
  if (all.length === 0) return store === undefined ? [] : [failed('backups', 'a backupStore is set, and no host takes backups', 'run playbooks/etcd-backup.ts')]
  const ill = all.flatMap(one => problemOf(one, maxAge) ?? [])
  return [
    ill.length === 0
      ? ok('backups', `on ${all.map(({ host }) => host).join(', ')}; the oldest of their newest is ${minutes(Math.max(...all.map(({ age }) => age ?? 0)))} old`)
      : failed('backups', ill.join('; '), 'see journalctl -u ts-play-etcd-backup there'),
    ...(store === undefined ? [] : [stored(all, store)]),
  ]
}

function problemOf({ host, lastRun, age }: { readonly host: string } & BackupHealth, maxAge: number): string | undefined {
  if (lastRun === 'failed') return `the last run failed on ${host}`
  if (age === undefined) return `none on ${host}`
  return age > maxAge * 60 ? `the newest on ${host} is ${minutes(age)} old` : undefined
}

/** One copy is enough: every control plane has the same data. */
function stored(all: readonly ({ readonly host: string } & BackupHealth)[], { to, maxAge }: NonNullable<WantedBackups['store']>): Finding {
  const component = `backups, ${to}`
  const remedy = to === 's3' ? 'see journalctl -u ts-play-etcd-backup on the control planes' : 'run playbooks/etcd-backup.ts, which brings them'
  const [newest] = all.flatMap(({ host, storedAge, storedIn }) => (storedAge === undefined || storedIn !== to ? [] : [{ host, age: storedAge }])).toSorted((a, b) => a.age - b.age)
  if (newest === undefined) return failed(component, 'no backup has a copy off its host', remedy)
  const found = `the newest copy off the hosts is of ${newest.host}, ${minutes(newest.age)} old`
  return newest.age > maxAge * 60 ? failed(component, found, remedy) : ok(component, found)
}

const minutes = (seconds: number): string => `${Math.max(0, Math.floor(seconds / 60))} min`
