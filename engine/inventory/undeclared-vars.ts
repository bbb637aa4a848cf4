import type { Diagnostic } from '../model/diagnostic.ts'
import type { Inventory, VarSource } from './inventory.ts'
import { warning } from './place.ts'
import { nearest } from './suggest.ts'

/**
 * Variables that look like a typing mistake: no role of the playbook declares them, one declares nearly the same
 * name, and that name is not set for the host. Other variables are left alone: they may be another playbook's, and
 * roles see them as `Member.vars`.
 *
 * @param declared names that any role of the playbook declares
 */
export function undeclaredVars(inventory: Inventory, declared: Iterable<string>): readonly Diagnostic[] {
  const names = new Set(declared)
  const meant = new Map<string, string | undefined>()
  const reported = new Set<VarSource>()
  const warnings: Diagnostic[] = []
  for (const host of inventory.hosts)
    for (const [name, source] of host.varSources) {
      if (names.has(name) || name.startsWith('ansible_') || reported.has(source)) continue
      if (!meant.has(name)) meant.set(name, nearest(name, names))
      const close = meant.get(name)
      if (close === undefined || host.varSources.has(close)) continue
      reported.add(source)
      warnings.push(warning(source.at([], 'key'), `no role of this playbook declares \`${name}\``, `did you mean \`${close}\`?`))
    }
  return warnings
}
