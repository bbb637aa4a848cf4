import type { Failure } from '../model/failure.ts'
import type { Section, SectionResult } from '../model/session.ts'
import type { Task } from '../model/task.ts'
import { frameFor, probeSection, userOf, type Scope } from './scope.ts'

/** Where the names of handlers that are still due are kept on a host. */
export const PENDING_DIRECTORY = '"$TSP_STATE/pending"'
const LIST_PENDING: Section = { script: `ls -1 ${PENDING_DIRECTORY} 2>/dev/null || :` }

/** What the probes of a list of tasks last said, and whether a change since then may have made it untrue. */
export class Probes {
  readonly #scope: Scope
  readonly #results = new Map<Task, SectionResult>()
  readonly #fresh = new Set<Task>()
  /** Names of the marks found under the host's `pending/`. */
  pending: readonly string[] = []

  constructor(scope: Scope) {
    this.#scope = scope
  }

  isFresh(task: Task): boolean {
    return this.#fresh.has(task)
  }

  result(task: Task): SectionResult | undefined {
    return this.#results.get(task)
  }

  set(task: Task, result: SectionResult): void {
    this.#results.set(task, result)
    this.#fresh.add(task)
  }

  /** After a change nothing known before is certain. */
  stale(): void {
    this.#fresh.clear()
  }

  /** Probes the tasks: one frame for each privilege used. `first` also asks for handlers that an earlier run left due. */
  async refresh(tasks: readonly Task[], first = false): Promise<Failure | undefined> {
    const users = new Set(tasks.map(task => userOf(this.#scope, task)))
    if (first) users.add(this.#scope.user)
    for (const user of users) {
      const own = tasks.filter(task => userOf(this.#scope, task) === user)
      const listing = first && user === this.#scope.user ? [LIST_PENDING] : []
      const reply = await this.#scope.hosts.query(frameFor(this.#scope, 'probe'), user, [...own.map(probeSection), ...listing])
      if (reply.type === 'failure') return reply.failure
      for (const [index, task] of own.entries()) {
        const result = reply.results[index]
        if (result) this.set(task, result)
      }
      if (listing.length > 0) this.pending = (reply.results.at(-1)?.stdout ?? '').split('\n').filter(name => name !== '')
    }
    return undefined
  }
}
