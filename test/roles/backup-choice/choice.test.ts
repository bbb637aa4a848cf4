import { expect, test } from 'vitest'
import { pick } from '../../../roles/backup-choice/pick.ts'
import { restoreFrom, wanted } from '../../../roles/backup-choice/variables.ts'

const [old, young] = ['etcd-cp9-20261123T063419Z.tar.age', 'etcd-cp1-20261124T063419Z.tar.age'] as const

test.each([
  [undefined, undefined, 'nothing'],
  ['/b/x.tar', undefined, 'local'],
  ['/b/x.tar', { to: 's3' as const }, 'local'],
  ['newest', { to: 's3' as const }, 'remote'],
  [old, { to: 'controller' as const }, 'local'],
  ['newest', undefined, 'nowhere'],
])('restoreFrom %s of %j is %s', (from, backupStore, where) => {
  expect(wanted({ restoreFrom: from, backupStore })).toBe(where)
})

test('the newest, or the one that was asked for; else what there is', () => {
  expect(pick(['', young, old, 'stored'], 'newest', 'here')).toBe(young)
  expect(pick([young, old], old, 'here')).toBe(old)
  expect(() => pick([young], old, 'here')).toThrow(`there is no ${old} in here; the newest of 1 is ${young}`)
  expect(() => pick([''], 'newest', 'here')).toThrow('there is no backup in here')
})

test.each(['oldest', 'etcd.tar', '../etcd-cp1-20261124T063419Z.tar'])('restoreFrom %s is refused', given => {
  expect(() => restoreFrom.parse(given)).toThrow(/expected a path on the controller/)
})
