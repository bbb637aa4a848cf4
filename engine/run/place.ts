import type { Stage, Task } from '../model/task.ts'
import type { Node } from '../plan/graph.ts'
import type { RunContext } from './context.ts'
import type { Scope } from './scope.ts'

/** Where something is executed: on a host, as a user (`undefined`: the login user). */
export interface Place {
  readonly host: string
  readonly user: string | undefined
}

/** Where a node's tasks are executed when they do not say. */
export function placeOfNode(node: Node, become: RunContext['become']): Place {
  const host = node.on ?? node.host
  return { host, user: userAt(node, host, become) }
}

/** Where a task is executed: the host that it names, or the node's; as the user that it names, or that the play or the inventory says for that host. */
export function placeOf({ node, place, context }: Scope, { options: { on, become } }: Task): Place {
  const host = on ?? place.host
  if (become !== undefined) return { host, user: named(become) }
  return host === place.host ? place : { host, user: userAt(node, host, context.become) }
}

/** Where the marks of handlers that are due on a host lie, and where facts of it are gathered: with the node's user, however single tasks become another one. */
export function placeOfMarks({ node, place, context }: Scope, host: string): Place {
  return host === place.host ? place : { host, user: userAt(node, host, context.become) }
}

export function placeOfStage(scope: Scope, { on }: Stage): Place {
  return placeOfMarks(scope, on ?? scope.place.host)
}

export function samePlace(left: Place, right: Place): boolean {
  return left.host === right.host && left.user === right.user
}

export function placeKey({ host, user }: Place): string {
  return `${user ?? ''}@${host}`
}

function userAt({ play }: Node, host: string, become: RunContext['become']): string | undefined {
  return play.become === undefined ? become(host) : named(play.become)
}

function named(become: boolean | string): string | undefined {
  return become === true ? 'root' : become === false ? undefined : become
}
