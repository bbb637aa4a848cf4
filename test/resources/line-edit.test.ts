import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withEntry, withoutEntry } from '../../engine/resources/hosts-edit.ts'
import { withLine, withoutLine } from '../../engine/resources/line-edit.ts'

const text = fc.array(fc.constantFrom('', 'a', 'a=1', 'a=2', '#a=1', 'b', 'b=1', ' a=1'), { maxLength: 8 }).chain(lines => fc.constantFrom('', '\n').map(end => lines.join('\n') + end))

describe('editing a line', () => {
  test.each([
    ['at the end of a file', 'x\n', {}, 'x\nnew=1\n'],
    ['at the end of a file without a last newline', 'x', {}, 'x\nnew=1\n'],
    ['into an empty file', '', {}, 'new=1\n'],
    ['not at all where it is', 'x\nnew=1\ny\n', {}, 'x\nnew=1\ny\n'],
    ['not at all where it is, not even the missing newline', 'x\nnew=1', {}, 'x\nnew=1'],
    ['in the place of the last match', '#new=0\nnew=2\nnew=3\ny\n', { match: /^#?new=/ }, '#new=0\nnew=2\nnew=1\ny\n'],
    ['after the last line that is named', 'a\nb\na\nc\n', { after: /^a$/ }, 'a\nb\na\nnew=1\nc\n'],
    ['before the last line that is named', 'a\nb\na\nc\n', { before: /^a$/ }, 'a\nb\nnew=1\na\nc\n'],
    ['at the end where the line that is named is missing', 'a\n', { before: /^z$/ }, 'a\nnew=1\n'],
  ])('puts it %s', (_, before, wish, after) => {
    expect(withLine(before, { line: 'new=1', ...wish })).toBe(after)
  })

  test('twice is once, whatever the file', () => {
    fc.assert(fc.property(text, fc.constantFrom(undefined, /^#?a=/), fc.constantFrom({}, { after: /^b/ }, { before: /^b/ }), (before, match, place) => {
      const once = withLine(before, { line: 'a=3', match, ...place })
      expect(withLine(once, { line: 'a=3', match, ...place })).toBe(once)
      expect(once.split('\n')).toContain('a=3')
    }))
  })

  test('away leaves no line like it, and every other line as it was', () => {
    fc.assert(fc.property(text, before => {
      const after = withoutLine(before, { match: /^a=/ })
      expect(after.split('\n').filter(line => line.startsWith('a='))).toEqual([])
      expect(withoutLine(after, { match: /^a=/ })).toBe(after)
    }))
    expect(withoutLine('x\ny\nx\n', { line: 'x' })).toBe('y\n')
    expect(withoutLine('x', { line: 'y' })).toBe('x')
  })
})

const debian = '127.0.0.1\tlocalhost\n127.0.1.1\tnode1.lab node1\n\n# IPv6\n::1 localhost ip6-localhost # loopback\n'

describe('editing a hosts file', () => {
  test.each([
    ['adds a line', '10.0.0.9', ['api.k8s', 'api'], `${debian}10.0.0.9\tapi.k8s api\n`],
    ['takes the name from another address, and the line with it', '10.0.0.1', ['node1.lab', 'node1'], debian.replace('127.0.1.1\tnode1.lab node1\n', '') + '10.0.0.1\tnode1.lab node1\n'],
    ['takes one name and leaves the other', '10.0.0.1', ['node1'], `${debian.replace('node1.lab node1', 'node1.lab')}10.0.0.1\tnode1\n`],
    ['leaves what is as wished byte for byte', '::1', ['localhost'], debian],
    ['knows an IPv6 address in another spelling', '0:0:0:0:0:0:0:1', ['LOCALHOST'], debian.replace('::1 localhost ip6-localhost', '::1\tLOCALHOST ip6-localhost')],
    ['puts its names first and keeps the others', '127.0.0.1', ['me'], debian.replace('\tlocalhost', '\tme localhost')],
    ['does not touch a name of the other family', '10.1.1.1', ['ip6-localhost'], `${debian}10.1.1.1\tip6-localhost\n`],
  ])('%s', (_, address, names, after) => {
    expect(withEntry(debian, { address, names })).toBe(after)
  })

  test('folds several lines of an address into one and keeps comments', () => {
    expect(withEntry('10.0.0.1 a # first\n10.0.0.2 c # other\n10.0.0.1 b # second\n', { address: '10.0.0.1', names: ['c'] })).toBe('10.0.0.1\tc a b # first\n# other\n# second\n')
  })

  test('takes names away and no more', () => {
    expect(withoutEntry(debian, { address: '127.0.1.1', names: ['node1'] })).toBe(debian.replace('node1.lab node1', 'node1.lab'))
    expect(withoutEntry(debian, { address: '127.0.0.1', names: ['node1'] })).toBe(debian)
    expect(withoutEntry('10.0.0.1 a # why\n', { address: '10.0.0.1', names: ['A'] })).toBe('# why\n')
  })

  test('twice is once, whatever the file', () => {
    const line = fc.record({ address: fc.constantFrom('10.0.0.1', '10.0.0.2', '::1', '0::1', '#', 'junk'), names: fc.array(fc.constantFrom('a', 'b', 'B', 'c'), { maxLength: 4 }), comment: fc.constantFrom('', ' # x') })
    const file = fc.array(line, { maxLength: 6 }).map(lines => lines.map(({ address, names, comment }) => `${address} ${names.join(' ')}${comment}`).join('\n'))
    fc.assert(fc.property(file, fc.constantFrom('10.0.0.1', '::1'), fc.uniqueArray(fc.constantFrom('a', 'b', 'd'), { minLength: 1 }), (before, address, names) => {
      const once = withEntry(before, { address, names })
      expect(withEntry(once, { address, names })).toBe(once)
      const gone = withoutEntry(once, { address, names })
      expect(withoutEntry(gone, { address, names })).toBe(gone)
    }))
  })
})
