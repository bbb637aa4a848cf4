import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { selections } from '../../plan/selections.ts'
import { ours } from './ours.ts'
import { recorded } from './recorded.ts'
import { rows, tables } from './rows.ts'
import { shown } from './scenario.ts'

describe.each(Object.entries(tables))('%s', (_table, table) => {
  test.each(table)('$name', async row => {
    expect(shown(await ours(row), row.order)).toEqual(row.gives)
  })
  test.each(table.filter(row => !row.ansible || 'gives' in row.ansible))('$name: what ansible-core does is what the table says', ({ name, gives, ansible }) => {
    const differs = ansible && 'gives' in ansible ? ansible.gives : undefined
    expect(recorded.rows[name]).toEqual(differs ?? gives)
    expect(differs, 'a difference that is none').not.toEqual(gives)
  })
})

test('no two rows have one name, and the recording holds nothing else', () => {
  const names = rows.filter(row => !row.ansible || 'gives' in row.ansible).map(row => row.name)
  expect(Object.keys(recorded.rows).toSorted()).toEqual(names.toSorted())
})

test('ARCHITECTURE.md lists the differences, each and no other', async () => {
  const text = await readFile(new URL('../../../ARCHITECTURE.md', import.meta.url), 'utf8')
  const [, section = ''] = /^## Where we differ from Ansible\n([^]*?)^## /m.exec(text) ?? []
  const listed = [...section.matchAll(/^\| ([^|]*\S) \|/gm)].map(([, title]) => title ?? '')
  const found = [...rows.flatMap(({ ansible }) => (ansible && 'differs' in ansible ? [ansible.differs] : [])), ...selections.flatMap(({ ansible }) => (ansible && 'differs' in ansible ? ansible.differs : []))]
  expect(listed.toSorted()).toEqual([...new Set(found)].toSorted())
  expect(section).toContain(`ansible-core ${recorded.version.split('.').slice(0, 2).join('.')}`)
})
