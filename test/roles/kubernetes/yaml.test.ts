import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { toYaml, toYamlDocuments } from '../../../roles/kubernetes/yaml.ts'

const scalar = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('yes', 'no', 'on', 'null', '~', '0x10', '1e3', '6443', 'a: b', '- x', '# c', ''), fc.integer(), fc.boolean(), fc.constant(null))
const { data } = fc.letrec(tie => ({
  data: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('data'), { maxLength: 3 }), fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }).filter(key => key !== '__proto__' && key !== '<<'), tie('data'), { maxKeys: 3 })),
}))

test('what is written is what YAML 1.1 and 1.2 read back', () => {
  fc.assert(fc.property(data, value => {
    // oxlint-disable-next-line typescript/consistent-type-assertions
    const text = toYaml(value as never)
    const plain: unknown = JSON.parse(JSON.stringify(value))
    expect(parse(text, { version: '1.1' })).toEqual(plain)
    expect(parse(text, { version: '1.2' })).toEqual(plain)
  }), { numRuns: 400 })
})

test('reads as a person would write it', () => {
  expect(toYaml({ kind: 'X', name: 'yes', port: 6443, empty: [], none: undefined, args: [{ name: 'v', value: '2' }, { name: 'a', value: 'b' }], nested: { deep: { true: true } } })).toMatchInlineSnapshot(`
    "kind: X
    name: "yes"
    port: 6443
    empty: []
    args:
      - name: v
        value: "2"
      - name: a
        value: b
    nested:
      deep:
        "true": true
    "
  `)
})

test('documents are parted by ---', () => {
  expect(parseAllDocuments(toYamlDocuments([{ a: 1 }, { b: 2 }]))).toHaveLength(2)
})
