import { describe, expect, test } from 'vitest'
import { Secret } from '../../engine/index.ts'
import * as outputs from '../../roles/outputs.ts'

/** Every leaf of a value by its path. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  if (value instanceof Secret) return [[path, Secret.reveal<unknown>(value)]]
  if (Array.isArray(value)) return value.flatMap((item, index) => leaves(item, `${path}[${index}]`))
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, item]) => leaves(item, `${path}.${key}`))
  return [[path, value]]
}

describe('stand-ins of outputs', () => {
  test.each(Object.entries(outputs))('%s: no field is the same in both worlds', (_, output) => {
    const a = new Map(leaves(output.standIn('a')))
    const b = new Map(leaves(output.standIn('b')))
    expect([...a].filter(([path, value]) => b.has(path) && b.get(path) === value)).toEqual([])
  })

  test('every output has a name of its own', () => {
    const ids = Object.values(outputs).map(output => output.id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})
