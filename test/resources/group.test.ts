import { expect, test } from 'vitest'
import { group } from '../../engine/resources/group.ts'
import { applied, expectToParse, plan } from './support/golden.ts'

const etcd = 'etcd:x:997:\n'

test.each([
  ['that is missing', group({ name: 'etcd' }), '', ['state: absent → present'], 'groupadd etcd'],
  ['that is missing and has an id', group({ name: 'etcd', gid: 990, system: true }), '', ['state: absent → present', 'gid: absent → 990'], 'groupadd -r -g 990 etcd'],
  ['with another id', group({ name: 'etcd', gid: 990 }), etcd, ['gid: 997 → 990'], 'groupmod -g 990 etcd'],
  ['to go', group({ name: 'etcd', state: 'absent' }), etcd, ['state: present → absent'], 'groupdel etcd'],
])('a group %s', (_, task, probed, changes, script) => {
  expect(plan(task, probed)).toEqual(changes)
  expect(applied(task, probed)).toBe(script)
})

test('a group as wished', () => {
  expect(plan(group({ name: 'etcd', gid: 997 }), etcd)).toEqual([])
  expect(plan(group({ name: 'etcd' }), etcd)).toEqual([])
  expect(plan(group({ name: 'etcd', state: 'absent' }), '')).toEqual([])
  expectToParse(group({ name: 'etcd' }))
})

test('what can be no group is refused', () => {
  for (const name of ['', '-r', 'a b', 'a:b', 'a,b', '0x', 'x'.repeat(33)]) expect(() => group({ name }), name).toThrow('no name of a user or group')
  expect(() => group({ name: 'x', gid: -1 })).toThrow('no id')
  expect(() => plan(group({ name: 'x' }), 'nonsense\n')).toThrow('group(5)')
})
