import type { Failed } from '../model/failure.ts'
import type { Block } from '../model/block.ts'
import type { Item, Stage, Task } from '../model/task.ts'
import { judge } from './assertions.ts'
import { whyUnknown, world } from './known.ts'
import type { Companion } from './convoy.ts'
import { Handlers } from './handlers.ts'
import { leftOut } from './left-out.ts'
import { interrupted } from './interrupted.ts'
import { Journal } from './journal.ts'
import { Probes } from './probes.ts'
import { afterRescue, canRescue } from './rescue.ts'
import { runTask } from './run-task.ts'
import { placeOfStage } from './place.ts'
import { emitOmitted, emitTask, failedNode, frameFor, label, redactTasks, type Scope } from './scope.ts'
import { StartAt } from './start-at.ts'
import { ahead, segment, type Segment } from './segment.ts'

/** How a node's tasks ended. */
export interface WalkEnd {
  readonly failed: Failed | undefined
  readonly changed: boolean
  /** The node whose failure stopped this one between two tasks. */
  readonly stoppedBy: string | undefined
}

/** Runs a list of items on a host: probe all, then apply what differs, one round trip each. */
export class Walk {
  readonly #scope: Scope
  readonly #handlers: Handlers
  readonly #probes: Probes
  readonly #start: StartAt
  readonly #journal: Journal
  /** Changes that the host has made already along with one before them: they are told, whatever has come between. */
  readonly #made = new Map<Task, Companion>()
  /** Blocks whose tasks run now and that have a rescue, outermost first. */
  readonly #rescuers: Block[] = []
  /** How many `always` lists run now: they are not stopped by Ctrl-C. */
  #cleaning = 0
  #changed = false

  constructor(scope: Scope) {
    this.#scope = scope
    this.#handlers = new Handlers(scope)
    this.#probes = new Probes(scope)
    this.#start = new StartAt(scope)
    this.#journal = new Journal(scope.context.journal, scope.node)
  }

  async run(items: readonly Item[]): Promise<WalkEnd> {
    const failed = (await this.#list(items, [])) ?? this.#start.missed() ?? (await this.#handlers.run(this.#stop)).failed
    return { failed, changed: this.#changed, stoppedBy: failed?.failure.reason === 'interrupted' ? this.#scope.stoppedBy() : undefined }
  }

  /** `after` is what comes behind the list if all goes well: worth looking at in the same round trip. */
  async #list(items: readonly Item[], after: readonly Item[]): Promise<Failed | undefined> {
    const part = segment(items)
    const refused = judge(this.#scope, part.assertions, this.#rescuers.at(-1)?.name) ?? (await this.#look([...items, ...after]))
    if (refused) return refused
    let failed: Failed | undefined
    for (const [index, item] of part.items.entries()) {
      const behind = [...part.items.slice(index + 1), ...(part.stage ? [part.stage] : after)]
      const beside = new Set(part.items.slice(index + 1, item.type === 'task' ? nextOther(part.items, index + 1) : index + 1).filter(next => next.type === 'task'))
      const made = item.type === 'task' && this.#made.has(item)
      if (failed && !made) return failed
      const end = (made ? undefined : this.#stop()) ?? (await this.#item(item, behind, beside))
      failed ??= end
    }
    if (failed) return failed
    return part.stage ? this.#stage(part.stage, part.rest, after) : undefined
  }

  async #item(item: Segment['items'][number], behind: readonly Item[], beside: ReadonlySet<Task>): Promise<Failed | undefined> {
    switch (item.type) {
      case 'block':
        return this.#block(item, behind)
      case 'flush': {
        const { ran, failed } = await this.#handlers.run(this.#stop)
        if (ran) this.#probes.stale()
        return failed
      }
      case 'task':
        return this.#task(item, behind, beside)
      case 'omitted':
        return emitOmitted(this.#scope, item), undefined
    }
  }

  async #task(task: Task, behind: readonly Item[], beside: ReadonlySet<Task>): Promise<Failed | undefined> {
    const why = this.#start.leavesOut(task) ?? this.#leftOut(task)
    if (why !== undefined) return emitTask(this.#scope, label(this.#scope, task), { type: 'skipped', why }, 0), undefined
    const next = ahead(behind)
    const flush = next.findIndex(item => item.type === 'flush')
    const following = this.#chosen(flush < 0 ? next : next.slice(0, flush))
    const rescuer = this.#rescuers.at(-1)
    const { outcome, failed } = await runTask(this.#scope, { task, following, company: { beside, handlers: this.#handlers, made: this.#made }, probes: this.#probes, journal: this.#journal, rescuer: rescuer?.name })
    if (outcome.type === 'changed') this.#changed = true
    return failed
  }

  async #stage(stage: Stage, rest: readonly Item[], after: readonly Item[]): Promise<Failed | undefined> {
    const gathered = await this.#scope.facts.gather(frameFor(this.#scope, 'facts'), placeOfStage(this.#scope, stage), stage.facts, undefined)
    if (gathered.type === 'failure') return failedNode(this.#scope, gathered.failure)
    if (whyUnknown(gathered.values)) throw new Error('a run gathers facts, it does not imagine them')
    return this.#list([...stage.tasks({ facts: world(gathered.values, 'a') }), ...rest], after)
  }

  async #block(block: Block, after: readonly Item[]): Promise<Failed | undefined> {
    const { context, node } = this.#scope
    const behind = [...block.always, ...after]
    const rescues = block.rescue.length > 0
    if (rescues) this.#rescuers.push(block)
    let failed = await this.#list(block.tasks, behind)
    if (rescues) this.#rescuers.pop()
    if (failed && rescues && canRescue(failed.failure)) {
      const cause = failed
      context.emit({ type: 'block-rescued', node: node.id, play: node.play.name, host: node.host, block: block.name, failed: cause })
      const again = await this.#list(block.rescue, behind)
      failed = again && afterRescue(again, cause)
    }
    if (block.always.length === 0 || context.killing.aborted) return failed
    this.#cleaning++
    const last = await this.#list(block.always, failed ? [] : after)
    this.#cleaning--
    return failed ?? last
  }

  /** Probes what was never looked at of the tasks to come, and learns of handlers that an earlier run left due. */
  async #look(items: readonly Item[]): Promise<Failed | undefined> {
    const { context, node } = this.#scope
    const mistake = this.#handlers.learn(items)
    if (mistake) return mistake
    const tasks = this.#chosen(ahead(items)).filter(task => this.#probes.answer(task) === undefined)
    const hosts = this.#handlers.unlisted()
    redactTasks(this.#scope, tasks)
    // Controller files are hashed while the hosts look: plans need both.
    void this.#scope.sources.of(tasks)
    const broken = await this.#probes.refresh(tasks, hosts)
    if (broken) return failedNode(this.#scope, broken)
    for (const handler of this.#handlers.recover(this.#probes.pending)) context.emit({ type: 'handler-pending', node: node.id, play: node.play.name, host: node.host, handler: handler.name })
    return undefined
  }

  #chosen(items: readonly Item[]): readonly Task[] {
    return items.filter((item): item is Task => item.type === 'task' && this.#leftOut(item) === undefined)
  }

  #leftOut(task: Task): string | undefined {
    return leftOut(task, this.#scope.node, this.#scope.context.graph)
  }

  /** Why nothing new may begin. What a block does in any case may. */
  readonly #stop = (): Failed | undefined => (this.#cleaning > 0 ? undefined : this.#stopped())

  #stopped(): Failed | undefined {
    const { context, stoppedBy } = this.#scope
    if (context.finishing.aborted) return failedNode(this.#scope, interrupted)
    const by = stoppedBy()
    return by === undefined ? undefined : failedNode(this.#scope, { ...interrupted, message: `stopped because ${by} failed` })
  }
}

/** Where the tasks that follow each other in a list end: at a block or a flush. */
function nextOther(items: Segment['items'], from: number): number {
  const end = items.findIndex((item, index) => index >= from && item.type !== 'task' && item.type !== 'omitted')
  return end < 0 ? items.length : end
}
