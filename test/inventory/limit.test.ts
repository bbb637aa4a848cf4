import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limit } from '../../engine/inventory/limit.ts'
import { inventoryOf, limited } from './support.ts'

const inventory = await inventoryOf(`
masters: { hosts: { 'm[1:3]': } }
workers: { hosts: { 'w[01:05]': } }
lb: { hosts: { m3: , lb1: } }
web-eu: { hosts: { 'fe80::1': } }
empty: {}
`)

describe('--limit', () => {
  test.each([
    ['m1', ['m1']],
    ['masters', ['m1', 'm2', 'm3']],
    ['lb,m1', ['m1', 'm3', 'lb1']],
    ['lb:m1', ['m1', 'm3', 'lb1']],
    [' m2 , m1 ', ['m1', 'm2']],
    ['all', ['m1', 'm2', 'm3', 'w01', 'w02', 'w03', 'w04', 'w05', 'lb1', 'fe80::1']],
    ['*', ['m1', 'm2', 'm3', 'w01', 'w02', 'w03', 'w04', 'w05', 'lb1', 'fe80::1']],
    ['masters:!m2', ['m1', 'm3']],
    ['!m2:masters', ['m1', 'm3']],
    ['!workers', ['m1', 'm2', 'm3', 'lb1', 'fe80::1']],
    ['masters:&lb', ['m3']],
    ['&lb', ['m3', 'lb1']],
    ['masters:lb:&lb:!m3', ['lb1']],
    ['w*', ['w01', 'w02', 'w03', 'w04', 'w05', 'fe80::1']],
    ['w0[13]', ['w01', 'w03']],
    ['m?', ['m1', 'm2', 'm3']],
    ['{m1,w05}', ['m1', 'w05']],
    ['all:!nope*', ['m1', 'm2', 'm3', 'w01', 'w02', 'w03', 'w04', 'w05', 'lb1', 'fe80::1']],
    ['masters[0]', ['m1']],
    ['masters[-1]', ['m3']],
    ['masters[1:]', ['m2', 'm3']],
    ['masters[0:1]', ['m1', 'm2']],
    ['masters[:1]', ['m1', 'm2']],
    ['masters[-2:]', ['m2', 'm3']],
    ['workers[0]:masters[0]', ['m1', 'w01']],
    ['w*[0]', ['w01']],
    ['~w0[12]', ['w01', 'w02']],
    ['~(m1|lb)$', ['m1', 'm3', 'lb1']],
    ['~w\\d{1,2}', ['w01', 'w02', 'w03', 'w04', 'w05']],
    ['fe80::1', ['fe80::1']],
    ['m1,!fe80::1', ['m1']],
    ['localhost', ['localhost']],
  ])('%s means %j', async (expression, hosts) => {
    expect(await limited(expression, inventory)).toEqual(hosts)
  })

  test.each([
    ['', 'empty pattern (an empty limit never means all hosts: write `all` for that, or leave --limit out)'],
    ['  ', 'empty pattern (an empty limit never means all hosts: write `all` for that, or leave --limit out)'],
    [',', 'empty part in `,` (an empty limit never means all hosts: write `all` for that, or leave --limit out)'],
    [':', 'empty part in `:` (an empty limit never means all hosts: write `all` for that, or leave --limit out)'],
    ['m1,', 'empty part in `m1,` (an empty limit never means all hosts: write `all` for that, or leave --limit out)'],
    ['!', 'empty part in `!` (an empty limit never means all hosts: write `all` for that, or leave --limit out)'],
    ['mastres', 'no host and no group `mastres` in the inventory (did you mean `masters`?)'],
    ['all:!m9', 'no host and no group `m9` in the inventory (did you mean `m1`?)'],
    ['etcd', 'no host and no group `etcd` in the inventory (its groups are all, masters, workers, lb, web-eu, empty)'],
    ['empty', '`empty` matches no host (the group is empty, or no name looks like this)'],
    ['x*', '`x*` matches no host (the group is empty, or no name looks like this)'],
    ['masters:!masters', '`masters:!masters` matches no host (its parts do, but not together)'],
    ['masters[3]', '`masters[3]` matches no host (`masters` has 3 hosts, counted from 0)'],
    ['masters[-4]', '`masters[-4]` matches no host (`masters` has 3 hosts, counted from 0)'],
    ['~(', '`~(` is no regular expression: Invalid regular expression: /^(?:()/: Unterminated group (`~` starts a regular expression, matched from the start of a name)'],
    ['@nowhere', 'cannot read `nowhere`: missing (`@FILE` names a file with one pattern on each line)'],
    ['@none', '`none` names no host (an empty limit never means all hosts)'],
    ['@more', '`more` names another file (a file of patterns holds names and patterns only)'],
  ])('%s is refused', async (expression, problem) => {
    expect(await limited(expression, inventory, { none: '\n# nobody\n', more: 'm1\n@other\n' })).toBe(problem)
  })

  test('a file has one pattern on each line', async () => {
    expect(await limited('@retry:!m3', inventory, { retry: '# failed\nm1\n\nlb # balancers\r\n' })).toEqual(['m1', 'lb1'])
  })

  test('no expression throws, gives nobody, or gives a host twice', async () => {
    const part = fc.constantFrom('m1', 'masters', 'all', '*', '!', '&', ':', ',', '[', ']', '0', '-1', '~', '(', '@', '{', '}', ' ', 'w0?', '!(', '\\', '[!a]')
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.array(part, { maxLength: 8 }).map(parts => parts.join('')), fc.string()), async expression => {
        const found = await limit(expression, inventory, { files: { read: () => Promise.resolve({ type: 'missing' }), list: () => Promise.resolve(undefined) } })
        if ('hosts' in found) expect([found.hosts.length > 0, new Set(found.hosts).size]).toEqual([true, found.hosts.length])
        else expect(found.problem).not.toBe('')
      }),
      { numRuns: 2000 },
    )
  })
})
