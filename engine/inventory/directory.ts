import type { Diagnostic } from '../model/diagnostic.ts'
import type { HostPattern } from '../model/group.ts'
import type { Play } from '../model/play.ts'
import type { Host, Inventory } from './inventory.ts'
import { resolvePattern } from './resolve-pattern.ts'
import { missingVar, type MissingVar } from './missing-var.ts'
import { validateVars, type ValidVars } from './validate-vars.ts'

/** An inventory as planning asks for it. */
export interface InventoryDirectory {
  resolve(pattern: HostPattern): { readonly hosts: readonly string[] } | { readonly problem: string; readonly hint: string }
  /** Whether it has a host of this name, the controller among them. */
  hasHost(name: string): boolean
  /** The first host that has a mistake gets the mistakes of all the play's hosts, what they share told once; the others get an empty list. */
  vars(play: Play, host: string): { readonly values: Readonly<Record<string, unknown>> } | { readonly diagnostics: readonly Diagnostic[] }
  /** What `vars` found doubtful so far. */
  warnings(): readonly Diagnostic[]
}

export function directory(inventory: Inventory): InventoryDirectory {
  const byName = new Map([...inventory.hosts, inventory.controller].map(host => [host.name, host]))
  const warnings = new Map<string, Diagnostic>()
  const told = new Set<Play>()

  const validate = (play: Play, host: Host): ValidVars => {
    const { name: role, vars: schemas } = play.role
    return validateVars({ role, schemas, playVars: play.vars, origin: play.origin, host, inventory })
  }
  /** The mistakes of a play on all its hosts, each told once. */
  const mistakes = (play: Play, first: Host): readonly Diagnostic[] => {
    const resolved = resolvePattern(play.hosts, inventory)
    const missing = new Map<string, { what: MissingVar; hosts: [Host, ...Host[]] }>()
    const errors = new Map<string, Diagnostic>()
    for (const host of 'hosts' in resolved ? resolved.hosts : [first]) {
      const found = validate(play, host)
      if ('values' in found) continue
      for (const known of found.errors) errors.set(id(known), known)
      for (const what of found.missing) {
        const before = missing.get(what.name)
        if (before) before.hosts.push(host)
        else missing.set(what.name, { what, hosts: [host] })
      }
    }
    return [...[...missing.values()].map(({ what, hosts }) => missingVar(what, hosts, inventory)), ...errors.values()]
  }
  return {
    resolve(pattern) {
      const found = resolvePattern(pattern, inventory)
      return 'hosts' in found ? { hosts: found.hosts.map(host => host.name) } : found
    },
    hasHost: name => byName.has(name),
    vars(play, name) {
      const host = byName.get(name)
      if (!host) return { diagnostics: [] }
      const found = validate(play, host)
      for (const doubt of found.warnings) warnings.set(id(doubt), doubt)
      if ('values' in found) return { values: found.values }
      if (told.has(play)) return { diagnostics: [] }
      told.add(play)
      return { diagnostics: mistakes(play, host) }
    },
    warnings: () => [...warnings.values()],
  }
}

const id = (found: Diagnostic): string => `${found.file}:${found.line}:${found.column}:${found.message}`
