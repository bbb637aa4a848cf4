import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memory } from '../../engine/inventory/files.ts'
import { MAX_BYTES } from '../../engine/inventory/load.ts'
import { read } from '../../engine/inventory/read.ts'
import { printed, readText } from './support.ts'

/** Text that means harm, and the beginning of what is said about it. */
const hostile: readonly { readonly name: string; readonly yaml: string; readonly says: RegExp }[] = [
  { name: 'a __proto__ among the groups', yaml: '__proto__: { vars: { polluted: 1 } }\nall: { hosts: { m1: } }', says: /`__proto__` cannot be a name/ },
  { name: 'a __proto__ among the hosts', yaml: 'all: { hosts: { __proto__: { polluted: 1 } } }', says: /`__proto__` cannot be a name/ },
  { name: 'a __proto__ deep in a variable', yaml: 'all: { hosts: { m1: { a: [{ b: { __proto__: { polluted: 1 } } }] } } }', says: /`__proto__` cannot be a name/ },
  { name: 'a __proto__ through a merge', yaml: 'all: { vars: { a: &x { "__proto__": { polluted: 1 } }, b: { <<: *x } }, hosts: { m1: } }', says: /`__proto__` cannot be a name/ },
  { name: 'a constructor with a prototype', yaml: 'all: { hosts: { m1: { constructor: { prototype: { polluted: 1 } } } } }', says: /`constructor` cannot be a name/ },
  { name: 'billions of aliased values', yaml: `all:\n  vars:\n    a0: &a0 [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 12 }, (_, n) => `    a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}]\n`).join('')}  hosts: { m1: }`, says: /aliases expand to too much/ },
  { name: 'billions of aliased groups', yaml: `all:\n  children:\n    g0: &g0 { hosts: { m1: } }\n${Array.from({ length: 40 }, (_, n) => `    g${n + 1}: &g${n + 1} { children: { a${n}: *g${n}, b${n}: *g${n} } }\n`).join('')}`, says: /^$/ },
  { name: 'billions of merged mappings', yaml: `all:\n  vars:\n    a0: &a0 { x: 1 }\n${Array.from({ length: 40 }, (_, n) => `    a${n + 1}: &a${n + 1} { <<: [*a${n}, *a${n}] }\n`).join('')}  hosts: { m1: }`, says: /^$/ },
  { name: 'a list that holds itself', yaml: 'all: { vars: { a: &a [*a, *a] }, hosts: { m1: } }', says: /aliases expand to too much, or to themselves/ },
  { name: 'a mapping that merges itself', yaml: 'all: { vars: { a: &a { <<: *a, b: 1 } }, hosts: { m1: } }', says: /^$/ },
  { name: 'a group that is its own child by an alias', yaml: 'all: { children: &c { g: { hosts: { m1: }, children: *c } } }', says: /group `g` holds itself/ },
  { name: 'thousands of levels', yaml: `${'['.repeat(20_000)}`, says: /nested too deep|YAML syntax/ },
  { name: 'hundreds of levels', yaml: `all: { vars: { a: ${'['.repeat(200)}${']'.repeat(200)} }, hosts: { m1: } }`, says: /nested more than 64 levels/ },
  { name: 'hundreds of nested groups', yaml: Array.from({ length: 200 }, (_, n) => `g${n}: { children: { g${n + 1}: } }\n`).join('').concat('g200: { hosts: { m1: } }'), says: /nested more than 64 levels/ },
  { name: 'a range of millions', yaml: 'all: { hosts: { "w[1:60000][1:60000]": } }', says: /stands for more than 65536 hosts/ },
  { name: 'ranges and aliases that multiply', yaml: `all:\n  children:\n    g: { hosts: &h { 'w[1:60000]': } }\n${Array.from({ length: 40 }, (_, n) => `    g${n}: { hosts: *h }\n`).join('')}`, says: /more than 1000000 hosts/ },
  { name: 'a host that is a path', yaml: 'all: { hosts: { ../../etc/passwd: } }', says: /cannot be a host's name/ },
  { name: 'a host that is an option of ssh', yaml: 'all: { hosts: { "-oProxyCommand=reboot": } }', says: /cannot be a host's name/ },
  { name: 'a host that is a command', yaml: 'all: { hosts: { "m1;reboot": , "$(reboot)": , "m1 m2": } }', says: /cannot be a host's name/ },
  { name: 'a group that is a pattern', yaml: '"!masters": { hosts: { m1: } }', says: /cannot be a group's name/ },
  { name: 'escape sequences in names', yaml: 'all: { "\\e[2J": , hosts: { "m1\\e]0;x\\a": } }', says: /\\u\{1b\}\[2J/ },
  { name: 'a text that turns around', yaml: 'all: { hosts: { m1: }, "\u202Evars": { a: 1 } }', says: /\\u\{202e\}vars/ },
  { name: 'code in a tag', yaml: 'all: { vars: { a: !!js/function "() => process.exit()" }, hosts: { m1: } }', says: /is not understood/ },
]

describe('hostile text does no harm', () => {
  test.each(hostile)('$name', async ({ yaml, says }) => {
    const { inventory, diagnostics } = await readText(yaml)
    const shown = printed(diagnostics)
    expect(shown).toMatch(says)
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    expect(inventory.hosts.every(host => !('polluted' in host.vars))).toBe(true)
  })

  test('a file without an end is read only so far', async () => {
    const { diagnostics } = await read(['/dev/zero'])
    expect(printed(diagnostics)).toBe('error: /dev/zero: larger than 16 MiB\n  split it into files of a folder')
    expect(MAX_BYTES).toBe(16 * 1024 * 1024)
  })

  test('a flat mapping of a hundred thousand names does not take time with its square', async () => {
    const started = process.cpuUsage()
    await readText(`all: { vars: {${Array.from({ length: 100_000 }, (_, n) => `v${n}: 1`).join(', ')}}, hosts: { m1: } }`)
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(10_000)
  })
})

describe('no input makes read throw', () => {
  const scalar = fc.oneof(
    fc.constantFrom('', 'all', 'hosts', 'vars', 'children', 'm[1:3]', 'yes', '0644', '*a', '&a x', '<<', '!vault x', '!env X', '!file x', '{{ x }}', '[', '{', '"', "'", '|', '>', '- ', '? ', ': ', '#', '---', '...', '%YAML 1.1', '__proto__', 'ansible_port', 'ansible_password', '\t', '\u0000', '\ud800'),
    fc.string({ maxLength: 12, unit: 'binary' }),
    fc.integer().map(String),
  )

  test('pieces of YAML in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(scalar, fc.constantFrom('\n', ': ', '\n  ', '\n    ', ', ', ' '))), async pieces => {
        const text = pieces.flat().join('')
        const { diagnostics } = await read(['prod.yaml'], { files: memory({ 'prod.yaml': text, 'group_vars/all.yaml': text, 'host_vars/m1/x.yml': text }) })
        for (const found of diagnostics) expect(found.message).not.toBe('')
      }),
      { numRuns: 2000 },
    )
  })

  test('any value in the place of any part, as JSON', async () => {
    const value = fc.letrec(tie => ({
      node: fc.oneof({ depthSize: 'small' }, fc.constantFrom(null, true, 1, 'x', -1, 70_000), fc.array(tie('node'), { maxLength: 3 }), fc.dictionary(fc.oneof(fc.constantFrom('all', 'hosts', 'vars', 'children', 'g', 'm1', 'ansible_port', 'ansible_become', 'ansible_host', 'ansible_connection', '<<', 'm[1:9]'), fc.string({ maxLength: 5 })), tie('node'), { maxKeys: 5 })),
    })).node
    await fc.assert(
      fc.asyncProperty(value, async node => {
        const { inventory } = await readText(JSON.stringify({ all: node }))
        for (const host of inventory.hosts) expect(inventory.groups.get('all')).toContain(host.name)
      }),
      { numRuns: 1000 },
    )
  })

  test('any bytes', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async bytes => void (await readText({ 'prod.yaml': bytes }))), { numRuns: 500 })
  })
})

test('2000 hosts are read in less than 1.5 s of a processor', async () => {
  const group = (g: number): string => `    g${g}:\n      vars: { x: ${g}, list: [1, 2, 3] }\n      hosts:\n${Array.from({ length: 100 }, (_, h) => `        h${g}-${h}:\n          ansible_host: 10.0.${g}.${h}\n          rack: r${h}\n          labels: { a: 1, b: two }\n`).join('')}`
  const yaml = `all:\n  children:\n${Array.from({ length: 20 }, (_, g) => group(g)).join('')}`
  const started = process.cpuUsage()
  const { inventory, diagnostics } = await readText(yaml)
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(1500)
  expect([inventory.hosts.length, diagnostics.length]).toEqual([2000, 0])
})
