import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Diagnostic } from '../model/diagnostic.ts'
import { assemble } from './assemble.ts'
import { draftGroup, emptyDraft, type Draft } from './draft.ts'
import { disk, type Files } from './files.ts'
import type { ReadResult } from './inventory.ts'
import { loadYaml, type LoadOptions } from './load.ts'
import { error, wholeFile } from './place.ts'
import type { Decrypt } from './references.ts'
import { convert, readStructure } from './structure.ts'
import { readVarsFolders } from './vars-folders.ts'

export interface ReadOptions {
  /** Default: the controller's disk. */
  readonly files?: Files
  /** Opens vaulted values; absent: they are errors. */
  readonly decrypt?: Decrypt
  /** What `!env NAME` may read; default nothing. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** What `~` stands for; default the user's home folder. */
  readonly home?: string
}

/**
 * Reads inventories: YAML files, or folders of them, later ones winning, each with the `group_vars/` and
 * `host_vars/` beside it. Never throws and never stops at the first mistake: what could be understood is in the
 * inventory, every mistake is a diagnostic with its place.
 */
export async function read(paths: readonly string[], options: ReadOptions = {}): Promise<ReadResult> {
  const { files = disk, decrypt, environment = {}, home = homedir() } = options
  const load: LoadOptions = { files, decrypt, environment, home }
  const draft = emptyDraft()
  if (paths.length === 0) draft.diagnostics.push(error(wholeFile('-i'), 'no inventory was given', 'give one: -i inventory/prod.yaml'))
  draftGroup(draft, 'all', wholeFile(paths[0] ?? '-i'))
  const folders = new Set<string>()
  for (const path of paths) for (const folder of await readInventory(path, draft, load)) folders.add(folder)
  // After all structure: a group may be known from another file, and variables of folders win over those of files.
  for (const folder of folders) await readVarsFolders(folder, draft, load)
  const inventory = assemble(paths, draft, { home })
  return { inventory, diagnostics: distinct(draft.diagnostics) }
}

/** Reads one file, or every file of a folder in the order of their names. Gives the folders in which variables may lie. */
async function readInventory(path: string, draft: Draft, load: LoadOptions, depth = 0): Promise<readonly string[]> {
  const entries = await load.files.list(path)
  if (!entries) {
    await readFile(path, draft, load)
    return [dirname(path)]
  }
  const inside: string[] = [path]
  for (const { name, folder } of entries) {
    if (name.startsWith('.') || name.endsWith('~') || (folder && (name === 'group_vars' || name === 'host_vars'))) continue
    if (folder && depth < 8) inside.push(...(await readInventory(join(path, name), draft, load, depth + 1)))
    else if (!folder && /\.(?:ya?ml|json|ini|cfg)$|^[^.]+$/.test(name)) await readFile(join(path, name), draft, load)
  }
  return inside
}

async function readFile(path: string, draft: Draft, load: LoadOptions): Promise<void> {
  if (path.endsWith('.ini')) {
    draft.diagnostics.push(error(wholeFile(path), 'this is an INI inventory; ts-play reads YAML', convert(path)))
    return
  }
  const reader = await loadYaml(path, draft.diagnostics, load)
  if (reader) readStructure(reader, draft)
}

/** In the order of the files. A mistake in a group's variables is found once for each of its hosts, and told once. */
function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const once = [...new Map(diagnostics.map(found => [`${found.file}:${found.line}:${found.column}:${found.message}`, found])).values()]
  const files = new Map([...new Set(once.map(found => found.file))].map((file, index) => [file, index]))
  return once.sort((left, right) => (files.get(left.file) ?? 0) - (files.get(right.file) ?? 0) || left.line - right.line || left.column - right.column)
}
