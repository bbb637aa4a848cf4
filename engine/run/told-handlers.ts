import type { Due } from './known-handlers.ts'
import type { Scope } from './scope.ts'

/** In check mode: the handlers of a node that would run. Each is told once, and is a change to come from where it would run on. */
export class ToldHandlers {
  readonly #scope: Scope
  readonly #told = new Set<Due>()
  #due: Due[] = []

  constructor(scope: Scope) {
    this.#scope = scope
  }

  /** What is due from an earlier run, or what a change makes due. */
  tell(dues: readonly Due[]): void {
    const { context, node } = this.#scope
    for (const due of dues) {
      if (this.#told.has(due) || due.task.options.when === false) continue
      this.#told.add(due)
      this.#due.push(due)
      context.emit({ type: 'handler-pending', node: node.id, play: node.play.name, host: node.host, handler: due.handler.name })
    }
  }

  /** Here they would run. */
  flush(): void {
    const { node, pending } = this.#scope
    for (const { handler, host, task } of this.#due) pending.note(host, `${node.play.name}: ${handler.name}`, task.effects([]), task)
    this.#due = []
  }
}
