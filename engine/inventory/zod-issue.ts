import type { z } from 'zod'
import { Secret } from '../model/secret.ts'
import { describe } from './describe.ts'
import { looksSecret } from './secret-name.ts'
import { branchNames, formatOf, knownKeys } from './schema-keys.ts'
import { didYouMean, list, nearest } from './suggest.ts'

/** One thing that is wrong with a value, in words, and the part that it is about. */
export interface Explained {
  readonly path: readonly PropertyKey[]
  /** The name that is to blame, where it is not the value at `path`. */
  readonly place?: readonly PropertyKey[]
  /** `expected …, got …` */
  readonly message: string
  readonly hint: string | undefined
}

/**
 * Puts what zod found into the user's words.
 *
 * @param given.name the variable's name: one that looks like a secret's has its value not repeated
 * @param given.schema what `input` was parsed with, for the names that it knows
 * @param given.bare the text of an unquoted scalar at a path: `1.30` was written where the number is 1.3
 */
export function explain(given: Found): readonly Explained[] {
  return inWords(given).map(found => misspelt(found, given) ?? found)
}

interface Found {
  readonly name: string
  readonly issue: z.core.$ZodIssue
  readonly input: unknown
  readonly schema: unknown
  readonly bare: (path: readonly PropertyKey[]) => string | undefined
}

/** What is missing stands there under a name that nobody asks for, but for a letter or two. */
function misspelt(found: Explained, { input, schema }: Found): Explained | undefined {
  const [parent, name] = [found.path.slice(0, -1), String(found.path.at(-1))]
  const beside = valueAt(input, parent)
  if (found.place || valueAt(input, found.path) !== undefined || typeof beside !== 'object' || beside === null || beside instanceof Secret) return undefined
  const known = knownKeys(schema, parent)
  const close = nearest(name, Object.keys(beside).filter(key => !known.includes(key)))
  return close === undefined ? undefined : { ...found, place: [...parent, close], hint: `\`${close}\` is set: did you mean \`${name}\`?` }
}

function inWords(given: Found): readonly Explained[] {
  const { name, issue, input, schema, bare } = given
  const { path } = issue
  const value = valueAt(input, path)
  const got = value !== undefined && [name, ...path].some(step => looksSecret(String(step))) ? 'a value that is not shown' : describe(value)
  const expected = (what: string, hint?: string): readonly Explained[] => [{ path, message: `expected ${what}, got ${got}`, hint: got === describe(value) ? hint : undefined }]
  // A message that does not begin as zod's own do was written by the role's author, who knows better.
  if (!/^(?:Invalid|Too |Unrecognized)/.test(issue.message)) return [{ path, message: `${issue.message}, got ${got}`, hint: undefined }]
  switch (issue.code) {
    case 'invalid_type':
      return expected(input === undefined ? (FORMATS[formatOf(schema) ?? ''] ?? TYPES[issue.expected] ?? issue.expected) : (TYPES[issue.expected] ?? issue.expected), typeHint(issue.expected, value, bare(path)))
    case 'invalid_value':
      return expected(choice(issue.values.map(String)), typeof value === 'string' ? meant(value, issue.values.map(String)) : undefined)
    case 'invalid_format':
      return expected(FORMATS[issue.format] ?? (issue.format === 'regex' ? `text that matches ${issue.pattern ?? 'a pattern'}` : `a valid ${issue.format}`))
    case 'too_small':
      return [{ path, message: `expected ${issue.exact ? 'exactly' : issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin)}, got ${sizeOf(value) ?? got}`, hint: undefined }]
    case 'too_big':
      return [{ path, message: `expected ${issue.exact ? 'exactly' : issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin)}, got ${sizeOf(value) ?? got}`, hint: undefined }]
    case 'not_multiple_of':
      return expected(`a multiple of ${issue.divisor}`)
    case 'unrecognized_keys':
      return issue.keys.map(key => ({ path: [...path, key], place: [...path, key], message: `\`${key}\` is not known here`, hint: didYouMean(key, knownKeys(schema, path), `known are ${list(knownKeys(schema, path))}`) }))
    case 'invalid_union':
      return union(given, issue, got)
    case 'invalid_key':
      return [{ path, message: `expected another name: ${issue.issues[0]?.message ?? 'this one is not allowed'}`, hint: undefined }]
    case 'invalid_element':
    case 'custom':
      return [{ path, message: `${issue.message}, got ${got}`, hint: undefined }]
  }
}

/** The branch that came furthest is the one that was meant; where none did, what each of them wants. */
function union(given: Found, issue: z.core.$ZodIssueInvalidUnion, got: string): readonly Explained[] {
  const names = branchNames(given.schema, issue.path)
  if (names.length > 0 && issue.errors.length === 0) return [{ path: issue.path, message: `expected ${choice(names)}, got ${got}`, hint: meant(String(valueAt(given.input, issue.path)), names) }]
  const branches = issue.errors.map(branch => branch.flatMap(inner => explain({ ...given, issue: { ...inner, path: [...issue.path, ...inner.path] } })))
  const depth = (branch: readonly Explained[]): number => Math.max(0, ...branch.map(found => found.path.length))
  const deepest = Math.max(0, ...branches.map(depth))
  const furthest = branches.filter(branch => depth(branch) === deepest && branch.length > 0)
  if (deepest > issue.path.length) return furthest.toSorted((left, right) => left.length - right.length)[0] ?? []
  const wants = [...new Set(furthest.map(branch => /^expected (.+), got /.exec(branch[0]?.message ?? '')?.[1]).filter(what => what !== undefined))]
  return [{ path: issue.path, message: `expected ${choice(wants, 'another value')}, got ${got}`, hint: furthest.flat().find(found => found.hint)?.hint }]
}

function typeHint(expected: string, value: unknown, bare: string | undefined): string | undefined {
  if (value instanceof Secret) return 'a role that takes a secret declares the variable with secretString(); what is no secret goes into a file that is not encrypted'
  if (expected === 'string' && bare !== undefined && value !== null) return `write it in quotes: '${bare}'`
  if ((expected === 'number' || expected === 'int') && typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value)) return `write it without quotes: ${value}`
  if (expected === 'boolean' && typeof value === 'string' && /^(?:true|false)$/.test(value)) return `write it without quotes: ${value}`
  if (expected === 'array' && typeof value === 'string') return 'write a list: one `- value` on each line, or [a, b]'
  return undefined
}

const TYPES: Readonly<Partial<Record<string, string>>> = {
  string: 'text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'a mapping', record: 'a mapping', map: 'a mapping', null: 'nothing', undefined: 'nothing',
}

const FORMATS: Readonly<Partial<Record<string, string>>> = {
  ipv4: 'an IPv4 address', ipv6: 'an IPv6 address', cidrv4: 'an IPv4 network such as 10.0.0.0/16', cidrv6: 'an IPv6 network such as fd00::/64', url: 'a URL', email: 'an e-mail address', hostname: 'a host name',
}

const UNITS: Readonly<Partial<Record<string, string>>> = { string: ' characters', array: ' items', set: ' items', map: ' entries', object: ' entries' }

function unitOf(origin: string): string {
  return UNITS[origin] ?? ''
}

/** How much a text or a collection has; a length is no secret's value. */
function sizeOf(value: unknown): string | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return String(value.length)
  return typeof value === 'object' && value !== null && !(value instanceof Secret) ? String(Object.keys(value).length) : undefined
}

function choice(options: readonly string[], none = 'nothing'): string {
  const last = options.at(-1)
  return options.length > 1 ? `${options.slice(0, -1).join(', ')} or ${last}` : (last ?? none)
}

function meant(name: string, candidates: readonly string[]): string | undefined {
  return didYouMean(name, candidates, '') || undefined
}

/** The part of a value that a path leads to. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((at: unknown, step) => {
    if (typeof at !== 'object' || at === null || at instanceof Secret || !Object.hasOwn(at, step)) return undefined
    return Object.getOwnPropertyDescriptor(at, step)?.value
  }, value)
}
