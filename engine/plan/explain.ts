import type { Graph } from './graph.ts'
import { playEdges } from './play-edges.ts'

/** The graph as Mermaid: a box per play, solid edges for data, dotted ones for host queues and barriers. */
export function mermaid(graph: Graph): string {
  const ids = new Map(graph.plays.map((planned, index) => [planned.play.name, `p${index}`]))
  const id = (play: string): string => ids.get(play) ?? play
  const lines = graph.plays
    .filter(planned => planned.hosts.length > 0)
    .map(planned => `  ${id(planned.play.name)}["${planned.play.name}<br/>${hostsLabel(planned.hosts)}${planned.on === undefined ? '' : `<br/>on ${planned.on}`}${planned.full.length === 0 ? '<br/>outputs only' : ''}"]`)
  const data = new Set<string>()
  const order = new Set<string>()
  for (const edge of playEdges(graph)) {
    if (edge.type === 'data') data.add(`  ${id(edge.from)} -->|${edge.label}| ${id(edge.to)}`)
    else order.add(`  ${id(edge.from)} -.->${edge.label === '' ? '' : `|${edge.label}|`} ${id(edge.to)}`)
  }
  return ['flowchart TD', ...lines, ...data, ...order].join('\n') + '\n'
}

function hostsLabel(hosts: readonly string[]): string {
  return hosts.length > 6 ? `${hosts.slice(0, 5).join(' ')} … ${hosts.length} hosts` : hosts.join(' ')
}

/** Plays in order with their hosts and tags: `--list-hosts`, `--list-tags`. */
export function listing(graph: Graph, what: 'hosts' | 'tags'): string {
  const lines = graph.plays.map((planned, index) => {
    const head = `play #${index + 1} ${planned.play.name}${planned.full.length === 0 ? ' (outputs only)' : ''}`
    const detail = what === 'tags' ? `  tags: ${planned.play.tags.join(', ')}` : planned.full.map(node => `  ${graph.nodes.get(node)?.host ?? node}${planned.on === undefined ? '' : ` (on ${planned.on})`}`).join('\n')
    return detail === '' ? head : `${head}\n${detail}`
  })
  return [`playbook: ${graph.playbook}`, ...lines].join('\n') + '\n'
}
