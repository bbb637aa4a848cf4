import type { Graph } from './graph.ts'

/** An edge between two plays: data, or only order (a host's queue, a barrier). */
export interface PlayEdge {
  readonly type: 'data' | 'order'
  readonly from: string
  readonly to: string
  /** The input's name, with `?` where it is optional; `settled` where any end of the other play will do. */
  readonly label: string
}

/** The graph of plays: each edge once, in playbook order. */
export function playEdges(graph: Graph): readonly PlayEdge[] {
  const edges = new Map<string, PlayEdge>()
  const add = (edge: PlayEdge): void => void edges.set(`${edge.type} ${edge.from} ${edge.to} ${edge.label}`, edge)
  for (const { play, hosts } of graph.plays) {
    const first = hosts[0]
    for (const edge of (first === undefined ? undefined : graph.nodes.get(`${play.name}@${first}`))?.inputs ?? []) add({ type: 'data', from: edge.play, to: play.name, label: `${edge.input}${edge.optional ? '?' : ''}` })
    for (const { play: before, until } of play.after)
      if (graph.plays.some(planned => planned.play.name === before.name && planned.full.length > 0)) add({ type: 'order', from: before.name, to: play.name, label: until === 'settled' ? 'settled' : '' })
  }
  for (const node of graph.nodes.values()) {
    const queue = node.queue === undefined ? undefined : graph.nodes.get(node.queue)
    if (queue) add({ type: 'order', from: queue.play.name, to: node.play.name, label: '' })
  }
  return [...edges.values()]
}
