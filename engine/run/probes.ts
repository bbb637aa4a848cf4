import type { Failure } from '../model/failure.ts'
import type { Section, SectionResult } from '../model/session.ts'
import type { Task } from '../model/task.ts'
import { placeKey, placeOf, placeOfMarks, samePlace } from './place.ts'
import { frameFor, probeSection, type Scope } from './scope.ts'

/** Where the names of handlers that are still due are kept on a host. */
export const PENDING_DIRECTORY = '"$TSP_STATE/pending"'
const LIST_PENDING: Section = { script: `ls -1 ${PENDING_DIRECTORY} 2>/dev/null || :` }

/** What came of looking: a probe's answer, or why a host that is only to help gave none. */
export type Answer = SectionResult | Failure

/** What the probes of a list of tasks last said, and whether a change since then may have made it untrue. */
export class Probes {
  readonly #scope: Scope
  readonly #answers = new Map<Task, Answer>()
  /** How often the host had been changed when a task was looked at. */
  readonly #fresh = new Map<Task, number>()
  /** Names of the marks found under `pending/`, by host. */
  readonly pending = new Map<string, readonly string[]>()

  constructor(scope: Scope) {
    this.#scope = scope
  }

  /** Whether nothing that this run knows of may have changed the host since: neither this node nor another one that works there. */
  isFresh(task: Task): boolean {
    return this.#fresh.get(task) === this.#changes(task)
  }

  answer(task: Task): Answer | undefined {
    return this.#answers.get(task)
  }

  set(task: Task, answer: Answer, changes = this.#changes(task)): void {
    this.#answers.set(task, answer)
    this.#fresh.set(task, changes)
  }

  /** After a change nothing known before is certain. */
  stale(): void {
    this.#fresh.clear()
  }

  /**
   * Probes the tasks: one frame for each host and privilege used. A host other than the node's that cannot be used is its own tasks' failure,
   * and so is a user of theirs that is not there.
   *
   * @param listing hosts that are also asked for handlers that an earlier run left due
   */
  async refresh(tasks: readonly Task[], listing: readonly string[] = []): Promise<Failure | undefined> {
    const marks = listing.map(host => placeOfMarks(this.#scope, host))
    const places = new Map([...tasks.map(task => placeOf(this.#scope, task)), ...marks].map(place => [placeKey(place), place]))
    for (const place of places.values()) {
      const own = tasks.filter(task => samePlace(placeOf(this.#scope, task), place))
      const lists = marks.some(mark => samePlace(mark, place))
      const changes = this.#scope.hosts.changes(place.host)
      const { sections, indices } = distinct(own.map(probeSection))
      const reply = await this.#scope.hosts.query(frameFor(this.#scope, 'probe'), place, [...sections, ...(lists ? [LIST_PENDING] : [])])
      // A task's own user may be made by a task before it.
      const ofTask = reply.type === 'failure' && reply.failure.reason === 'no-such-user' && !samePlace(place, this.#scope.place)
      if (reply.type === 'failure' && place.host === this.#scope.place.host && !ofTask) return reply.failure
      for (const [index, task] of own.entries()) {
        const answer = reply.type === 'failure' ? reply.failure : reply.results[indices[index] ?? -1]
        if (answer) this.set(task, answer, changes)
      }
      if (lists && reply.type === 'results') this.pending.set(place.host, (reply.results.at(-1)?.stdout ?? '').split('\n').filter(name => name !== ''))
    }
    return undefined
  }

  #changes(task: Task): number {
    return this.#scope.hosts.changes(placeOf(this.#scope, task).host)
  }
}

/** What several tasks ask alike, such as the text of a file whose lines they declare, is asked once. */
function distinct(sections: readonly Section[]): { readonly sections: readonly Section[]; readonly indices: readonly number[] } {
  const asked = new Map<string | Section, { readonly index: number; readonly section: Section }>()
  const indices = sections.map(section => {
    const { script, stdin, helpers = '' } = section
    const key = stdin === undefined ? `${script}\0${helpers}` : section
    const { index } = asked.get(key) ?? { index: asked.size }
    if (index === asked.size) asked.set(key, { index, section })
    return index
  })
  return { sections: [...asked.values()].map(({ section }) => section), indices }
}
