import type { Failed } from '../model/failure.ts'
import type { Task } from '../model/task.ts'
import { failedNode, titleOf, type Scope } from './scope.ts'

/** Why tasks before the one that `--start-at` names are left out. */
const BEFORE = 'before --start-at'

/** Finds the task that a node begins with, going through its tasks in order. */
export class StartAt {
  readonly #scope: Scope
  #wanted: string | undefined

  constructor(scope: Scope) {
    const { node, context } = scope
    this.#scope = scope
    this.#wanted = context.graph.startAt?.play === node.play.name ? context.graph.startAt.task : undefined
  }

  /** Why the next task is left out; `undefined` from the named one on. */
  leavesOut(task: Task): string | undefined {
    if (this.#wanted === titleOf(task)) this.#wanted = undefined
    return this.#wanted === undefined ? undefined : BEFORE
  }

  /** A title that nothing has must not pass for "all is done". */
  missed(): Failed | undefined {
    const { node } = this.#scope
    if (this.#wanted === undefined) return undefined
    return failedNode(this.#scope, { reason: 'start-not-found', message: `play ${node.play.name} has no task \`${this.#wanted}\` on ${node.host}: nothing was done`, remedy: '--list-tasks shows the titles of tasks' })
  }
}
