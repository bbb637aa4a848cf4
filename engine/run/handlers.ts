import type { TaskOutcome } from '../model/event.ts'
import { quote } from '../model/command.ts'
import type { Failed, Failure } from '../model/failure.ts'
import type { Handler } from '../model/handler.ts'
import type { Section } from '../model/session.ts'
import type { Item, Task } from '../model/task.ts'
import { RAN_ELSEWHERE } from './apply.ts'
import { KnownHandlers, type Due } from './known-handlers.ts'
import { lastLine } from './look.ts'
import { placeOf, placeOfMarks, samePlace } from './place.ts'
import { PENDING_DIRECTORY, Probes } from './probes.ts'
import { runHandler } from './run-handler.ts'
import { emitTask, failedTask, frameFor, label, redactTasks, type Scope } from './scope.ts'

/**
 * The handlers of one node. What is due is marked on the host before the change that makes it due, and unmarked after the handler succeeded:
 * so a crash in between costs a second run of the handler, never a lost one. All marks of a host lie with the node's user there, where the next run
 * looks for them: those of a task that runs as somebody else take a frame of their own.
 *
 * The mark is the truth: where several nodes made the same handler due on a host, the first one whose end comes runs it, and the others find it done.
 */
export class Handlers {
  readonly #scope: Scope
  readonly #known: KnownHandlers
  readonly #due = new Set<Due>()
  readonly #listed = new Set<string>()
  readonly #recovered = new Set<Due>()

  constructor(scope: Scope) {
    this.#scope = scope
    this.#known = new KnownHandlers(scope)
  }

  /** Learns the handlers of a list. Gives the mistake that would lose a notification. */
  learn(items: readonly Item[]): Failed | undefined {
    return this.#known.learn(items)
  }

  /** Hosts that were not asked yet what an earlier run left due there. */
  unlisted(): readonly string[] {
    const hosts = [...new Set(this.#known.dues.map(due => due.host))].filter(host => !this.#listed.has(host))
    for (const host of hosts) this.#listed.add(host)
    return hosts
  }

  /** Takes up what an earlier run left due. */
  recover(pending: Probes['pending']): readonly Handler[] {
    const found = this.#known.dues.filter(due => pending.get(due.host)?.includes(due.handler.mark) === true && !this.#recovered.has(due))
    for (const due of found) {
      this.#recovered.add(due)
      this.#due.add(due)
    }
    return found.map(due => due.handler)
  }

  notify(task: Task): void {
    for (const due of this.#known.notifiedBy(task)) this.#due.add(due)
  }

  /** Marks what a task makes due before its change: by sections for the same frame, or at once. */
  async mark(task: Task): Promise<{ readonly before: readonly Section[]; readonly failure: Failure | undefined }> {
    const before: Section[] = []
    for (const { host, section, along } of this.#marks(task)) {
      if (along) before.push(section)
      else {
        const failure = await this.#alone(section, host)
        if (failure) return { before: [], failure }
      }
    }
    return { before, failure: undefined }
  }

  /** The sections that mark it, where all of them can go in its own frame. */
  marksAlong(task: Task): readonly Section[] | undefined {
    const marks = this.#marks(task)
    return marks.every(({ along }) => along) ? marks.map(({ section }) => section) : undefined
  }

  #marks(task: Task): readonly { readonly host: string; readonly section: Section; readonly along: boolean }[] {
    const place = placeOf(this.#scope, task)
    return [...Map.groupBy(this.#known.notifiedBy(task), due => due.host)].map(([host, dues]) => {
      const files = dues.map(due => `${PENDING_DIRECTORY}/${quote(due.handler.mark)}`).join(' ')
      const script = `set -eu\numask 077\n[ -d ${PENDING_DIRECTORY} ] || mkdir -p ${PENDING_DIRECTORY}\nfor mark in ${files}; do : >"$mark"; done`
      return { host, section: { script }, along: samePlace(placeOfMarks(this.#scope, host), place) }
    })
  }

  /**
   * Runs what is due and what that makes due, in definition order. Gives the failure that stopped it.
   *
   * @param stopped asked before each: why nothing new may begin; what is due then stays marked
   */
  async run(stopped: () => Failed | undefined): Promise<{ readonly ran: boolean; readonly failed: Failed | undefined }> {
    const left = (): readonly Due[] => this.#known.dues.filter(due => this.#due.has(due))
    let ran = false
    // One that is notified behind its place runs in the next round. Only topics can make a circle; then what is still due is for the next run.
    for (let due = left(), rounds = this.#known.dues.length; due.length > 0 && rounds > 0; due = left(), rounds--) {
      const why = stopped()
      if (why) return { ran, failed: why }
      const tasks = due.map(({ task }) => task)
      redactTasks(this.#scope, tasks)
      const probes = new Probes(this.#scope)
      const broken = await probes.refresh(tasks, [...new Set(due.map(({ host }) => host))])
      if (broken) return { ran, failed: due[0] && failedTask(this.#scope, due[0].task, broken) }
      for (const one of this.#known.dues) {
        if (!this.#due.has(one)) continue
        const stop = ran ? stopped() : undefined
        if (stop) return { ran, failed: stop }
        // One that fails keeps its mark, for the next run: a later flush of this one does not try it again.
        this.#due.delete(one)
        ran = true
        const failed = due.includes(one) && isGone(one, probes) ? this.#done(one) : await this.#runOne(one, probes)
        if (failed) return { ran, failed }
      }
    }
    return { ran, failed: undefined }
  }

  #done({ task }: Due): undefined {
    emitTask(this.#scope, label(this.#scope, task, true), { type: 'skipped', why: RAN_ELSEWHERE }, 0)
  }

  async #runOne(due: Due, probes: Probes): Promise<Failed | undefined> {
    const { handler, host, task } = due
    const unmark: Section = { script: `rm -f ${PENDING_DIRECTORY}/${quote(handler.mark)}` }
    const own = samePlace(placeOf(this.#scope, task), placeOfMarks(this.#scope, host))
    if (task.options.when === false) {
      emitTask(this.#scope, label(this.#scope, task, true), { type: 'skipped', why: 'when' }, 0)
      const failure = await this.#alone(unmark, host)
      return failure && failedTask(this.#scope, task, failure)
    }
    const marked = await this.mark(task)
    if (marked.failure) return failedTask(this.#scope, task, marked.failure)
    return runHandler(this.#scope, task, {
      probes,
      mark: { host, gone: () => isGone(due, probes) },
      before: marked.before,
      after: own ? [unmark] : [],
      changed: () => this.notify(task),
      // A handler that may fail stays marked: the next run tries it again.
      unmark: (outcome: TaskOutcome) => (own && outcome.type === 'changed' ? Promise.resolve(undefined) : this.#alone(unmark, host)),
    })
  }

  /** A section about the marks of a host in a frame of its own. */
  async #alone(section: Section, host: string): Promise<Failure | undefined> {
    const { hosts } = this.#scope
    const reply = await hosts.exclusively(host, () => hosts.apply(frameFor(this.#scope, 'apply'), placeOfMarks(this.#scope, host), { sections: [section], deadline: 30_000 }))
    if (reply.type === 'failure') return reply.failure
    const [result] = reply.results
    if (result?.status === 0) return undefined
    return { reason: 'apply-failed', message: `what handlers are due could not be written down: ${lastLine(result?.stderr ?? '')}`, remedy: 'see that the state folder it names can be written to', status: result?.status, stdout: '', stderr: result?.stderr ?? '' }
  }
}

/** Whether a host that was asked does not have the mark any more. */
function isGone({ host, handler }: Due, probes: Probes): boolean {
  return probes.pending.get(host)?.includes(handler.mark) === false
}
