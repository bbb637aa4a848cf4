import { describe, expect, test } from 'vitest'
import { nearest } from '../../engine/inventory/suggest.ts'

describe('what was probably meant', () => {
  test.each([
    ['apiport', ['apiPort', 'vip'], 'apiPort'],
    ['api_port', ['vip', 'apiPort'], 'apiPort'],
    ['mastres', ['masters', 'workers'], 'masters'],
    ['master', ['masters', 'workers'], 'masters'],
    ['ansible_usr', ['ansible_port', 'ansible_user'], 'ansible_user'],
    ['wokrers', ['masters', 'workers'], 'workers'],
  ])('%s among %j is %s', (name, candidates, meant) => {
    expect(nearest(name, candidates)).toBe(meant)
  })

  test.each([
    ['lb', ['db', 'workers'], 'db'],
    ['lb', ['workers'], undefined],
    ['etcd', ['masters', 'workers'], undefined],
    ['x', [], undefined],
  ])('%s among %j is %s', (name, candidates, meant) => {
    expect(nearest(name, candidates)).toBe(meant)
  })
})
