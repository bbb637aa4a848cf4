import type { TaskOutcome } from '../model/event.ts'
import type { Failed, Failure } from '../model/failure.ts'
import type { Flush, Item, Task } from '../model/task.ts'
import { applyTask } from './apply.ts'
import { whyUnknown, world } from './known.ts'
import { Handlers } from './handlers.ts'
import { look } from './look.ts'
import { Probes } from './probes.ts'
import { emitTask, failedNode, failedTask, frameFor, label, redactTasks, userOf, type Scope, type SourceOf } from './scope.ts'
import { leftOut, segment, type Segment } from './segment.ts'

/** How a node's tasks ended. */
export interface WalkEnd {
  readonly failed: Failed | undefined
  readonly changed: boolean
}

/** Runs a list of items on a host: probe all, then apply what differs, one round trip each. */
export class Walk {
  readonly #scope: Scope
  readonly #handlers: Handlers
  #changed = false
  #first = true

  constructor(scope: Scope) {
    this.#scope = scope
    this.#handlers = new Handlers(scope)
  }

  async run(items: readonly Item[]): Promise<WalkEnd> {
    let rest = items
    for (;;) {
      const part = segment(rest)
      const failed = this.#refused(part) ?? (await this.#runSegment(part))
      if (failed) return this.#end(failed)
      if (!part.stage) break
      const gathered = await this.#scope.facts.gather(frameFor(this.#scope, 'facts'), this.#scope.user, part.stage.facts, undefined)
      if (gathered.type === 'failure') return this.#end(failedNode(this.#scope, gathered.failure))
      if (whyUnknown(gathered.values)) throw new Error('a run gathers facts, it does not imagine them')
      rest = [...part.stage.tasks({ facts: world(gathered.values, 'a') }), ...part.rest]
    }
    return this.#end((await this.#handlers.run()).failed)
  }

  #end(failed: Failed | undefined): WalkEnd {
    return { failed, changed: this.#changed }
  }

  /** Assertions are pure, so they are judged before anything of their segment is changed. */
  #refused({ assertions }: Segment): Failed | undefined {
    const { node } = this.#scope
    for (const assertion of assertions) {
      const task = { kind: 'assert', id: assertion.name, title: `assert ${assertion.name}`, handler: false, origin: assertion.origin }
      const failure: Failure = { reason: 'refused', message: assertion.message, remedy: assertion.remedy }
      emitTask(this.#scope, task, assertion.holds ? { type: 'ok' } : { type: 'failed', failure, ignored: undefined }, 0)
      if (!assertion.holds) return { failure, host: node.host, play: node.play.name, task: task.title, origin: assertion.origin }
    }
    return undefined
  }

  async #runSegment({ items }: Segment): Promise<Failed | undefined> {
    const { node, context } = this.#scope
    const chosen = items.filter((item): item is Task | Flush => {
      const why = item.type === 'task' ? leftOut(item, node.play.tags, context.graph.taskTags) : undefined
      if (item.type === 'task' && why !== undefined) emitTask(this.#scope, label(item), { type: 'skipped', why }, 0)
      return why === undefined
    })
    const tasks = chosen.filter(item => item.type === 'task')
    if (tasks.length === 0 && !this.#first) return undefined
    redactTasks(this.#scope, tasks)
    this.#handlers.know(tasks)
    const source = await this.#scope.sources.of(tasks)
    const probes = new Probes(this.#scope)
    const broken = tasks.length === 0 ? undefined : await probes.refresh(tasks, this.#first)
    this.#first = false
    if (broken) return failedNode(this.#scope, broken)
    for (const handler of this.#handlers.recover(probes.pending)) context.emit({ type: 'handler-pending', node: node.id, play: node.play.name, host: node.host, handler: handler.name })
    for (const [index, item] of chosen.entries()) {
      if (context.finishing.aborted) return failedNode(this.#scope, interrupted)
      const following = until(chosen.slice(index + 1))
      const failed = item.type === 'flush' ? await this.#flush(probes) : await this.#runTask(item, following, probes, source)
      if (failed) return failed
    }
    return undefined
  }

  async #flush(probes: Probes): Promise<Failed | undefined> {
    const { ran, failed } = await this.#handlers.run()
    if (ran) probes.stale()
    return failed
  }

  async #runTask(task: Task, following: readonly Task[], probes: Probes, source: SourceOf): Promise<Failed | undefined> {
    const { context, node } = this.#scope
    const started = context.now()
    if (!probes.isFresh(task)) {
      const broken = await probes.refresh([task, ...this.#nextDiffering(task, following, probes, source)])
      if (broken) return failedTask(this.#scope, task, broken)
    }
    const seen = look(task, probes.result(task), source)
    let outcome: TaskOutcome
    if (seen.type === 'same') outcome = { type: 'ok' }
    else if (seen.type === 'broken') outcome = { type: 'failed', failure: seen.failure, ignored: task.options.ignoreErrors }
    else {
      context.emit({ type: 'task-started', node: node.id, play: node.play.name, host: node.host, task: label(task) })
      const next = this.#nextDiffering(task, following, probes, source)
      outcome = await applyTask(this.#scope, { task, assessment: seen.assessment, before: this.#handlers.marks(task), after: [], following: next }, probes, source)
      if (outcome.type === 'failed') outcome = { ...outcome, ignored: task.options.ignoreErrors }
      if (outcome.type === 'changed') this.#changed = true
      if (outcome.type === 'changed') this.#handlers.notify(task)
    }
    emitTask(this.#scope, label(task), hide(task, outcome), context.now() - started)
    return outcome.type === 'failed' && outcome.ignored === undefined ? failedTask(this.#scope, task, outcome.failure) : undefined
  }

  /** The following tasks of the same user up to and including the next that differed when last seen: worth probing in the same round trip. */
  #nextDiffering(task: Task, following: readonly Task[], probes: Probes, source: SourceOf): readonly Task[] {
    const user = userOf(this.#scope, task)
    const other = following.findIndex(next => userOf(this.#scope, next) !== user)
    const own = other < 0 ? following : following.slice(0, other)
    const end = own.findIndex(next => look(next, probes.result(next), source).type !== 'same')
    return end < 0 ? own : own.slice(0, end + 1)
  }
}

/** Ctrl-C: what runs may end, nothing new begins. */
export const interrupted: Failure = { reason: 'interrupted', message: 'stopped by Ctrl-C before it was done', remedy: 'run again: it goes on from what it finds' }

function until(items: readonly (Task | Flush)[]): readonly Task[] {
  const end = items.findIndex(item => item.type === 'flush')
  return (end < 0 ? items : items.slice(0, end)).filter(item => item.type === 'task')
}

function hide(task: Task, outcome: TaskOutcome): TaskOutcome {
  if (!task.options.noLog || outcome.type !== 'changed') return outcome
  return { ...outcome, changes: [{ effect: 'modifies', attribute: 'content', from: { type: 'secret' }, to: { type: 'secret' } }] }
}
