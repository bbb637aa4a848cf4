import { describe, expect, test } from 'vitest'
import type { Change } from '../../engine/model/change.ts'
import { changeSummary } from '../../engine/render/change-summary.ts'
import { diff, loadCompare } from '../../engine/render/diff.ts'
import { paint } from '../../engine/render/paint.ts'
import { absent, hidden, modifies, text, value } from './support/recording.ts'

const compare = await loadCompare()
const lines = (...changes: Change[]): string => diff(changes, { host: 'm1', brush: paint(false), compare }).join('\n')
const destroys = (permitted: boolean): Change => ({ effect: 'destroys', attribute: 'data', from: value('412 MB'), to: absent, permitted, because: 'it belongs to another cluster' })
const numbered = (count: number, prefix = 'line'): string => Array.from({ length: count }, (_, index) => `${prefix} ${index}\n`).join('')

test('an attribute shows both values, an empty one as such', () => {
  expect(lines(modifies('mode', value('0644'), value('0600')), modifies('gecos', value(''), value('Ann')), modifies('version', absent, value('2.1')), modifies('shell', value('/bin/sh'), absent))).toMatchInlineSnapshot(`
    "mode: 0644 → 0600
    gecos: '' → Ann
    version: absent → 2.1
    shell: /bin/sh → absent"
  `)
})

test('a text shows what differs with three lines around it, and a missing last newline', () => {
  expect(lines(modifies('content', text(numbered(20)), text(`${numbered(20).replace('line 9\n', 'line nine\n')}end`)))).toMatchInlineSnapshot(`
    "content:
    @@ -7,7 +7,7 @@
     line 6
     line 7
     line 8
    -line 9
    +line nine
     line 10
     line 11
     line 12
    @@ -18,3 +18,4 @@
     line 17
     line 18
     line 19
    +end
    \\ No newline at end of file"
  `)
})

test('a new text is all plus, a removed one all minus', () => {
  expect(lines(modifies('content', absent, text('a\nb\n')))).toBe('content: new\n+a\n+b')
  expect(lines(modifies('content', text('a\nb'), absent))).toBe('content: removed\n-a\n-b')
})

test('a secret shows that it differs and never what', () => {
  expect(lines(modifies('content', hidden, hidden))).toBe('content: (secret changed)')
  expect(lines(modifies('content', absent, hidden))).toBe('content: (secret added)')
  expect(lines(modifies('content', text('old'), hidden))).toBe('content: (secret changed)')
  expect(lines(modifies('content', hidden, absent))).toBe('content: (secret removed)')
})

test('texts that differ only in what was hidden say so', () => {
  expect(lines(modifies('content', text('token ***\n'), text('token ***\n')))).toBe('content: differs only where it is hidden')
})

describe('a loss of data', () => {
  test('comes before everything else and is marked on each line', () => {
    expect(lines(modifies('owner', value('root'), value('etcd')), destroys(true))).toMatchInlineSnapshot(`
      "! DESTROYS data: it belongs to another cluster (permitted)
      ! data: 412 MB → absent
      owner: root → etcd"
    `)
  })

  test('without permission names the option that gives it', () => {
    expect(lines(destroys(false))).toContain('! DESTROYS data: it belongs to another cluster (not permitted: needs --allow-destroy m1)')
  })

  test('stands first in a summary too', () => {
    expect(changeSummary([modifies('owner', value('root'), value('etcd')), destroys(false)])).toBe('DESTROYS data 412 MB → absent (by --allow-destroy only), owner root → etcd')
  })
})

test('commands and waits are explained', () => {
  expect(lines({ effect: 'runs', attribute: 'swapoff -a' }, { effect: 'waits', attribute: 'port 6443 to answer' })).toMatchInlineSnapshot(`
    "runs swapoff -a (nothing can be known before, nothing is verified after)
    waits for port 6443 to answer (changes nothing; goes on once it holds)"
  `)
})

test('what is long is cut after 60 lines, and the rest is a number', () => {
  const shown = lines(modifies('content', absent, text(numbered(260)))).split('\n')
  expect(shown).toHaveLength(62)
  expect(shown.at(-1)).toBe('… 200 more lines')
  expect(lines(modifies('content', absent, text(numbered(60)))).split('\n')).toHaveLength(61)
})

test('a line of a megabyte is cut', () => {
  expect(lines(modifies('content', absent, text('x'.repeat(1_000_000)))).length).toBeLessThan(400)
})

test('texts that have nothing in common are not compared for seconds', () => {
  const begun = process.cpuUsage()
  expect(lines(modifies('content', text(numbered(50_000)), text(numbered(40_000, 'other'))))).toBe('content: too different to be compared line by line, 50000 → 40000 lines')
  expect(process.cpuUsage(begun).user / 1000).toBeLessThan(2000)
})

test('a summary names at most four differences and cuts long values', () => {
  const many = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => modifies(name, absent, value('1')))
  expect(changeSummary(many)).toBe('a absent → 1, b absent → 1, c absent → 1, d absent → 1 and 2 more')
  expect(changeSummary([modifies('key', value('k'.repeat(200)), value(''))])).toBe(`key ${'k'.repeat(39)}… → ''`)
})
