import type { Diagnostic } from '../model/diagnostic.ts'
import type { Barrier, Play } from '../model/play.ts'
import type { Directory } from './directory.ts'
import { nodeId, type InputEdge, type Node, type PlannedPlay, type Turn } from './graph.ts'

export interface Connecting {
  readonly plays: readonly PlannedPlay[]
  /** The turn that each play takes its hosts through. */
  readonly turns: ReadonlyMap<Play, Turn>
  readonly directory: Directory
}

/** Vertices and edges, with variables validated for each vertex. What the nodes of a play have in common is made once. */
export function connect({ plays, turns, directory }: Connecting, diagnostics: Diagnostic[]): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>()
  const lastOnHost = new Map<string, string>()
  const byName = new Map(plays.map(planned => [planned.play.name, planned]))
  for (const { play, hosts, full, on } of plays) {
    const inFull = new Set(full)
    const until = (how: Barrier['until']): readonly string[] => play.after.filter(before => before.until === how).flatMap(before => byName.get(before.play.name)?.full ?? [])
    const [barriers, settled] = [until('done'), until('settled')]
    const inputs = inputEdges(play, byName)
    const turn = turns.get(play)?.name
    for (const host of hosts) {
      const id = nodeId(play, host)
      const mode = inFull.has(id) ? 'full' : 'outputs-only'
      const vars = directory.vars(play, host)
      if ('diagnostics' in vars) diagnostics.push(...vars.diagnostics)
      const queue = play.independent ? undefined : lastOnHost.get(host)
      nodes.set(id, { id, play, host, on: on === host ? undefined : on, mode, vars: 'values' in vars ? vars.values : {}, queue, barriers, settled, inputs, turn: mode === 'full' ? turn : undefined })
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
