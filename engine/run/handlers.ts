import type { TaskOutcome } from '../model/event.ts'
import { quote } from '../model/command.ts'
import type { Failed, Failure } from '../model/failure.ts'
import type { Handler } from '../model/handler.ts'
import type { Section } from '../model/session.ts'
import type { Task } from '../model/task.ts'
import { applyTask } from './apply.ts'
import { lastLine, look } from './look.ts'
import { PENDING_DIRECTORY, Probes } from './probes.ts'
import { canRescue } from './rescue.ts'
import { NOT_CONFIRMED } from './run-task.ts'
import { emitTask, failedTask, frameFor, label, redactTasks, userOf, type Scope } from './scope.ts'

/**
 * The handlers of one node. What is due is marked on the host before the change that makes it due, and unmarked after the handler succeeded:
 * so a crash in between costs a second run of the handler, never a lost one. All marks lie with the node's user, where the next run looks for them:
 * those of a task that runs as somebody else take a frame of their own.
 */
export class Handlers {
  readonly #scope: Scope
  readonly #known = new Map<string, Handler>()
  readonly #due = new Set<string>()

  constructor(scope: Scope) {
    this.#scope = scope
  }

  /** Learns the handlers that tasks may notify, in the order in which the list names them. */
  know(tasks: readonly Task[]): void {
    for (const handler of tasks.flatMap(task => task.options.notify ?? [])) if (!this.#known.has(handler.mark)) this.#known.set(handler.mark, handler)
  }

  /** Takes up what an earlier run left due on the host. */
  recover(marks: readonly string[]): readonly Handler[] {
    const found = [...this.#known.values()].filter(handler => marks.includes(handler.mark))
    for (const handler of found) this.#due.add(handler.mark)
    return found
  }

  notify(task: Task): void {
    for (const handler of task.options.notify ?? []) this.#due.add(handler.mark)
  }

  /** Marks a task's handlers as due before its change: by sections for the same frame, or at once. */
  async mark(task: Task): Promise<{ readonly before: readonly Section[]; readonly failure: Failure | undefined }> {
    const names = (task.options.notify ?? []).map(handler => handler.mark)
    if (names.length === 0) return { before: [], failure: undefined }
    const files = names.map(name => `${PENDING_DIRECTORY}/${quote(name)}`).join(' ')
    const section = { script: `set -eu\numask 077\nmkdir -p ${PENDING_DIRECTORY}\nfor mark in ${files}; do : >"$mark"; done` }
    if (this.#isOwn(task)) return { before: [section], failure: undefined }
    return { before: [], failure: await this.#alone(section) }
  }

  /** Runs what is due, in definition order. Gives the failure that stopped it. */
  async run(): Promise<{ readonly ran: boolean; readonly failed: Failed | undefined }> {
    const due = [...this.#known.values()].filter(handler => this.#due.has(handler.mark))
    const first = due[0]
    if (!first) return { ran: false, failed: undefined }
    const tasks = due.map(handler => handler.task)
    redactTasks(this.#scope, tasks)
    const probes = new Probes(this.#scope)
    const broken = await probes.refresh(tasks)
    if (broken) return { ran: false, failed: failedTask(this.#scope, first.task, broken) }
    for (const handler of due) {
      const failed = await this.#runOne(handler, probes)
      if (failed) return { ran: true, failed }
      this.#due.delete(handler.mark)
    }
    return { ran: true, failed: undefined }
  }

  async #runOne(handler: Handler, probes: Probes): Promise<Failed | undefined> {
    const { task } = handler
    const { context } = this.#scope
    const started = context.now()
    if (context.confirm && !(await context.confirm({ host: this.#scope.node.host, play: this.#scope.node.play.name, title: `handler ${label(task, true).title}`, changes: [] }))) {
      // It stays marked: the next run has it due.
      emitTask(this.#scope, label(task, true), { type: 'skipped', why: NOT_CONFIRMED }, 0)
      return undefined
    }
    context.emit({ type: 'task-started', node: this.#scope.node.id, play: this.#scope.node.play.name, host: this.#scope.node.host, task: label(task, true) })
    const source = await this.#scope.sources.of([task])
    if (!probes.isFresh(task)) await probes.refresh([task])
    const seen = look(task, probes.result(task), source)
    const unmark: Section = { script: `rm -f ${PENDING_DIRECTORY}/${quote(handler.mark)}` }
    const finish = (outcome: Parameters<typeof emitTask>[2]): Failed | undefined => {
      emitTask(this.#scope, label(task, true), outcome, context.now() - started)
      // A handler that may fail stays marked: the next run tries it again.
      return outcome.type === 'failed' && outcome.ignored === undefined ? failedTask(this.#scope, task, outcome.failure) : undefined
    }
    const forgive = (outcome: TaskOutcome): TaskOutcome => (outcome.type === 'failed' && canRescue(outcome.failure) ? { ...outcome, ignored: task.options.ignoreErrors } : outcome)
    if (seen.type === 'broken') return finish(forgive({ type: 'failed', failure: seen.failure, ignored: undefined }))
    const own = this.#isOwn(task)
    const outcome: TaskOutcome = seen.type === 'same' ? { type: 'ok' } : await applyTask(this.#scope, { task, assessment: seen.assessment, before: [], after: own ? [unmark] : [], following: [] }, probes, source)
    if (outcome.type === 'failed') return finish(forgive(outcome))
    const failure = seen.type === 'differs' && own ? undefined : await this.#alone(unmark)
    return finish(failure ? { type: 'failed', failure, ignored: undefined } : outcome)
  }

  /** Whether a task runs as the user with whom the marks lie. */
  #isOwn(task: Task): boolean {
    return userOf(this.#scope, task) === this.#scope.user
  }

  /** A section about marks in a frame of its own. */
  async #alone(section: Section): Promise<Failure | undefined> {
    const reply = await this.#scope.hosts.apply(frameFor(this.#scope, 'apply'), this.#scope.user, { sections: [section], deadline: 30_000 })
    if (reply.type === 'failure') return reply.failure
    const [result] = reply.results
    if (result?.status === 0) return undefined
    return { reason: 'apply-failed', message: `what handlers are due could not be written down: ${lastLine(result?.stderr ?? '')}`, remedy: 'see that the state folder it names can be written to', status: result?.status, stdout: '', stderr: result?.stderr ?? '' }
  }
}
