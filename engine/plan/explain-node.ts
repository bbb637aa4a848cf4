import type { Graph, Node } from './graph.ts'

/** Why a node runs, what it waits for, and where each input comes from: `--explain play@host`. `undefined`: there is no such node in this run. */
export function explainNode(graph: Graph, id: string): string | undefined {
  const node = graph.nodes.get(id)
  if (!node) return undefined
  const { play } = node
  const turn = node.turn === undefined ? undefined : graph.turns.get(node.turn)
  const lines = [
    `${id}: role ${play.role.name}, ${play.origin.file}:${play.origin.line}`,
    `  ${why(graph, node)}`,
    ...(node.on === undefined ? [] : [`  executed on ${node.on}, its facts gathered there, with the variables of ${node.host}`]),
    ...(node.queue === undefined ? [] : [`  after ${node.queue}: ${node.host} goes through its plays one at a time`]),
    ...play.after.map(({ play: before, until }) => `  after ${before.name} on all its hosts: ${until === 'settled' ? 'barrier, however it ended there' : 'barrier'}`),
    ...(turn ? [`  waits for its turn: ${turn.limit} of ${turn.nodes.size} hosts at a time (${turn.name})`] : []),
    ...Object.entries(play.bindings).map(([input, ref]) => {
      if (ref.type === 'members-ref') return `  input ${input}: the members of ${ref.groups.join(', ')}, from the inventory`
      const edge = node.inputs.find(found => found.input === input)
      const from = edge === undefined || edge.from.length === 0 ? 'no host' : edge.from.length > 6 ? `${edge.from.slice(0, 5).join(', ')} … ${edge.from.length} nodes` : edge.from.join(', ')
      return `  input ${input}: output ${ref.key} of ${ref.play.name} (${ref.pick})${edge?.optional === true ? ', asked for only when the role needs it' : ''}, from ${from}`
    }),
  ]
  return lines.join('\n') + '\n'
}

function why(graph: Graph, { play, mode, id }: Node): string {
  if (mode === 'full') {
    const { only } = graph.taskTags
    if (only.length === 0) return 'runs: nothing leaves it out'
    const own = play.tags.filter(tag => only.includes(tag))
    return own.length > 0 ? `runs: selected by tag ${own.join(', ')}` : play.tags.includes('always') ? 'runs: always' : `is entered: its tasks may have the tag ${only.join(' or ')}`
  }
  const takers = graph.plays.filter(planned => Object.values(planned.play.bindings).some(ref => ref.type === 'ref' && ref.play.name === play.name)).map(planned => planned.play.name)
  const reason = play.role.body.tasks === undefined ? 'it is read only' : 'it is not selected'
  return `gives outputs only, changes nothing (${reason}): ${takers.length > 0 ? `${takers.join(', ')} may ask for them` : `nobody asks for them, ${id} is not looked at`}`
}

/** Nodes whose name is close to what was asked for: of the same play, or of the same host. */
export function nodesLike(graph: Graph, id: string): readonly string[] {
  const [play, host] = id.split('@')
  return [...graph.nodes.values()].filter(node => node.play.name === play || node.host === host || node.host === play).map(node => node.id)
}
