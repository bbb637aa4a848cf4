import type { Diagnostic } from '../model/diagnostic.ts'
import type { HostPattern } from '../model/group.ts'
import type { Origin } from '../model/origin.ts'
import type { Play } from '../model/play.ts'
import type { Playbook } from '../model/playbook.ts'
import { nodeId, type Graph, type InputEdge, type Node, type PlannedPlay } from './graph.ts'
import { selectsPlay, taskTagsOf, type Selection } from './select.ts'

/** What planning asks of an inventory; the real one answers with diagnostics that carry file:line:col. */
export interface Directory {
  resolve(pattern: HostPattern): { readonly hosts: readonly string[] } | { readonly problem: string; readonly hint?: string }
  hasGroup(name: string): boolean
  vars(play: Play, host: string): { readonly values: Readonly<Record<string, unknown>> } | { readonly diagnostics: readonly Diagnostic[] }
}

export type Planned = { readonly graph: Graph; readonly diagnostics: readonly Diagnostic[] } | { readonly graph: undefined; readonly diagnostics: readonly Diagnostic[] }

/** Playbook × inventory × selection → graph, or every mistake found at once. Pure. */
export function plan({ playbook, directory, selection }: { playbook: Playbook; directory: Directory; selection: Selection }): Planned {
  const diagnostics: Diagnostic[] = []
  // 1. Every play's hosts, whatever the selection.
  const hosts = new Map(playbook.plays.map(play => [play, hostsOf(play, directory, diagnostics)]))
  // 2. Bindings point to plays listed earlier, to outputs that exist, and every input is bound.
  for (const [index, play] of playbook.plays.entries()) checkPlay(play, playbook.plays.slice(0, index), directory, diagnostics)
  for (const name of duplicates(playbook.plays.map(play => play.name)))
    diagnostics.push(at(playbook.origin, `two plays are called ${name}`, 'give one of them a `name`'))
  if (diagnostics.length > 0) return { graph: undefined, diagnostics }
  // 3. Which plays run in full, and on which hosts.
  const chosen = playbook.plays.map((play): PlannedPlay => {
    const all = hosts.get(play) ?? []
    const selected = selectsPlay(play, selection, playbook.plays) && play.role.body.tasks !== undefined
    const full = selected ? all.filter(host => !selection.limit || selection.limit.has(host)) : []
    return { play, hosts: all, full: full.map(host => nodeId(play, host)) }
  })
  // 4. Keep the plays that something kept takes outputs from: outputs-only.
  const kept = keep(chosen)
  // 5. Vertices and edges, variables validated for each.
  const nodes = connect(kept, directory, diagnostics)
  if (diagnostics.length > 0) return { graph: undefined, diagnostics }
  const only = selection.tags.includes('all') ? [] : selection.tags
  return { graph: { playbook: playbook.name, plays: kept, nodes, taskTags: { only: taskTagsOf(selection, playbook.plays).length > 0 ? only : [], skip: selection.skipTags } }, diagnostics }
}

function hostsOf(play: Play, directory: Directory, diagnostics: Diagnostic[]): readonly string[] {
  const found = directory.resolve(play.hosts)
  if ('hosts' in found) return found.hosts
  diagnostics.push(at(play.origin, `play ${play.name}: ${found.problem}`, found.hint))
  return []
}

function checkPlay(play: Play, earlier: readonly Play[], directory: Directory, diagnostics: Diagnostic[]): void {
  const { inputs, name } = play.role
  for (const key of Object.keys(play.bindings))
    if (!(key in inputs)) diagnostics.push(at(play.origin, `play ${play.name} binds \`${key}\`, which is no input of role ${name}`, `its inputs are: ${Object.keys(inputs).join(', ') || 'none'}`))
  for (const [key, input] of Object.entries(inputs)) {
    const ref = play.bindings[key]
    const wanted = input.type === 'optional' ? input.of : input
    if (!ref) diagnostics.push(at(play.origin, `play ${play.name} does not bind input \`${key}\` of role ${name}`, `add it to \`with\``))
    else if (ref.type === 'members-ref') {
      if (wanted.type !== 'members') diagnostics.push(at(play.origin, `input \`${key}\` of play ${play.name} wants an output, not members`))
      for (const group of ref.groups) if (!directory.hasGroup(group)) diagnostics.push(at(play.origin, `play ${play.name} takes the members of group ${group}, which the inventory does not have`))
    } else {
      const producer = earlier.find(candidate => candidate.name === ref.play.name)
      const many = ref.pick === 'by-host' || ref.pick === 'reachable'
      const output = producer?.role.outputs[ref.key]
      const expected = wanted.type === 'by-host' ? wanted.of : wanted
      if (!producer) diagnostics.push(at(play.origin, `play ${play.name} takes \`${key}\` from play ${ref.play.name}, which is not listed before it`, 'list the producer earlier in the playbook'))
      else if (!output) diagnostics.push(at(play.origin, `role ${producer.role.name} has no output \`${ref.key}\``, `its outputs are: ${Object.keys(producer.role.outputs).join(', ') || 'none'}`))
      else if (expected.type !== 'output' || output.id !== expected.id || many !== (wanted.type === 'by-host'))
        diagnostics.push(at(play.origin, `input \`${key}\` of play ${play.name} wants ${describe(wanted)}, and gets ${many ? 'by host ' : ''}${output.id}`))
    }
  }
}

function describe(wanted: { type: string; of?: unknown; id?: unknown }): string {
  if (wanted.type === 'members') return 'the members of a group'
  return wanted.type === 'by-host' && typeof wanted.of === 'object' && wanted.of !== null && 'id' in wanted.of ? `by host ${String(wanted.of.id)}` : String(wanted.id)
}

function keep(plays: readonly PlannedPlay[]): readonly PlannedPlay[] {
  const wanted = new Set(plays.filter(planned => planned.full.length > 0).map(planned => planned.play.name))
  // Producers are listed before their consumers, so one pass from the end finds all that are needed.
  for (const { play } of plays.toReversed())
    if (wanted.has(play.name)) for (const ref of Object.values(play.bindings)) if (ref.type === 'ref') wanted.add(ref.play.name)
  return plays.filter(planned => wanted.has(planned.play.name))
}

function connect(plays: readonly PlannedPlay[], directory: Directory, diagnostics: Diagnostic[]): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>()
  const lastOnHost = new Map<string, string>()
  const byName = new Map(plays.map(planned => [planned.play.name, planned]))
  for (const { play, hosts, full } of plays) {
    const barriers = play.after.flatMap(before => byName.get(before.name)?.full ?? [])
    for (const host of hosts) {
      const id = nodeId(play, host)
      const mode = full.includes(id) ? 'full' : 'outputs-only'
      const vars = directory.vars(play, host)
      if ('diagnostics' in vars) diagnostics.push(...vars.diagnostics)
      const queue = play.independent ? undefined : lastOnHost.get(host)
      nodes.set(id, { id, play, host, mode, vars: 'values' in vars ? vars.values : {}, after: [...(queue ? [queue] : []), ...barriers], inputs: inputEdges(play, byName) })
      if (mode === 'full' && !play.independent) lastOnHost.set(host, id)
    }
  }
  return nodes
}

function inputEdges(play: Play, plays: ReadonlyMap<string, PlannedPlay>): readonly InputEdge[] {
  return Object.entries(play.bindings).flatMap(([input, ref]) => {
    if (ref.type !== 'ref') return []
    const producer = plays.get(ref.play.name)
    const from = producer ? producer.hosts.map(host => nodeId(producer.play, host)) : []
    return [{ input, play: ref.play.name, from, optional: play.role.inputs[input]?.type === 'optional' }]
  })
}

function at(origin: Origin, message: string, hint?: string): Diagnostic {
  return { severity: 'error', file: origin.file, line: origin.line, column: 1, message, ...(hint === undefined ? {} : { hint }) }
}

function duplicates(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}
