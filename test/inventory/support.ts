import { limit } from '../../engine/inventory/limit.ts'
import { memory } from '../../engine/inventory/files.ts'
import type { Host, Inventory } from '../../engine/inventory/inventory.ts'
import { read, type ReadOptions } from '../../engine/inventory/read.ts'
import { formatDiagnostic, type Diagnostic } from '../../engine/model/diagnostic.ts'

/** Reads `prod.yaml`, or every file of a record whose `inventory/` is given with `paths`. */
export async function readText(yaml: string | Record<string, string | Uint8Array>, options: ReadOptions & { paths?: readonly string[] } = {}) {
  const { paths = ['prod.yaml'], ...rest } = options
  return await read(paths, { files: memory(typeof yaml === 'string' ? { 'prod.yaml': yaml } : yaml), home: '/home/me', ...rest })
}

/** An inventory that must have no mistakes at all. */
export async function inventoryOf(yaml: string | Record<string, string | Uint8Array>, options: ReadOptions & { paths?: readonly string[] } = {}): Promise<Inventory> {
  const { inventory, diagnostics } = await readText(yaml, options)
  if (diagnostics.length > 0) throw new Error(printed(diagnostics))
  return inventory
}

/** Diagnostics as a user sees them. */
export function printed(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(formatDiagnostic).join('\n')
}

/** What is wrong with an inventory, as a user sees it. */
export async function mistakesIn(yaml: string | Record<string, string | Uint8Array>, options: ReadOptions & { paths?: readonly string[] } = {}): Promise<string> {
  return printed((await readText(yaml, options)).diagnostics)
}

export function hostNamed(inventory: Inventory, name: string): Host {
  const host = inventory.hosts.find(known => known.name === name)
  if (!host) throw new Error(`no host ${name}`)
  return host
}

/** The names that a `--limit` leaves, or its problem and hint. */
export async function limited(expression: string, inventory: Inventory, files: Record<string, string> = {}): Promise<readonly string[] | string> {
  const found = await limit(expression, inventory, { files: memory(files) })
  return 'hosts' in found ? found.hosts.map(host => host.name) : `${found.problem} (${found.hint})`
}
