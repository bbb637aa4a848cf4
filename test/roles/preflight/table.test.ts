import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const rows = (/^## What complaints are met with[\s\S]*?(?=^## )/m.exec(read('ARCHITECTURE.md'))?.[0] ?? '')
  .split('\n').filter(line => /^\| (?!complaint)/.test(line)).map(line => line.split('|').slice(1, -1).map(cell => cell.trim()))
const files: Readonly<Record<string, string>> = { provoked: 'test/lab/preflight.test.ts', recorded: 'test/roles/preflight/recorded.test.ts', judged: 'test/roles/preflight/judge.test.ts' }

test('the table has its rows', () => {
  expect(rows.length).toBeGreaterThan(25)
})

test.each(rows.map(row => [row[0] ?? '', row] as const))('%s: the test is there, and the check', (_, [, check = '', , shown = '', name = '']) => {
  expect(read(files[/^\w+/.exec(shown)?.[0] ?? ''] ?? '')).toContain(name)
  expect(read('roles/preflight/complaint.ts')).toContain(`'${/`([a-z-]+)`/.exec(check)?.[1]}'`)
})
