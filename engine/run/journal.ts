import type { Task } from '../model/task.ts'
import type { Node } from '../plan/graph.ts'

/** What survives of a run on the controller: which unguarded commands it finished. Nothing in it is a secret, and nothing else is trusted. */
export interface JournalStore {
  /** Entries of the run that is resumed. */
  readonly done: { readonly has: (entry: string) => boolean }
  readonly add: (entry: string) => void
}

/**
 * Knows an unguarded command again in a later run. Everything else is probed, so that only commands, of which nothing can be probed, would be
 * done twice by a run that goes on where another one was interrupted.
 */
export class Journal {
  readonly #store: JournalStore
  readonly #node: Node
  readonly #seen = new Map<string, number>()

  constructor(store: JournalStore, node: Node) {
    this.#store = store
    this.#node = node
  }

  /** The entry of the next command of a node: the text of what it runs, so that one that was edited is another one. */
  entry(task: Task, text: string): string {
    const name = [this.#node.id, task.kind, task.id, text].join('\n')
    const times = (this.#seen.get(name) ?? 0) + 1
    this.#seen.set(name, times)
    return `${name}\n${times}`
  }

  has(entry: string): boolean {
    return this.#store.done.has(entry)
  }

  add(entry: string): void {
    this.#store.add(entry)
  }
}

/** Why a command of a resumed run is left out. */
export const DONE_BEFORE = 'done by the run that is resumed'
