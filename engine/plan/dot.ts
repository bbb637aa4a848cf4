import type { Graph } from './graph.ts'
import { playEdges } from './play-edges.ts'

/** The graph for Graphviz: a box per play, solid edges for data, dotted ones for host queues and barriers. */
export function dot(graph: Graph): string {
  const plays = graph.plays
    .filter(planned => planned.hosts.length > 0)
    .map(({ play, hosts, full, on }) => `  ${text(play.name)} [label=${text(`${play.name}\n${hosts.length > 6 ? `${hosts.slice(0, 5).join(' ')} … ${hosts.length} hosts` : hosts.join(' ')}${on === undefined ? '' : `\non ${on}`}`)}${full.length === 0 ? ', style=dashed' : ''}]`)
  const edges = playEdges(graph).map(edge => `  ${text(edge.from)} -> ${text(edge.to)} [${[...(edge.type === 'order' ? ['style=dotted'] : []), ...(edge.label === '' ? [] : [`label=${text(edge.label)}`])].join(', ')}]`)
  return [`digraph ${text(graph.playbook)} {`, '  node [shape=box]', ...plays, ...edges, '}'].join('\n') + '\n'
}

function text(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
