import type { z } from 'zod'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Origin } from '../model/origin.ts'
import { Secret } from '../model/secret.ts'
import type { VarSchemas } from '../model/vars.ts'
import type { Host, Inventory, Place, VarSource } from './inventory.ts'
import { missingVar, type MissingVar } from './missing-var.ts'
import { error, warning, withoutValue } from './place.ts'
import { droppedKeys, knownKeys } from './schema-keys.ts'
import { didYouMean, list } from './suggest.ts'
import { OLD_BOOLEANS } from './traps.ts'
import { explain, valueAt } from './zod-issue.ts'

export interface VarsOf {
  /** Name of the role whose schemas these are. */
  readonly role: string
  readonly schemas: VarSchemas
  /** `vars` of the play: they win over the inventory's. */
  readonly playVars: Readonly<Record<string, unknown>>
  /** Where the play was written: the place of `playVars`. */
  readonly origin: Origin
  readonly host: Host
  readonly inventory: Inventory
}

/** Parsed values with defaults filled in, or every mistake; never both. */
export type ValidVars =
  | { readonly values: Readonly<Record<string, unknown>>; readonly warnings: readonly Diagnostic[] }
  | Invalid

export interface Invalid {
  /** Everything: what is missing, then `errors`, then `warnings`. */
  readonly diagnostics: readonly Diagnostic[]
  /** For whoever tells it once for several hosts. */
  readonly missing: readonly MissingVar[]
  readonly errors: readonly Diagnostic[]
  readonly warnings: readonly Diagnostic[]
}

/** Parses what a role gets on a host. A mistake points to where the value was written, deep inside lists and mappings too. */
export function validateVars(given: VarsOf): ValidVars {
  const values: [string, unknown][] = []
  const errors: Diagnostic[] = []
  const warnings: Diagnostic[] = []
  const missing: MissingVar[] = []
  for (const [name, schema] of Object.entries(given.schemas)) {
    const written = writtenAs(name, given)
    const parsed = parse(schema, written, warnings, name)
    if ('problem' in parsed) errors.push(error(written.at([]), `role ${given.role}: the schema of \`${name}\` threw: ${parsed.problem}`, 'this is a mistake of the role, not of the value'))
    else if (parsed.result.success) {
      values.push([name, parsed.result.data])
      warnings.push(...doubts({ name, schema, written, parsed: parsed.result.data, given }))
    } else if (!written.set) missing.push({ role: given.role, name, wants: wanted(name, schema, parsed.result.error.issues) })
    else
      for (const issue of parsed.result.error.issues)
        for (const found of explain({ name, issue, input: written.value, schema, bare: path => written.bare(path) }))
          errors.push({ ...error(written.at(found.place ?? found.path, found.place ? 'key' : 'value'), `\`${pathText(name, found.path)}\`: ${found.message}`, found.hint), roles: [given.role] })
  }
  if (errors.length === 0 && missing.length === 0) return { values: Object.fromEntries(values), warnings }
  return { diagnostics: [...missing.map(name => missingVar(name, [given.host], given.inventory)), ...errors, ...warnings], missing, errors, warnings }
}

/** A variable's value and where it came from. */
interface Written {
  readonly set: boolean
  readonly value: unknown
  at(path: readonly PropertyKey[], part?: 'key' | 'value'): Place
  bare(path: readonly PropertyKey[]): string | undefined
}

function writtenAs(name: string, { playVars, origin, host }: VarsOf): Written {
  const inPlay: Place = { file: origin.file, line: origin.line, column: 1, length: 1 }
  if (Object.hasOwn(playVars, name) && playVars[name] !== undefined) return { set: true, value: playVars[name], at: () => inPlay, bare: () => undefined }
  const source: VarSource | undefined = host.varSources.get(name)
  if (source) return { set: true, value: host.vars[name], at: (path, part) => source.at(path, part), bare: path => source.bare(path) }
  return { set: false, value: undefined, at: () => host.place, bare: () => undefined }
}

type Result = { readonly result: z.ZodSafeParseResult<unknown> } | { readonly problem: string }

/** Parses once; where only bare `yes` or `off` stand in the way of booleans, takes them as Ansible does, with a warning. */
function parse(schema: z.ZodType, written: Written, warnings: Diagnostic[], name: string): Result {
  try {
    const result = schema.safeParse(written.value)
    if (result.success) return { result }
    const old = result.error.issues.flatMap(issue => {
      const value = issue.code === 'invalid_type' && issue.expected === 'boolean' ? OLD_BOOLEANS.get(written.bare(issue.path) ?? '') : undefined
      return value === undefined ? [] : [{ path: issue.path, value }]
    })
    if (old.length < result.error.issues.length) return { result }
    const again = schema.safeParse(old.reduce((value, { path, value: bool }) => replaceAt(value, path, bool), written.value))
    if (again.success) for (const { path, value } of old) warnings.push(warning(written.at(path), `\`${pathText(name, path)}\`: \`${written.bare(path)}\` is text in YAML 1.2; taken as ${value}`, `write ${value}`))
    return { result: again }
  } catch (problem) {
    return { problem: problem instanceof Error ? problem.message : String(problem) }
  }
}

/** What is allowed and probably not meant: names that the schema drops, and a secret in plain text. */
function doubts({ name, schema, written, parsed, given }: { name: string; schema: z.ZodType; written: Written; parsed: unknown; given: VarsOf }): readonly Diagnostic[] {
  if (!written.set) return []
  const dropped = droppedKeys(schema, written.value).map(path => {
    const known = knownKeys(schema, path.slice(0, -1))
    return { ...warning(written.at(path, 'key'), `\`${pathText(name, path)}\` is not used`, didYouMean(String(path.at(-1)), known, `known are ${list(known)}`)), roles: [given.role] }
  })
  if (Object.hasOwn(given.playVars, name)) return dropped
  const plain = plainSecrets(written.value, parsed).map(path => warning(withoutValue(written.at(path, 'key')), `\`${pathText(name, path)}\` is a secret in plain text`, 'use `!vault`, `!env NAME` or `!file PATH`'))
  return [...dropped, ...plain]
}

/** Where the schema made a Secret of what was written as text. */
function plainSecrets(written: unknown, parsed: unknown, path: readonly PropertyKey[] = []): readonly (readonly PropertyKey[])[] {
  if (parsed instanceof Secret) return typeof written === 'string' ? [path] : []
  if (typeof written !== 'object' || written === null || written instanceof Secret) return []
  return Object.keys(written).flatMap(key => plainSecrets(valueAt(written, [key]), valueAt(parsed, [key]), [...path, Array.isArray(written) ? Number(key) : key]))
}

/** What the schema says that it wants, when it gets nothing. */
function wanted(name: string, schema: z.ZodType, issues: readonly z.core.$ZodIssue[]): string | undefined {
  const [first] = issues.flatMap(issue => explain({ name, issue, input: undefined, schema, bare: () => undefined }))
  return first && /^expected (.*), got nothing$/.exec(first.message)?.[1]
}

function replaceAt(value: unknown, path: readonly PropertyKey[], by: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return by
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === step ? replaceAt(item, rest, by) : item))
  return typeof value === 'object' && value !== null ? { ...value, [step]: replaceAt(valueAt(value, [step]), rest, by) } : value
}

function pathText(name: string, path: readonly PropertyKey[]): string {
  return path.reduce((text: string, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${String(step)}`), name)
}
