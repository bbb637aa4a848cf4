import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listBackups } from '../../../roles/backup-collection/folder.ts'
import { backupMark } from '../../../roles/backup-collection/mark.ts'
import { backupCollection } from '../../../roles/backup-collection/role.ts'
import { runShell } from '../support/shell.ts'
import { itemsOf, refusals, shown, specOf } from '../support/tasks.ts'

const offer = (stamp: string, encrypted = true) => ({ path: `/var/backups/ts-play/etcd-me-${stamp}.tar.age`, stamp, encrypted, size: 3, sha256: 'a'.repeat(64) })
const collecting = (offers: Readonly<Record<string, unknown>>, store: object = {}) =>
  itemsOf(backupCollection, { vars: { clusterName: 'lab', backupStore: { to: 'controller', folder: '~/backups', ...store } }, facts: { home: '/home/me' }, inputs: { offers: new Map(Object.entries(offers)) } })

test('each control plane’s newest comes to a folder of the cluster, under a name of the inventory’s words', () => {
  const items = collecting({ cp1: offer('20261123T063419Z'), cp2: offer('20261123T063420Z') })
  expect(shown(items)).toEqual([
    'command make /home/me/backups', 'directory /home/me/backups/lab',
    'fetch /home/me/backups/lab/etcd-cp1-20261123T063419Z.tar.age', 'command keep 48 of cp1',
    'fetch /home/me/backups/lab/etcd-cp2-20261123T063420Z.tar.age', 'command keep 48 of cp2',
  ])
  expect(specOf(items, 'fetch', '/home/me/backups/lab/etcd-cp1-20261123T063419Z.tar.age')).toMatchObject({ mode: 0o600, from: { host: 'cp1', user: 'root', sha256: 'a'.repeat(64) } })
})

test('a backup in clear does not come, unless that is meant', () => {
  expect(refusals(collecting({ cp1: offer('20261123T063419Z', false) }))).toEqual(['REFUSED what comes here can be read by few: the backups of cp1 hold the keys of the cluster in clear'])
  expect(refusals(collecting({ cp1: offer('20261123T063419Z', false) }, { unencrypted: true }))).toEqual([])
})

test('a host whose name would be a path is refused', () => {
  expect(refusals(collecting({ '../cp1': offer('20261123T063419Z') }))).toHaveLength(1)
})

test('the oldest of one host are taken away, and nothing of another', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ts-play-collection-'))
  try {
    mkdirSync(join(folder, 'lab'))
    const files = [1, 2, 3, 4].flatMap(second => [`etcd-cp1-2026112${second}T000000Z.tar.age`, `etcd-cp1-b-2026112${second}T000000Z.tar.age`])
    for (const file of [...files, 'etcd-cp1-notes.txt']) writeFileSync(join(folder, 'lab', file), '')
    const rotation = collecting({ cp1: offer('20261124T000000Z') }, { folder, keep: 2 }).flatMap(item => (item.type === 'task' && item.id.startsWith('keep') ? [item.spec] : []))[0]
    const { run, unless } = Object.fromEntries(Object.entries(rotation ?? {}))
    expect(runShell(unless.text).status).toBe(1)
    expect(runShell(run.text).status).toBe(0)
    expect(runShell(unless.text).status).toBe(0)
    expect(readdirSync(join(folder, 'lab')).toSorted()).toEqual([...files.filter(file => !/cp1-2026112[12]/.test(file)), 'etcd-cp1-notes.txt'].toSorted())
    expect(runShell(listBackups(join(folder, 'lab')).text).stdout.trim().split('\n').toSorted()).toEqual(files.filter(file => !/cp1-2026112[12]/.test(file)).toSorted())
    expect(runShell(listBackups(join(folder, 'none')).text)).toEqual({ status: 0, stdout: '', stderr: '' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a control plane is told of its own newest copy', () => {
  const told = (names: readonly string[]) => itemsOf(backupMark, { host: { name: 'cp1', address: '' }, vars: { backupStore: { to: 'controller', folder: '/b' } }, inputs: { stored: { names } } })
  expect(specOf(told(['etcd-cp1-20261123T063419Z.tar.age', 'etcd-cp1-20261122T063419Z.tar.age', 'etcd-cp2-20261124T063419Z.tar.age']), 'file', '/var/backups/ts-play/stored')).toMatchObject({ content: 'etcd-cp1-20261123T063419Z.tar.age\ncontroller\n', mode: 0o600 })
  expect(told(['etcd-cp2-20261124T063419Z.tar.age'])).toEqual([])
})

test.each([[undefined, 'there is no backupStore'], [{ to: 's3', endpoint: 'https://x', bucket: 'abc', accessKeyId: 'a', secretAccessKey: 'b' }, 'backupStore is s3']])('without a store on the controller nothing comes', (backupStore, why) => {
  expect(backupCollection.body.skip?.({ host: { name: 'controller', address: '' }, vars: { backupStore }, facts: {}, inputs: {} })).toBe(why)
})
