import type { Task } from '../model/task.ts'
import type { Graph, Node } from '../plan/graph.ts'
import { taskLeftOut } from '../plan/select.ts'

/** Why a task of a node that runs is left out; `undefined` when it is not. */
export function leftOut(task: Task, node: Node, { taskTags }: Graph): string | undefined {
  return task.options.when === false ? 'when' : taskLeftOut({ tags: task.options.tags ?? [], roles: task.roles ?? [] }, node.play, taskTags)
}
