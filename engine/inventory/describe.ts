import { Secret } from '../model/secret.ts'

/** A value as an error names it: short, and never what is secret. */
export function describe(value: unknown): string {
  if (value instanceof Secret) return Secret.reveal<unknown>(value) === '' ? 'an empty secret' : 'a secret'
  if (value === undefined) return 'nothing'
  if (value === null) return 'nothing (null)'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'string') return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}…` : JSON.stringify(value)
  return typeof value === 'number' || typeof value === 'boolean' ? `${typeof value} ${value}` : `a ${typeof value}`
}
