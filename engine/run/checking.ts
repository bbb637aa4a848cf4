import type { TaskOutcome } from '../model/event.ts'
import type { Failed } from '../model/failure.ts'
import type { Task } from '../model/task.ts'
import { judgeBoth } from './assertions.ts'
import { Journal } from './journal.ts'
import { KnownHandlers } from './known-handlers.ts'
import { UnknownValue, whyUnknown, world } from './known.ts'
import { leftOut } from './left-out.ts'
import { aheadOf, align, type Aligned, type Pair } from './pairs.ts'
import { placeOf, placeOfStage } from './place.ts'
import { Probes } from './probes.ts'
import { canRescue } from './rescue.ts'
import { emitOmitted, emitReport, emitTask, failedNode, failedTask, frameFor, label, redactTasks, titleOf, type Scope } from './scope.ts'
import { StartAt } from './start-at.ts'
import { ToldHandlers } from './told-handlers.ts'
import { wouldDo } from './would-do.ts'

/** Why a list is not followed to its end. */
export type Stop = { readonly type: 'failed'; readonly failed: Failed } | { readonly type: 'unknown'; readonly why: string }

/** Goes through a node's lists as two imagined worlds see them. */
export class Checking {
  readonly #scope: Scope
  readonly #probes: Probes
  readonly #start: StartAt
  readonly #journal: Journal
  readonly #handlers: KnownHandlers
  readonly #listed = new Set<string>()
  readonly #told: ToldHandlers
  readonly #rescuers: string[] = []
  why: string | undefined

  constructor(scope: Scope, why: string | undefined) {
    this.#scope = scope
    this.#probes = new Probes(scope)
    this.#start = new StartAt(scope)
    this.#journal = new Journal(scope.context.journal, scope.node)
    this.#handlers = new KnownHandlers(scope)
    this.#told = new ToldHandlers(scope)
    this.why = why
  }

  async list(aligned: Aligned): Promise<Stop | undefined> {
    for (const pair of aligned.pairs) {
      if (pair.type === 'report' && pair.known) emitReport(this.#scope, pair.report)
      const refused = pair.type === 'assertion' ? judgeBoth(this.#scope, pair, this.#rescuedBy()) : undefined
      if (refused) return { type: 'failed', failed: refused }
    }
    const broken = this.#handlers.learn(aligned.items) ?? (await this.#look(aligned))
    if (broken) return { type: 'failed', failed: broken }
    for (const pair of aligned.pairs) {
      const stop = await this.#pair(pair)
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

  /** Here the handlers that are due would run. */
  flush(): void {
    this.#told.flush()
  }

  missed(): Stop | undefined {
    const failed = this.#start.missed()
    return failed && { type: 'failed', failed }
  }

  async #pair(pair: Pair): Promise<Stop | undefined> {
    if (pair.type === 'omitted') emitOmitted(this.#scope, pair.item)
    if (pair.type === 'flush') this.flush()
    return pair.type === 'task' ? this.#task(pair) : pair.type === 'block' ? this.#block(pair) : undefined
  }

  async #stage({ a, b, restA, restB }: Extract<Aligned['end'], { type: 'stage' }>): Promise<Stop | undefined> {
    const place = placeOfStage(this.#scope, a)
    const gathered = await this.#scope.facts.gather(frameFor(this.#scope, 'facts'), place, a.facts, this.#scope.pending.of(place.host))
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

  /** Probes what was not looked at yet of the tasks ahead, and tells of handlers that an earlier run left due. */
  async #look(aligned: Aligned): Promise<Failed | undefined> {
    const tasks = aheadOf(aligned).filter(({ task, known }) => known && this.#leftOut(task) === undefined && this.#probes.answer(task) === undefined).map(({ task }) => task)
    const hosts = [...new Set(this.#handlers.dues.map(due => due.host))].filter(host => !this.#listed.has(host))
    redactTasks(this.#scope, tasks)
    const broken = await this.#probes.refresh(tasks, hosts)
    if (broken) return failedNode(this.#scope, broken)
    for (const host of hosts) this.#listed.add(host)
    this.#told.tell(this.#handlers.dues.filter(due => this.#probes.pending.get(due.host)?.includes(due.handler.mark) === true))
    return undefined
  }

  async #task({ task, known }: Pair & { readonly type: 'task' }): Promise<Stop | undefined> {
    const { node } = this.#scope
    const left = this.#start.leavesOut(task) ?? this.#leftOut(task)
    const outcome: TaskOutcome = left !== undefined ? { type: 'skipped', why: left } : !known ? { type: 'unknown', why: `waits for ${this.why ?? 'what runs before it'}`, changes: [] } : await this.#wouldDo(task)
    const changes = outcome.type === 'would-change' || outcome.type === 'unknown'
    if (changes) this.#scope.pending.note(placeOf(this.#scope, task).host, `${node.play.name}: ${titleOf(task)}`, known ? task.effects(outcome.type === 'would-change' ? outcome.changes : []) : undefined, known ? task : undefined)
    emitTask(this.#scope, label(this.#scope, task), outcome, 0)
    if (known && changes) this.#told.tell(this.#handlers.notifiedBy(task))
    if (outcome.type !== 'failed' || task.options.ignoreErrors !== undefined) return undefined
    return { type: 'failed', failed: failedTask(this.#scope, task, outcome.failure) }
  }

  async #wouldDo(task: Task): Promise<TaskOutcome> {
    return wouldDo(task, { answer: this.#probes.answer(task), source: await this.#scope.sources.of([task]), journal: this.#journal, ignored: task.options.ignoreErrors ?? this.#rescuedBy(), turning: assessment => this.#scope.pending.turning(placeOf(this.#scope, task).host, task, assessment) })
  }

  #rescuedBy(): string | undefined {
    const name = this.#rescuers.at(-1)
    return name === undefined ? undefined : `rescued by ${name}`
  }

  #leftOut(task: Task): string | undefined {
    return leftOut(task, this.#scope.node, this.#scope.context.graph)
  }
}
