import { Secret } from '../model/secret.ts'

/** Deep equality of plain data, Commands and Secrets: what "the same task in both worlds" and "hosts agree" mean. */
export function same(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true
  if (left instanceof Secret && right instanceof Secret) return same(Secret.reveal(left), Secret.reveal(right))
  if (Array.isArray(left) && Array.isArray(right)) return left.length === right.length && left.every((item, index) => same(item, right[index]))
  if (left instanceof Map && right instanceof Map) return left.size === right.size && [...left].every(([key, value]) => right.has(key) && same(value, right.get(key)))
  if (left instanceof Uint8Array && right instanceof Uint8Array) return left.length === right.length && left.every((byte, index) => byte === right[index])
  if (left instanceof RegExp && right instanceof RegExp) return String(left) === String(right)
  if (!isPlain(left) || !isPlain(right)) return false
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every(key => key in right && same(left[key], right[key]))
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret) && !(value instanceof Map)
}
