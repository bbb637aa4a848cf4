import type { Play } from '../model/play.ts'

/** `full`: its tasks run. `outputs-only`: it is asked for what it gives and changes nothing. */
export type NodeMode = 'full' | 'outputs-only'

/** One role on one host: the vertex that runs. */
export interface Node {
  /** `play@host`. */
  readonly id: string
  readonly play: Play
  readonly host: string
  /** The host that its tasks are executed on, where it is another one. */
  readonly on: string | undefined
  readonly mode: NodeMode
  /** Validated variables, defaults filled in. */
  readonly vars: Readonly<Record<string, unknown>>
  /** The node of the same host that has to end before this one starts. */
  readonly queue: string | undefined
  /** Nodes of other plays that have to end before. One list for all nodes of a play: a thousand hosts need no million edges. */
  readonly barriers: readonly string[]
  /** Nodes of other plays that have to have ended before, however. One list for all nodes of a play. */
  readonly settled: readonly string[]
  /** Plays whose outputs it takes, by input name. One list for all nodes of a play. */
  readonly inputs: readonly InputEdge[]
  /** The name of the turn it has to wait for. */
  readonly turn: string | undefined
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
  /** The host that all its tasks are executed on. */
  readonly on: string | undefined
}

/** A serial play, or the plays of a `rolling`: few hosts at a time, each through all of them. */
export interface Turn {
  /** The play's name, or the rolling's plays: `drain, upgrade`. */
  readonly name: string
  /** Hosts at a time. */
  readonly limit: number
  /** Hosts that may fail, after they were changed, before no further one gets a turn; `undefined`: any. */
  readonly maxFailures: number | undefined
  /** Milliseconds between one host's end and the next one's start. */
  readonly pause: number
  /** How many nodes each host has in it. */
  readonly nodes: ReadonlyMap<string, number>
}

/** What a run walks. Made by named passes, never changed afterwards. */
export interface Graph {
  readonly playbook: string
  readonly plays: readonly PlannedPlay[]
  readonly nodes: ReadonlyMap<string, Node>
  readonly turns: ReadonlyMap<string, Turn>
  /** What the selection says of tasks. */
  readonly taskTags: TaskTags
  /** The task that the first play begins with. */
  readonly startAt: { readonly play: string; readonly task: string | undefined } | undefined
}

export interface TaskTags {
  readonly only: readonly string[]
  readonly skip: readonly string[]
}

export const nodeId = (play: { readonly name: string }, host: string): string => `${play.name}@${host}`

/** The nodes that have to end before one starts, optional inputs aside. */
export function waitsFor(node: Node): readonly string[] {
  return [...(node.queue === undefined ? [] : [node.queue]), ...node.barriers, ...node.settled, ...node.inputs.filter(edge => !edge.optional).flatMap(edge => edge.from)]
}

/** Nodes that wait for nothing come first; ties in playbook and inventory order. Used for listings and as a proof that there is no cycle. */
export function topologicalOrder(graph: Graph): readonly Node[] {
  const done = new Set<string>()
  const order: Node[] = []
  const visit = (node: Node): void => {
    if (done.has(node.id)) return
    done.add(node.id)
    for (const id of [...waitsFor(node), ...node.inputs.flatMap(edge => edge.from)]) {
      const before = graph.nodes.get(id)
      if (before) visit(before)
    }
    order.push(node)
  }
  for (const node of graph.nodes.values()) visit(node)
  return order
}
