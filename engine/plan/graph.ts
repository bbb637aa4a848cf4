import type { Play } from '../model/play.ts'

/** `full`: its tasks run. `outputs-only`: it is asked for what it gives and changes nothing. */
export type NodeMode = 'full' | 'outputs-only'

/** One role on one host: the vertex that runs. */
export interface Node {
  /** `play@host`. */
  readonly id: string
  readonly play: Play
  readonly host: string
  readonly mode: NodeMode
  /** Validated variables, defaults filled in. */
  readonly vars: Readonly<Record<string, unknown>>
  /** Node ids that have to end before this one starts: its host's queue and barriers. */
  readonly after: readonly string[]
  /** Plays whose outputs it takes, by input name. */
  readonly inputs: readonly InputEdge[]
}

export interface InputEdge {
  readonly input: string
  readonly play: string
  /** Nodes that can give it, in inventory order. */
  readonly from: readonly string[]
  /** Asked for only when the role says so. */
  readonly optional: boolean
}

/** A play with the hosts it is for in this run. */
export interface PlannedPlay {
  readonly play: Play
  /** All hosts of its pattern in inventory order, whatever the selection. */
  readonly hosts: readonly string[]
  /** Node ids that run in full. */
  readonly full: readonly string[]
}

/** What a run walks. Made by named passes, never changed afterwards. */
export interface Graph {
  readonly playbook: string
  readonly plays: readonly PlannedPlay[]
  readonly nodes: ReadonlyMap<string, Node>
  /** Tags that a task must have to run, when the selection names tags that no play has. */
  readonly taskTags: TaskTags
}

export interface TaskTags {
  readonly only: readonly string[]
  readonly skip: readonly string[]
}

export const nodeId = (play: { readonly name: string }, host: string): string => `${play.name}@${host}`

/** Nodes that wait for nothing come first; ties in playbook and inventory order. Used for listings and as a proof that there is no cycle. */
export function topologicalOrder(graph: Graph): readonly Node[] {
  const done = new Set<string>()
  const order: Node[] = []
  const visit = (node: Node): void => {
    if (done.has(node.id)) return
    done.add(node.id)
    for (const id of [...node.after, ...node.inputs.flatMap(edge => edge.from)]) {
      const before = graph.nodes.get(id)
      if (before) visit(before)
    }
    order.push(node)
  }
  for (const node of graph.nodes.values()) visit(node)
  return order
}
