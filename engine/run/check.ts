import type { TaskOutcome } from '../model/event.ts'
import type { Failed } from '../model/failure.ts'
import type { Item, Task } from '../model/task.ts'
import { UnknownValue, whyUnknown, world } from './known.ts'
import { leftOut } from './left-out.ts'
import { look, lastLine } from './look.ts'
import { aheadOf, align, type Aligned, type Pair } from './pairs.ts'
import { DONE_BEFORE, Journal } from './journal.ts'
import { Probes } from './probes.ts'
import { canRescue } from './rescue.ts'
import { StartAt } from './start-at.ts'
import { emitReport, emitTask, failedNode, frameFor, label, redactTasks, type Scope } from './scope.ts'

/** A role's items as two imagined worlds see them, and what is imagined about them. */
export interface Worlds {
  readonly a: readonly Item[]
  readonly b: readonly Item[]
  /** What is not known, in words; `undefined` when both worlds are the real one. */
  readonly why: string | undefined
}

export interface CheckEnd {
  readonly failed: Failed | undefined
  /** The first thing that would change, in words; what later plays on the host cannot be sure of. */
  readonly pending: string | undefined
  /** Why the rest of the node cannot be known. */
  readonly unknown: string | undefined
}

/** Why a list is not followed to its end. */
type Stop = { readonly type: 'failed'; readonly failed: Failed } | { readonly type: 'unknown'; readonly why: string }

/** What a node would do: the same probes and plans as a run, with no way to apply. */
export async function check(scope: Scope, worlds: Worlds, hostPending: string | undefined): Promise<CheckEnd> {
  const checking = new Checking(scope, worlds.why, hostPending)
  const stop = (await checking.list(align(worlds.a, worlds.b))) ?? checking.missed()
  return { failed: stop?.type === 'failed' ? stop.failed : undefined, pending: checking.pending ?? (stop?.type === 'unknown' ? checking.why : undefined), unknown: stop?.type === 'unknown' ? stop.why : undefined }
}

class Checking {
  readonly #scope: Scope
  readonly #probes: Probes
  readonly #start: StartAt
  readonly #journal: Journal
  readonly #told = new Set<string>()
  readonly #rescuers: string[] = []
  #first = true
  pending: string | undefined
  why: string | undefined

  constructor(scope: Scope, why: string | undefined, pending: string | undefined) {
    this.#scope = scope
    this.#probes = new Probes(scope)
    this.#start = new StartAt(scope)
    this.#journal = new Journal(scope.context.journal, scope.node)
    this.why = why
    this.pending = pending
  }

  async list(aligned: Aligned): Promise<Stop | undefined> {
    for (const pair of aligned.pairs) {
      if (pair.type === 'report' && pair.known) emitReport(this.#scope, pair.report)
      const refused = pair.type === 'assertion' ? this.#assertion(pair) : undefined
      if (refused) return { type: 'failed', failed: refused }
    }
    const broken = await this.#look(aligned)
    if (broken) return { type: 'failed', failed: broken }
    for (const pair of aligned.pairs) {
      const stop = pair.type === 'task' ? await this.#task(pair) : pair.type === 'block' ? await this.#block(pair) : undefined
      if (stop) return stop
    }
    switch (aligned.end.type) {
      case 'end':
        return undefined
      case 'differs':
        return { type: 'unknown', why: `waits for ${this.why ?? 'what runs before it'}` }
      case 'stage':
        return this.#stage(aligned.end)
    }
  }

  missed(): Stop | undefined {
    const failed = this.#start.missed()
    return failed && { type: 'failed', failed }
  }

  async #stage({ a, b, restA, restB }: Extract<Aligned['end'], { type: 'stage' }>): Promise<Stop | undefined> {
    const gathered = await this.#scope.facts.gather(frameFor(this.#scope, 'facts'), this.#scope.user, a.facts, this.pending)
    if (gathered.type === 'failure') return { type: 'failed', failed: failedNode(this.#scope, gathered.failure) }
    this.why = [this.why, whyUnknown(gathered.values)].filter(text => text !== undefined).join(', ') || undefined
    let next: Aligned
    try {
      next = align([...a.tasks({ facts: world(gathered.values, 'a') }), ...restA], [...b.tasks({ facts: world(gathered.values, 'b') }), ...restB])
    } catch (error) {
      if (!(error instanceof UnknownValue) && this.why === undefined) throw error
      return { type: 'unknown', why: `waits for ${this.why ?? String(error)}` }
    }
    return this.list(next)
  }

  /** What is known to fail is known to be rescued; a command that may fail leads nowhere here. */
  async #block({ name, tasks, rescue, always }: Pair & { readonly type: 'block' }): Promise<Stop | undefined> {
    const rescues = rescue.pairs.length > 0 || rescue.end.type !== 'end'
    if (rescues) this.#rescuers.push(name)
    let stop = await this.list(tasks)
    if (rescues) this.#rescuers.pop()
    if (stop?.type === 'failed' && rescues && canRescue(stop.failed.failure)) stop = await this.list(rescue)
    return stop?.type === 'unknown' ? stop : ((await this.list(always)) ?? stop)
  }

  #assertion({ a, b }: Pair & { readonly type: 'assertion' }): Failed | undefined {
    const { node } = this.#scope
    const task = { kind: 'assert', id: a.name, title: `assert ${a.name}`, handler: false, origin: a.origin }
    // What holds in one world only, or is said differently in the other, depends on the unknown: it is judged when it is known.
    const certain = a.holds === b.holds && (a.holds || a.message === b.message)
    const failure = { reason: 'refused' as const, message: a.message, remedy: a.remedy }
    const outcome: TaskOutcome = !certain ? { type: 'unknown', why: 'depends on what is not known yet', changes: [] } : a.holds ? { type: 'ok' } : { type: 'failed', failure, ignored: this.#rescuedBy() }
    emitTask(this.#scope, task, outcome, 0)
    return outcome.type === 'failed' ? { failure, host: node.host, play: node.play.name, task: task.title, origin: a.origin } : undefined
  }

  /** Probes what was not looked at yet of the tasks ahead, and tells of handlers that an earlier run left due. */
  async #look(aligned: Aligned): Promise<Failed | undefined> {
    const { context, node } = this.#scope
    const tasks = aheadOf(aligned).filter(({ task, known }) => known && this.#leftOut(task) === undefined && this.#probes.result(task) === undefined).map(({ task }) => task)
    if (tasks.length === 0) return undefined
    redactTasks(this.#scope, tasks)
    const broken = await this.#probes.refresh(tasks, this.#first)
    this.#first = false
    if (broken) return failedNode(this.#scope, broken)
    for (const handler of new Set(tasks.flatMap(task => task.options.notify ?? []))) {
      if (!this.#probes.pending.includes(handler.mark) || this.#told.has(handler.mark)) continue
      this.#told.add(handler.mark)
      context.emit({ type: 'handler-pending', node: node.id, play: node.play.name, host: node.host, handler: handler.name })
    }
    return undefined
  }

  async #task({ task, known }: Pair & { readonly type: 'task' }): Promise<Stop | undefined> {
    const { node } = this.#scope
    const left = this.#start.leavesOut(task) ?? this.#leftOut(task)
    const outcome: TaskOutcome = left !== undefined ? { type: 'skipped', why: left } : !known ? { type: 'unknown', why: `waits for ${this.why ?? 'what runs before it'}`, changes: [] } : await this.#wouldDo(task)
    if (outcome.type === 'would-change' || outcome.type === 'unknown') this.pending ??= `${node.play.name}: ${label(task).title}`
    emitTask(this.#scope, label(task), outcome, 0)
    if (outcome.type !== 'failed' || task.options.ignoreErrors !== undefined) return undefined
    return { type: 'failed', failed: { failure: outcome.failure, host: node.host, play: node.play.name, task: label(task).title, origin: task.origin } }
  }

  async #wouldDo(task: Task): Promise<TaskOutcome> {
    const seen = look(task, this.#probes.result(task), await this.#scope.sources.of([task]))
    if (seen.type === 'same') return { type: 'ok' }
    if (seen.type === 'broken') {
      if (seen.failure.reason === 'source-missing') return { type: 'failed', failure: seen.failure, ignored: task.options.ignoreErrors ?? this.#rescuedBy() }
      return { type: 'unknown', why: `its state cannot be read yet: ${'stderr' in seen.failure && lastLine(seen.failure.stderr) !== '' ? lastLine(seen.failure.stderr) : seen.failure.message}`, changes: [] }
    }
    const { changes } = seen.assessment
    if (changes.every(change => change.effect === 'runs') && this.#journal.has(this.#journal.entry(task, seen.assessment.apply().command.text))) return { type: 'skipped', why: DONE_BEFORE }
    if (changes.some(change => change.effect === 'runs')) return { type: 'unknown', why: 'a command without a guard: it would run, what it changes cannot be known', changes }
    if (changes.every(change => change.effect === 'waits')) return { type: 'unknown', why: `it would wait for ${changes.map(change => change.attribute).join(', ')}`, changes }
    const hidden = task.options.noLog ? changes.map(change => ({ effect: 'modifies' as const, attribute: change.attribute, from: { type: 'secret' as const }, to: { type: 'secret' as const } })) : changes
    return { type: 'would-change', changes: hidden, ...(task.validates ? { validated: false } : {}) }
  }

  #rescuedBy(): string | undefined {
    const name = this.#rescuers.at(-1)
    return name === undefined ? undefined : `rescued by ${name}`
  }

  #leftOut(task: Task): string | undefined {
    return leftOut(task, this.#scope.node, this.#scope.context.graph)
  }
}
