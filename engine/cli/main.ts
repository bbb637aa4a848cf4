import { readFile } from 'node:fs/promises'
import type { Diagnostic } from '../model/diagnostic.ts'
import { formatDiagnostic } from '../model/diagnostic.ts'
import { plan } from '../plan/build.ts'
import { listing, mermaid } from '../plan/explain.ts'
import type { Graph } from '../plan/graph.ts'
import { directory } from '../inventory/directory.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { read } from '../inventory/read.ts'
import { undeclaredVars } from '../inventory/undeclared-vars.ts'
import { load } from './load.ts'
import { parse, USAGE, type Options } from './options.ts'
import { selection } from './selection.ts'

/** Exit code of a mistake in a playbook or an inventory: EX_DATAERR of sysexits(3). */
const LOAD_ERROR = 65

/** The program: arguments in, exit code out. */
export async function main(argv: readonly string[]): Promise<number> {
  const { version } = JSON.parse(await readFile(new URL(packageFile(), import.meta.url), 'utf8'))
  const parsed = parse(argv, String(version))
  if (parsed.type === 'exit') {
    const stream = parsed.code === 0 ? process.stdout : process.stderr
    stream.write(parsed.text)
    return parsed.code
  }
  const { options } = parsed
  const prepared = await prepare(options)
  process.stderr.write(prepared.diagnostics.map(found => `${formatDiagnostic(found)}\n`).join(''))
  if (!prepared.ready) return LOAD_ERROR
  const { graph, inventory } = prepared.ready
  if (options.graph) return print(mermaid(graph))
  if (options.list === 'hosts' || options.list === 'tags') return print(listing(graph, options.list))
  if (graph.plays.every(planned => planned.full.length === 0)) {
    process.stderr.write('error: nothing is selected: no play has these tags on these hosts; --list-tags shows what there is\n')
    return USAGE
  }
  // Connections, views and prompts are loaded by the commands that need them.
  const { perform } = await import('./perform.ts')
  return perform({ options, graph, inventory })
}

interface Prepared {
  readonly diagnostics: readonly Diagnostic[]
  readonly ready: { readonly graph: Graph; readonly inventory: Inventory } | undefined
}

/** Reads, loads and plans: everything that can be refused before the first connection. */
async function prepare(options: Options): Promise<Prepared> {
  const [{ inventory, diagnostics: found }, loaded] = await Promise.all([read(options.inventory, { environment: process.env }), load(options.playbook)])
  const diagnostics: Diagnostic[] = [...found]
  if ('problem' in loaded) diagnostics.push(loaded.problem)
  if ('problem' in loaded || diagnostics.some(isError)) return { diagnostics, ready: undefined }
  const { playbook } = loaded
  const limited = await selection(options, inventory)
  if ('problem' in limited) return { diagnostics: [...diagnostics, limited.problem], ready: undefined }
  const hosts = directory(inventory)
  const planned = plan({ playbook, directory: hosts, selection: limited })
  const declared = new Set(playbook.plays.flatMap(play => Object.keys(play.role.vars)))
  diagnostics.push(...planned.diagnostics, ...hosts.warnings(), ...undeclaredVars(inventory, declared))
  return { diagnostics, ready: planned.graph ? { graph: planned.graph, inventory } : undefined }
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === 'error'
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

/** From `engine/cli` in a checkout, from `dist/engine/cli` when installed. */
function packageFile(): string {
  return import.meta.url.includes('/dist/engine/cli/') ? '../../../package.json' : '../../package.json'
}
