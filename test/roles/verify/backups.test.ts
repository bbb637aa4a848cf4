import { expect, test } from 'vitest'
import { parseHealth } from '../../../roles/health/parse.ts'
import type { BackupHealth } from '../../../roles/kubernetes/health.ts'
import { backups } from '../../../roles/verify/judge-backups.ts'

const at = Date.UTC(2026, 10, 23, 7, 0, 0) / 1000
const said = (run: string, newest: string, stored: string, where = 's3 https://x/b/'): BackupHealth | undefined => parseHealth(`now=${at}\nbackup-run=${run}\nbackup-newest=${newest}\nbackup-stored=${stored} ${where}\n`).backup
const young = 'etcd-cp1-20261123T063000Z.tar.age'
const old = 'etcd-cp1-20261122T043000Z.tar.age'

test('ages are by the host’s own clock; what is no backup has none', () => {
  expect(said('inactive', young, old)).toEqual({ lastRun: 'ok', age: 1800, storedAge: 95_400, storedIn: 's3' })
  expect(said('failed', '', '../etc')).toMatchObject({ lastRun: 'failed', age: undefined, storedAge: undefined })
  expect(parseHealth(`now=${at}\n`).backup).toBeUndefined()
})

const judged = (given: Readonly<Record<string, BackupHealth | undefined>>, to: 's3' | 'controller' | 'nowhere' = 's3') => {
  const reports = new Map(Object.entries(given).map(([host, backup]) => [host, { ...parseHealth(''), backup }]))
  return backups(reports, { maxAge: 120, store: to === 'nowhere' ? undefined : { to, maxAge: 1500 } }).map(({ component, state, found }) => `${component} ${state}: ${found}`)
}

test('one copy off the hosts is enough, a failed run on any of them is not', () => {
  expect(judged({ cp1: said('inactive', young, young), cp2: said('inactive', young, ''), w1: undefined })).toEqual([
    'backups ok: on cp1, cp2; the oldest of their newest is 30 min old',
    'backups, s3 ok: the newest copy off the hosts is of cp1, 30 min old',
  ])
  expect(judged({ cp1: said('failed', young, young) })[0]).toBe('backups failed: the last run failed on cp1')
})

test.each([
  ['too old here', said('inactive', old, young), 'backups failed: the newest on cp1 is 1590 min old'],
  ['none here', said('inactive', '', young), 'backups failed: none on cp1'],
  ['too old there', said('inactive', young, old), 'backups, s3 failed: the newest copy off the hosts is of cp1, 1590 min old'],
  ['none there', said('inactive', young, ''), 'backups, s3 failed: no backup has a copy off its host'],
  ['a copy in another store', said('inactive', young, young, 'controller'), 'backups, s3 failed: no backup has a copy off its host'],
])('%s fails', (_, cp1, line) => {
  expect(judged({ cp1 })).toContain(line)
})

test('a store that nobody fills fails; without backups and store there is nothing to say', () => {
  expect(judged({ cp1: undefined })).toEqual(['backups failed: a backupStore is set, and no host takes backups'])
  expect(judged({ cp1: undefined }, 'nowhere')).toEqual([])
  expect(judged({ cp1: said('inactive', young, '') }, 'nowhere')).toHaveLength(1)
})
