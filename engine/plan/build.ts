import type { Diagnostic } from '../model/diagnostic.ts'
import type { Play } from '../model/play.ts'
import type { Playbook } from '../model/playbook.ts'
import { connect } from './connect.ts'
import { delegateOf } from './delegate.ts'
import type { Directory } from './directory.ts'
import { nodeId, type Graph, type PlannedPlay } from './graph.ts'
import { mistake } from './mistake.ts'
import { selectsPlay, type Selection } from './select.ts'
import { checkTurns, turnsOf } from './turns.ts'

export type Planned = { readonly graph: Graph; readonly diagnostics: readonly Diagnostic[] } | { readonly graph: undefined; readonly diagnostics: readonly Diagnostic[] }

/** Playbook × inventory × selection → graph, or every mistake found at once. Pure. */
export function plan({ playbook, directory, selection }: { playbook: Playbook; directory: Directory; selection: Selection }): Planned {
  const diagnostics: Diagnostic[] = []
  // 1. Every play's hosts, whatever the selection. A group that is missing is told once, at the first play that wants it.
  const missing = new Set<string>()
  const hosts = new Map(playbook.plays.map(play => [play, hostsOf(play, directory, { diagnostics, missing })]))
  const delegates = new Map(playbook.plays.map(play => [play, delegateOf(play, directory, diagnostics)]))
  // 2. Bindings point to plays listed earlier, to outputs that exist, and every input is bound.
  for (const [index, play] of playbook.plays.entries()) {
    const earlier = playbook.plays.slice(0, index)
    checkPlay(play, earlier, directory, { diagnostics, missing })
    checkOrder(play, earlier, diagnostics)
  }
  for (const name of duplicates(playbook.plays.map(play => play.name)))
    diagnostics.push(mistake(playbook.origin, `two plays are called ${name}`, 'give one of them a `name`'))
  checkTurns(playbook, directory, diagnostics)
  if (selection.startAt && !playbook.plays.some(play => play.name === selection.startAt?.play)) diagnostics.push({ ...mistake({ file: '--start-at', line: 0 }, `there is no play ${selection.startAt.play}`, `its plays are: ${playbook.plays.map(play => play.name).join(', ')}`), column: 0 })
  if (diagnostics.length > 0) return { graph: undefined, diagnostics }
  // 3. Which plays run in full, and on which hosts.
  const from = playbook.plays.findIndex(play => play.name === selection.startAt?.play)
  const chosen = playbook.plays.map((play, index): PlannedPlay => {
    const all = hosts.get(play) ?? []
    const selected = index >= from && selectsPlay(play, selection, playbook.plays) && play.role.body.tasks !== undefined
    const full = selected ? all.filter(host => !selection.limit || selection.limit.has(host)) : []
    return { play, hosts: all, full: full.map(host => nodeId(play, host)), on: delegates.get(play) }
  })
  // 4. Keep the plays that something kept takes outputs from: outputs-only.
  const kept = keep(chosen)
  // 5. Vertices and edges, variables validated for each.
  const turns = turnsOf(playbook, kept)
  const nodes = connect({ plays: kept, turns, directory }, diagnostics)
  if (diagnostics.length > 0) return { graph: undefined, diagnostics }
  const { tags: only, skipTags: skip, startAt } = selection
  return { graph: { playbook: playbook.name, plays: kept, nodes, turns: new Map([...turns.values()].map(turn => [turn.name, turn])), taskTags: { only, skip }, startAt }, diagnostics }
}

interface Found {
  readonly diagnostics: Diagnostic[]
  /** Problems of groups that were told already. */
  readonly missing: Set<string>
}

function hostsOf(play: Play, directory: Directory, { diagnostics, missing }: Found): readonly string[] {
  const found = directory.resolve(play.hosts)
  if ('hosts' in found) return found.hosts
  if (!missing.has(found.problem)) diagnostics.push(mistake(play.origin, `play ${play.name}: ${found.problem}`, found.hint))
  missing.add(found.problem)
  return []
}

function checkPlay(play: Play, earlier: readonly Play[], directory: Directory, { diagnostics, missing }: Found): void {
  const { inputs, name } = play.role
  for (const key of Object.keys(play.bindings))
    if (!(key in inputs)) diagnostics.push(mistake(play.origin, `play ${play.name} binds \`${key}\`, which is no input of role ${name}`, `its inputs are: ${Object.keys(inputs).join(', ') || 'none'}`))
  for (const [key, input] of Object.entries(inputs)) {
    const ref = play.bindings[key]
    const wanted = input.type === 'optional' ? input.of : input
    if (!ref) diagnostics.push(mistake(play.origin, `play ${play.name} does not bind input \`${key}\` of role ${name}`, `add it to \`with\``))
    else if (ref.type === 'members-ref') {
      if (wanted.type !== 'members') diagnostics.push(mistake(play.origin, `input \`${key}\` of play ${play.name} wants an output, not members`))
      for (const group of ref.groups) {
        const found = directory.resolve({ type: 'group', name: group, members: ref })
        if ('hosts' in found || missing.has(found.problem)) continue
        missing.add(found.problem)
        diagnostics.push(mistake(play.origin, `play ${play.name} takes the members of a group: ${found.problem}`, found.hint))
      }
    } else {
      const producer = earlier.find(candidate => candidate.name === ref.play.name)
      const many = ref.pick === 'by-host' || ref.pick === 'reachable'
      const output = producer?.role.outputs[ref.key]
      const expected = wanted.type === 'by-host' ? wanted.of : wanted
      if (!producer) diagnostics.push(mistake(play.origin, `play ${play.name} takes \`${key}\` from play ${ref.play.name}, which is not listed before it`, 'list the producer earlier in the playbook'))
      else if (!output) diagnostics.push(mistake(play.origin, `role ${producer.role.name} has no output \`${ref.key}\``, `its outputs are: ${Object.keys(producer.role.outputs).join(', ') || 'none'}`))
      else if (expected.type !== 'output' || output.id !== expected.id || many !== (wanted.type === 'by-host'))
        diagnostics.push(mistake(play.origin, `input \`${key}\` of play ${play.name} wants ${describe(wanted)}, and gets ${many ? 'by host ' : ''}${output.id}`))
    }
  }
}

function checkOrder(play: Play, earlier: readonly Play[], diagnostics: Diagnostic[]): void {
  for (const { play: before } of play.after)
    if (!earlier.some(known => known === before)) diagnostics.push(mistake(play.origin, `play ${play.name} is after play ${before.name}, which is not listed before it`, 'list it earlier in the playbook'))
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

function duplicates(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}
