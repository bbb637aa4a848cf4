import type { TaskOutcome } from '../model/event.ts'
import type { Failed } from '../model/failure.ts'
import type { Item, Task } from '../model/task.ts'
import { UnknownValue, whyUnknown, world } from './known.ts'
import { look, lastLine } from './look.ts'
import { Probes } from './probes.ts'
import { same } from './same.ts'
import { emitTask, failedNode, frameFor, label, redactTasks, type Scope } from './scope.ts'
import { leftOut } from './segment.ts'

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

/** What a node would do: the same probes and plans as a run, with no way to apply. */
export async function check(scope: Scope, worlds: Worlds, hostPending: string | undefined): Promise<CheckEnd> {
  let pending = hostPending
  let { a, b } = worlds
  let why = worlds.why
  for (;;) {
    const { pairs, stage, differs } = align(a, b)
    const refused = refusal(scope, pairs)
    if (refused) return { failed: refused, pending, unknown: undefined }
    const judged = await judge(scope, pairs, why, pending)
    if ('failed' in judged) return { failed: judged.failed, pending, unknown: undefined }
    pending = judged.pending
    if (differs) return { failed: undefined, pending: pending ?? why, unknown: `waits for ${why ?? 'what runs before it'}` }
    if (!stage) return { failed: undefined, pending, unknown: undefined }
    const gathered = await scope.facts.gather(frameFor(scope, 'facts'), scope.user, stage.facts, pending)
    if (gathered.type === 'failure') return { failed: failedNode(scope, gathered.failure), pending, unknown: undefined }
    why = [why, whyUnknown(gathered.values)].filter(text => text !== undefined).join(', ') || undefined
    try {
      a = [...stage.inA({ facts: world(gathered.values, 'a') }), ...stage.restA]
      b = [...stage.inB({ facts: world(gathered.values, 'b') }), ...stage.restB]
    } catch (error) {
      if (!(error instanceof UnknownValue) && why === undefined) throw error
      return { failed: undefined, pending: pending ?? why, unknown: `waits for ${why ?? String(error)}` }
    }
  }
}

interface Pair {
  readonly a: Item
  readonly b: Item
}

/** Pairs the items of both worlds up to the first stage, or to the first place where they are not the same kind of thing. */
function align(a: readonly Item[], b: readonly Item[]) {
  const pairs: Pair[] = []
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index], b[index]]
    if (!left || !right || left.type !== right.type) return { pairs, stage: undefined, differs: true }
    if (left.type === 'task' && right.type === 'task' && left.kind !== right.kind) return { pairs, stage: undefined, differs: true }
    if (left.type === 'stage' && right.type === 'stage')
      return { pairs, differs: false, stage: { facts: left.facts, inA: left.tasks, inB: right.tasks, restA: a.slice(index + 1), restB: b.slice(index + 1) } }
    pairs.push({ a: left, b: right })
  }
  return { pairs, stage: undefined, differs: false }
}

function refusal(scope: Scope, pairs: readonly Pair[]): Failed | undefined {
  for (const { a, b } of pairs) {
    if (a.type !== 'assertion' || b.type !== 'assertion') continue
    const task = { kind: 'assert', id: a.name, title: `assert ${a.name}`, handler: false, origin: a.origin }
    // What holds in one world only, or is said differently in the other, depends on the unknown: it is judged when it is known.
    const certain = a.holds === b.holds && (a.holds || a.message === b.message)
    const failure = { reason: 'refused' as const, message: a.message, remedy: a.remedy }
    const outcome: TaskOutcome = !certain ? { type: 'unknown', why: 'depends on what is not known yet', changes: [] } : a.holds ? { type: 'ok' } : { type: 'failed', failure, ignored: undefined }
    emitTask(scope, task, outcome, 0)
    if (outcome.type === 'failed') return { failure, host: scope.node.host, play: scope.node.play.name, task: task.title, origin: a.origin }
  }
  return undefined
}

async function judge(scope: Scope, pairs: readonly Pair[], why: string | undefined, hostPending: string | undefined): Promise<{ readonly pending: string | undefined } | { readonly failed: Failed }> {
  const { context, node } = scope
  let pending = hostPending
  const tasks = pairs.flatMap(({ a, b }) => (a.type === 'task' && b.type === 'task' ? [{ task: a, known: isKnown(a, b) }] : []))
  const probed = tasks.filter(({ task, known }) => known && leftOut(task, node.play.tags, context.graph.taskTags) === undefined).map(({ task }) => task)
  redactTasks(scope, probed)
  const source = await scope.sources.of(probed)
  const probes = new Probes(scope)
  const broken = probed.length === 0 ? undefined : await probes.refresh(probed, true)
  if (broken) return { failed: failedNode(scope, broken) }
  const handlers = new Map(probed.flatMap(task => task.options.notify ?? []).map(handler => [handler.mark, handler]))
  for (const mark of probes.pending) {
    const handler = handlers.get(mark)
    if (handler) context.emit({ type: 'handler-pending', node: node.id, play: node.play.name, host: node.host, handler: handler.name })
  }
  for (const { task, known } of tasks) {
    const left = leftOut(task, node.play.tags, context.graph.taskTags)
    const outcome: TaskOutcome = left !== undefined ? { type: 'skipped', why: left } : !known ? { type: 'unknown', why: `waits for ${why ?? 'what runs before it'}`, changes: [] } : wouldDo(task, probes, source)
    if (outcome.type === 'would-change' || outcome.type === 'unknown') pending ??= `${node.play.name}: ${label(task).title}`
    emitTask(scope, label(task), outcome, 0)
    if (outcome.type === 'failed') return { failed: { failure: outcome.failure, host: node.host, play: node.play.name, task: label(task).title, origin: task.origin } }
  }
  return { pending }
}

function isKnown(a: Task, b: Task): boolean {
  return a.id === b.id && same(a.spec, b.spec) && a.options.when === b.options.when && same(a.options.environment, b.options.environment)
}

function wouldDo(task: Task, probes: Probes, source: Parameters<typeof look>[2]): TaskOutcome {
  const seen = look(task, probes.result(task), source)
  if (seen.type === 'same') return { type: 'ok' }
  if (seen.type === 'broken') {
    if (seen.failure.reason === 'source-missing') return { type: 'failed', failure: seen.failure, ignored: undefined }
    return { type: 'unknown', why: `its state cannot be read yet: ${'stderr' in seen.failure && lastLine(seen.failure.stderr) !== '' ? lastLine(seen.failure.stderr) : seen.failure.message}`, changes: [] }
  }
  const { changes } = seen.assessment
  if (changes.some(change => change.effect === 'runs')) return { type: 'unknown', why: 'a command without a guard: it would run, what it changes cannot be known', changes }
  if (changes.every(change => change.effect === 'waits')) return { type: 'unknown', why: `it would wait for ${changes.map(change => change.attribute).join(', ')}`, changes }
  const hidden = task.options.noLog ? changes.map(change => ({ effect: 'modifies' as const, attribute: change.attribute, from: { type: 'secret' as const }, to: { type: 'secret' as const } })) : changes
  return { type: 'would-change', changes: hidden, ...(task.validates ? { validated: false } : {}) }
}
