import { describe, expect, test } from 'vitest'
import { directory } from '../../engine/inventory/directory.ts'
import { membersOf, resolvePattern } from '../../engine/inventory/resolve-pattern.ts'
import { controller, everyone, except, groups, members, union, type HostPattern } from '../../engine/model/group.ts'
import { inventoryOf } from './support.ts'

const { masters, workers, lb, mastres, empty } = groups('masters', 'workers', 'lb', 'mastres', 'empty')
const inventory = await inventoryOf('workers: { hosts: { w1: , w2: } }\nmasters: { hosts: { m1: , m2: } }\nlb: { hosts: { m2: , m1: } }\nempty: {}')
const names = (pattern: HostPattern): unknown => {
  const found = resolvePattern(pattern, inventory)
  return 'hosts' in found ? found.hosts.map(host => host.name) : found
}

describe("a play's pattern", () => {
  test('gives each host once, in inventory order', () => {
    expect(names(union(lb, masters, workers))).toEqual(['w1', 'w2', 'm1', 'm2'])
    expect(names(lb)).toEqual(['m1', 'm2'])
    expect(names(everyone)).toEqual(['w1', 'w2', 'm1', 'm2'])
    expect(names(except(everyone, union(workers, lb)))).toEqual([])
    expect(names(except(everyone, masters))).toEqual(['w1', 'w2'])
    expect(names(empty)).toEqual([])
  })

  test('knows the controller, which is of no group', () => {
    expect(names(controller)).toEqual(['localhost'])
    expect(names(union(controller, masters))).toEqual(['m1', 'm2', 'localhost'])
    expect(names(except(union(controller, masters), masters))).toEqual(['localhost'])
  })

  test('with an unknown group says which groups there are', () => {
    expect(names(union(masters, mastres))).toEqual({ problem: 'no group `mastres` in the inventory', hint: 'did you mean `masters`?' })
    expect(names(groups('etcd').etcd)).toEqual({ problem: 'no group `etcd` in the inventory', hint: 'its groups are all, workers, masters, lb, empty' })
  })

  test('a group that an inventory may lack has no hosts there, and its own where it is', () => {
    const { lb: balancers, proxies } = groups('lb?', 'proxies?')
    expect(names(balancers)).toEqual(['m1', 'm2'])
    expect(names(proxies)).toEqual([])
    expect(names(union(proxies, masters))).toEqual(['m1', 'm2'])
    expect(directory(inventory).resolve({ type: 'group', name: 'proxies', members: members(proxies) })).toEqual({ hosts: [] })
  })

  test('members of groups are hosts in inventory order', () => {
    expect(membersOf(['lb', 'workers'], inventory).map(host => host.name)).toEqual(['w1', 'w2', 'm1', 'm2'])
  })

  test('the directory answers planning with names', () => {
    const known = directory(inventory)
    expect(known.resolve(lb)).toEqual({ hosts: ['m1', 'm2'] })
    expect(known.resolve(mastres)).toEqual({ problem: 'no group `mastres` in the inventory', hint: 'did you mean `masters`?' })
    expect([known.hasHost('m1'), known.hasHost('localhost'), known.hasHost('lb')]).toEqual([true, true, false])
  })
})
