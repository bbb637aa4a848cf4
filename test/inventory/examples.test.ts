import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { read } from '../../engine/inventory/read.ts'
import { printed } from './support.ts'

describe('the inventories that come with ts-play', () => {
  test.each(['prod.yaml', 'lab.yaml'])('%s has no mistakes and the groups of the playbook', async name => {
    const { inventory, diagnostics } = await read([fileURLToPath(new URL(`../../inventory/${name}`, import.meta.url))])
    expect(printed(diagnostics)).toBe('')
    expect([...inventory.groups.keys()]).toEqual(['all', 'lb', 'masters', 'workers'])
  })
})
