import { directory } from '../inventory/directory.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { read } from '../inventory/read.ts'
import { undeclaredVars } from '../inventory/undeclared-vars.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { plan } from '../plan/build.ts'
import { dot } from '../plan/dot.ts'
import { explainNode, nodesLike } from '../plan/explain-node.ts'
import { listing, mermaid } from '../plan/explain.ts'
import type { Graph } from '../plan/graph.ts'
import { askPasswords } from './asked.ts'
import { load } from './load.ts'
import { USAGE, type Options } from './options.ts'
import { openPrompts, type Prompts } from './prompts.ts'
import { report } from './report.ts'
import { doubtfulTags, selection } from './selection.ts'
import { vault } from './vault.ts'

/** Exit code of a mistake in a playbook or an inventory: EX_DATAERR of sysexits(3). */
const LOAD_ERROR = 65

/** Carries out a command line that was understood: reads, loads and plans, and then shows or runs it. Exit code out. */
export async function carryOut(options: Options): Promise<number> {
  using prompts = openPrompts(process)
  const prepared = await prepare(options, prompts)
  process.stderr.write(report(prepared.diagnostics, process.cwd()))
  if (!prepared.ready) return prepared.code ?? LOAD_ERROR
  const { graph, inventory } = prepared.ready
  if (options.graph !== undefined) return print(options.graph === 'dot' ? dot(graph) : mermaid(graph))
  if (options.explain !== undefined) return explain(graph, options.explain)
  if (options.list === 'hosts' || options.list === 'tags') return print(listing(graph, options.list))
  if (graph.plays.every(planned => planned.full.length === 0)) return refuse('nothing is selected: no play has these tags on these hosts', '--list-tags and --list-hosts show what there is')
  if (options.step && !(process.stdin.isTTY && process.stderr.isTTY)) return refuse('--step asks before each change, and there is no terminal to ask on', '--check --diff shows what would change without asking')
  const passwords = await askPasswords(options, prompts)
  if ('problem' in passwords) return refuse(passwords.problem, passwords.hint)
  // Connections and views are loaded by the commands that need them.
  const { perform } = await import('./perform.ts')
  return perform({ options, graph, inventory, passwords, prompts })
}

interface Prepared {
  readonly diagnostics: readonly Diagnostic[]
  readonly ready: { readonly graph: Graph; readonly inventory: Inventory } | undefined
  /** Where it is not that of a load error. */
  readonly code?: number
}

/** Reads, loads and plans: everything that can be refused before the first connection. */
async function prepare(options: Options, prompts: Prompts): Promise<Prepared> {
  const opener = await vault(options, prompts)
  if ('problem' in opener) return { diagnostics: [{ severity: 'error', file: opener.option, line: 0, column: 0, message: opener.problem, hint: opener.hint }], ready: undefined, code: USAGE }
  const [{ inventory, diagnostics: found }, loaded] = await Promise.all([read(options.inventory, { environment: process.env, decrypt: opener.decrypt }), load(options.playbook)])
  const diagnostics: Diagnostic[] = [...found]
  if ('problem' in loaded) diagnostics.push(loaded.problem)
  if ('problem' in loaded || diagnostics.some(isError)) return { diagnostics, ready: undefined }
  const { playbook } = loaded
  const limited = await selection(options, inventory)
  if ('problem' in limited) return { diagnostics: [...diagnostics, limited.problem], ready: undefined }
  diagnostics.push(...doubtfulTags(options, playbook))
  const hosts = directory(inventory)
  const planned = plan({ playbook, directory: hosts, selection: limited })
  const declared = new Set(playbook.plays.flatMap(play => Object.keys(play.role.vars)))
  diagnostics.push(...planned.diagnostics, ...hosts.warnings(), ...undeclaredVars(inventory, declared))
  return { diagnostics, ready: planned.graph ? { graph: planned.graph, inventory } : undefined }
}

function explain(graph: Graph, id: string): number {
  const text = explainNode(graph, id)
  if (text !== undefined) return print(text)
  const like = nodesLike(graph, id)
  return refuse(`${id} is not in this run`, like.length > 0 ? `did you mean ${like.slice(0, 5).join(', ')}?` : 'a node is named play@host; --list-hosts shows them')
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === 'error'
}

function refuse(message: string, hint: string): number {
  process.stderr.write(`error: ${message}\n  ${hint}\n`)
  return USAGE
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}
