import type { Diagnostic } from '../model/diagnostic.ts'
import type { HostPattern } from '../model/group.ts'
import type { Play } from '../model/play.ts'
import type { Host, Inventory } from './inventory.ts'
import { resolvePattern } from './resolve-pattern.ts'
import { validateVars, type ValidVars } from './validate-vars.ts'

/** An inventory as planning asks for it. */
export interface InventoryDirectory {
  resolve(pattern: HostPattern): { readonly hosts: readonly string[] } | { readonly problem: string; readonly hint: string }
  hasGroup(name: string): boolean
  /** A mistake that several hosts share is told for the first of them only. */
  vars(play: Play, host: string): { readonly values: Readonly<Record<string, unknown>> } | { readonly diagnostics: readonly Diagnostic[] }
  /** What `vars` found doubtful so far. */
  warnings(): readonly Diagnostic[]
}

export function directory(inventory: Inventory): InventoryDirectory {
  const byName = new Map([...inventory.hosts, inventory.controller].map(host => [host.name, host]))
  const warnings = new Map<string, Diagnostic>()
  const told = new Set<string>()

  const validate = (play: Play, host: Host): ValidVars => {
    const { name: role, vars: schemas } = play.role
    return validateVars({ role, schemas, playVars: play.vars, origin: play.origin, host, inventory })
  }
  return {
    resolve(pattern) {
      const found = resolvePattern(pattern, inventory)
      return 'hosts' in found ? { hosts: found.hosts.map(host => host.name) } : found
    },
    hasGroup: name => inventory.groups.has(name),
    vars(play, name) {
      const host = byName.get(name)
      if (!host) return { diagnostics: [] }
      const found = validate(play, host)
      for (const doubt of 'values' in found ? found.warnings : found.diagnostics.filter(known => known.severity === 'warning')) warnings.set(id(doubt), doubt)
      if ('values' in found) return { values: found.values }
      const fresh = found.diagnostics.filter(known => known.severity === 'error' && !told.has(id(known)))
      for (const known of fresh) told.add(id(known))
      return { diagnostics: fresh }
    },
    warnings: () => [...warnings.values()],
  }
}

const id = (found: Diagnostic): string => `${found.file}:${found.line}:${found.column}:${found.message}`
