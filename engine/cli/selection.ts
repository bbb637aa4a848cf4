import type { Diagnostic } from '../model/diagnostic.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { limit } from '../inventory/limit.ts'
import type { Selection } from '../plan/select.ts'
import type { Options } from './options.ts'

/** What the command line selects. A limit that matches nothing is a mistake, never "all hosts". */
export async function selection(options: Options, inventory: Inventory): Promise<Selection | { readonly problem: Diagnostic }> {
  const { tags, skipTags } = options
  if (options.limit === undefined) return { tags, skipTags, limit: undefined }
  const found = await limit(options.limit, inventory)
  if ('problem' in found) return { problem: { severity: 'error', file: '--limit', line: 0, column: 0, message: found.problem, hint: found.hint } }
  return { tags, skipTags, limit: new Set(found.hosts.map(host => host.name)) }
}
