import type { Graph, Node } from '../plan/graph.ts'
import type { NodeEnd } from './node.ts'

/**
 * How the nodes of a run ended. Each is started when somebody first asks for its end.
 * What all nodes of a play wait for is waited for once: a thousand nodes behind a thousand cost two thousand steps, not a million.
 */
export class Ends {
  readonly #graph: Graph
  readonly #live: (node: Node) => Promise<NodeEnd>
  readonly #started = new Map<string, Promise<NodeEnd>>()
  readonly #groups = new Map<readonly string[], Promise<string | undefined>>()
  /** Nodes that have ended. */
  readonly known = new Map<string, NodeEnd>()

  constructor(graph: Graph, live: (node: Node) => Promise<NodeEnd>) {
    this.#graph = graph
    this.#live = live
  }

  of(id: string): Promise<NodeEnd> {
    const started = this.#started.get(id)
    if (started) return started
    const node = this.#graph.nodes.get(id)
    if (!node) throw new Error(`no node ${id}`)
    const ending = this.#live(node).then(end => (this.known.set(id, end), end))
    this.#started.set(id, ending)
    return ending
  }

  /** Waits for all that a node waits for, and gives the root cause if one of those that had to end well did not. Producers of inputs may fail: the input decides. */
  async before(node: Node): Promise<string | undefined> {
    const [queue, barriers] = await Promise.all([
      node.queue === undefined ? undefined : this.of(node.queue).then(end => blockedBy(end)),
      this.#all(node.barriers),
      this.#all(node.settled),
      ...node.inputs.filter(edge => !edge.optional).map(edge => this.#all(edge.from)),
    ])
    return queue ?? barriers
  }

  #all(ids: readonly string[]): Promise<string | undefined> {
    const known = this.#groups.get(ids)
    if (known) return known
    const ended = Promise.all(ids.map(id => this.of(id))).then(ends => ends.map(blockedBy).find(id => id !== undefined))
    this.#groups.set(ids, ended)
    return ended
  }
}

/** The root cause when a node that had to end well did not. */
function blockedBy({ outcome, scope }: NodeEnd): string | undefined {
  switch (outcome.type) {
    case 'failed':
    case 'unreachable':
      return scope.node.id
    case 'blocked':
      return outcome.by
    case 'done':
    case 'skipped':
    case 'unknown':
      return undefined
  }
}
