import type { Effect } from '../model/effect.ts'
import { anything } from '../model/effect.ts'
import type { Assessment, Task } from '../model/task.ts'

interface Change {
  /** In words. */
  readonly what: string
  readonly effects: readonly Effect[]
  /** The task that would make it, where it is one. */
  readonly task: Task | undefined
}

/** In check mode: the changes of each host that are not made, so that what depends on them cannot be known. */
export class Pending {
  readonly #changes = new Map<string, Change[]>()

  /** The first one, in words. */
  of(host: string): string | undefined {
    return this.#changes.get(host)?.[0]?.what
  }

  note(host: string, what: string, effects: readonly Effect[] = anything, task?: Task): void {
    const changes = this.#changes.get(host) ?? []
    this.#changes.set(host, changes)
    changes.push({ what, effects, task })
  }

  /** The first one that may turn what a task found. The same thing declared twice is always such. */
  turning(host: string, { kind, id }: Task, assessment: Assessment): string | undefined {
    return this.#changes.get(host)?.find(({ task, effects }) => (task?.kind === kind && task.id === id) || effects.some(effect => assessment.turnedBy(effect)))?.what
  }
}
