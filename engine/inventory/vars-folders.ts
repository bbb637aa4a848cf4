import { dirname, join, relative } from 'node:path'
import { isMap, isScalar } from 'yaml'
import { type Draft } from './draft.ts'
import { loadYaml, type LoadOptions } from './load.ts'
import { error, warning, wholeFile } from './place.ts'
import { didYouMean, list } from './suggest.ts'
import { nodePlace } from './survey.ts'
import { settingsOf, type Settings } from './var-source.ts'

const YAML = /\.(?:ya?ml|json)$/

/**
 * Adds `group_vars/` and `host_vars/` that lie beside an inventory file: `masters.yaml`, `masters.yml`, `masters`,
 * or a folder `masters/` whose YAML files are read in the order of their names, later ones winning.
 */
export async function readVarsFolders(folder: string, draft: Draft, options: LoadOptions): Promise<void> {
  await readVarsFolder(join(folder, 'group_vars'), 'group', draft, options)
  await readVarsFolder(join(folder, 'host_vars'), 'host', draft, options)
}

async function readVarsFolder(folder: string, kind: 'group' | 'host', draft: Draft, options: LoadOptions): Promise<void> {
  const known: ReadonlyMap<string, { readonly filed: Settings }> = kind === 'group' ? draft.groups : draft.hosts
  for (const entry of (await options.files.list(folder)) ?? []) {
    if (!readable(entry.name, entry.folder)) continue
    const path = join(folder, entry.name)
    const name = entry.folder ? entry.name : entry.name.replace(YAML, '')
    const owner = known.get(name)
    if (!owner) {
      const hint = didYouMean(name, [...known.keys()], `${kind}s are ${list([...known.keys()]) || 'none'}`)
      draft.diagnostics.push(warning(wholeFile(path), `the inventory has no ${kind} \`${name}\`: this is not read`, hint))
      continue
    }
    for (const file of entry.folder ? await filesBelow(path, options) : [path]) {
      await readVarsFile({ file, setBy: relative(dirname(folder), file) }, owner.filed, draft, options)
    }
  }
}

async function filesBelow(folder: string, options: LoadOptions, depth = 0): Promise<readonly string[]> {
  const found: string[] = []
  for (const entry of (await options.files.list(folder)) ?? []) {
    if (!readable(entry.name, entry.folder)) continue
    const path = join(folder, entry.name)
    if (!entry.folder) found.push(path)
    else if (depth < 8) found.push(...(await filesBelow(path, options, depth + 1)))
  }
  return found
}

/** Hidden files and what editors leave behind are not variables; neither is a README. */
function readable(name: string, folder: boolean): boolean {
  return !name.startsWith('.') && !name.endsWith('~') && (folder || YAML.test(name) || !/\.[a-z]+$/i.test(name))
}

async function readVarsFile({ file, setBy }: { file: string; setBy: string }, into: Settings, draft: Draft, options: LoadOptions): Promise<void> {
  const reader = await loadYaml(file, draft.diagnostics, options)
  const root = reader?.resolve(reader.document.root)
  if (!reader || !root || (isScalar(root) && root.value === null)) return
  if (!isMap(root)) {
    draft.diagnostics.push(error(nodePlace(reader.document.source, root), 'a file of variables is a mapping', 'write `name: value` lines'))
    return
  }
  for (const [name, setting] of settingsOf(reader.entries(root), reader, setBy)) into.set(name, setting)
}
