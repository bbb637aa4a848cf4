import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { differences, verification } from './verify.ts'
import { JINJA, rendered, type Item } from './work/item.ts'
import { HUNDRED, mixed, templates, THIRTY } from './work/mixed.ts'

const items: readonly Item[] = [
  { kind: 'directory', path: '/srv/bench', mode: '0755' },
  { kind: 'file', path: '/srv/bench/a', mode: '0600', content: 'a\n' },
  { kind: 'symlink', path: '/srv/bench/b', to: '/srv/bench/a' },
]
const wanted = verification(items)
const right = wanted.expected.map(line => `${line}\n`).join('')

describe('the end state of a run', () => {
  test('is right when every line is as expected', () => expect(differences(wanted, right)).toEqual([]))

  test.each([
    ['a mode', '600', '644', 'expected regular file 600 root:root, got regular file 644 root:root'],
    ['a target', '/srv/bench/a\n', '/srv/bench/c\n', 'expected /srv/bench/a, got /srv/bench/c'],
  ])('that differs in %s is told with what was expected', (_, is, instead, words) => expect(differences(wanted, right.replace(is, instead)).join()).toContain(words))

  test('of which a part was not told differs', () => expect(differences(wanted, right.split('\n').slice(0, 2).join('\n'))).not.toEqual([]))

  test('with more said than asked is no end state', () => expect(differences(wanted, `${right}more\n`)).not.toEqual([]))

  test('is asked by a script that a shell understands', () => expect(() => execFileSync('sh', ['-n'], { input: verification(mixed(HUNDRED)).script })).not.toThrow())
})

describe('the work', () => {
  test.each([[HUNDRED, 100], [THIRTY, 30]])('%j is %i resources, each with a name of its own', (mixture, count) => {
    const made = mixed(mixture)
    expect(made).toHaveLength(count)
    const names = made.map(item => `${item.kind} ${item.kind === 'line' ? item.line : 'path' in item ? item.path : 'name' in item ? item.name : item.creates}`)
    expect(new Set(names).size).toBe(count)
  })

  test('of little is one template that differs', () => {
    const [before, after] = [templates(1), templates(2)]
    expect(after.filter((item, index) => JSON.stringify(item) !== JSON.stringify(before[index]))).toHaveLength(1)
  })

  test('has one template in two languages', () => {
    const values = { title: 'x', port: 1, peers: ['p', 'q'], level: 'info' }
    const filled = JINJA.replaceAll('{{ title }}', 'x').replaceAll('{{ port }}', '1').replaceAll('{{ level }}', 'info').replace(/\{% for.*endfor %\} # .*/, 'peer = p:1;peer = q:1; # 2 in all')
    expect(rendered(values)).toBe(filled)
  })
})
