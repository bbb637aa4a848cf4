import type { Change } from '../model/change.ts'
import type { TaskOutcome } from '../model/event.ts'
import type { Failed } from '../model/failure.ts'
import type { Task } from '../model/task.ts'
import { applyTask, begun } from './apply.ts'
import { nextDiffering, type Company } from './convoy.ts'
import { DONE_BEFORE, type Journal } from './journal.ts'
import { look } from './look.ts'
import { companionOutcome } from './outcome.ts'
import type { Probes } from './probes.ts'
import { canRescue } from './rescue.ts'
import { emitTask, failedTask, label, whereOf, type Scope } from './scope.ts'

interface Parts {
  readonly task: Task
  /** What comes next if all goes well, up to the next flush. */
  readonly following: readonly Task[]
  /** Whose changes may go along, and what was done of them. */
  readonly company: Company
  readonly probes: Probes
  readonly journal: Journal
  /** The block that answers a failure. */
  readonly rescuer: string | undefined
}

/** Brings one task about: looks where the last look may be untrue, applies what differs, and tells what became of it. */
export async function runTask(scope: Scope, { task, following, company, probes, journal, rescuer }: Parts): Promise<{ readonly outcome: TaskOutcome; readonly failed: Failed | undefined }> {
  const { context, node } = scope
  const { handlers } = company
  const started = context.now()
  const when = begun(context.finishing)
  const source = await scope.sources.of([task, ...following])
  const end = (outcome: TaskOutcome, milliseconds = context.now() - started): { outcome: TaskOutcome; failed: Failed | undefined } => {
    if (outcome.type !== 'failed') {
      emitTask(scope, label(scope, task), hide(task, outcome), milliseconds)
      return { outcome, failed: undefined }
    }
    const forgiven = canRescue(outcome.failure) ? task.options.ignoreErrors : undefined
    const rescued = canRescue(outcome.failure) && rescuer !== undefined ? `rescued by ${rescuer}` : undefined
    emitTask(scope, label(scope, task), { ...outcome, ignored: forgiven ?? rescued }, milliseconds)
    return { outcome, failed: forgiven === undefined ? failedTask(scope, task, outcome.failure) : undefined }
  }
  const companion = company.made.get(task)
  if (companion) {
    company.made.delete(task)
    context.emit({ type: 'task-started', node: node.id, play: node.play.name, host: node.host, task: label(scope, task) })
    const outcome = await companionOutcome(task, companion, probes, source)
    handlers.notify(task)
    return end(outcome, companion.milliseconds)
  }
  if (!probes.isFresh(task)) {
    const broken = await probes.refresh([task, ...nextDiffering(scope, { task, following, probes, source })])
    if (broken) return end({ type: 'failed', failure: broken, ignored: undefined })
  }
  const seen = look(task, probes.answer(task), source)
  if (seen.type === 'same') return end({ type: 'ok' })
  if (seen.type === 'broken') return end({ type: 'failed', failure: seen.failure, ignored: undefined })
  const { changes } = seen.assessment
  // Nothing can be probed of a command without a guard: that it was done is all there is to know.
  const entry = changes.every(change => change.effect === 'runs') ? journal.entry(task, seen.assessment.apply().command.text) : undefined
  if (entry !== undefined && journal.has(entry)) return end({ type: 'skipped', why: DONE_BEFORE })
  if (context.confirm && !(await context.confirm({ host: whereOf(scope, task), play: node.play.name, title: label(scope, task).title, changes: hideChanges(task, changes) }))) return end({ type: 'skipped', why: NOT_CONFIRMED })
  context.emit({ type: 'task-started', node: node.id, play: node.play.name, host: node.host, task: label(scope, task) })
  const { before, failure } = await handlers.mark(task)
  if (failure) return end({ type: 'failed', failure, ignored: undefined })
  const outcome = await applyTask(scope, { task, assessment: seen.assessment, before, after: [], following, company, begun: when }, probes, source)
  // What a failed apply did is not known, and the marks are on the host: if the node goes on, its handlers are due.
  if (entry !== undefined && outcome.type === 'changed') journal.add(entry)
  if (outcome.type === 'changed' || outcome.type === 'failed') handlers.notify(task)
  return end(outcome, (context.now() - started) / (1 + company.made.size))
}

function hide(task: Task, outcome: TaskOutcome): TaskOutcome {
  return outcome.type === 'changed' ? { ...outcome, changes: hideChanges(task, outcome.changes) } : outcome
}

function hideChanges(task: Task, changes: readonly Change[]): readonly Change[] {
  return task.options.noLog === true ? [{ effect: 'modifies', attribute: 'content', from: { type: 'secret' }, to: { type: 'secret' } }] : changes
}

/** Why a task is left out that `--step` asked about. */
export const NOT_CONFIRMED = 'not confirmed'
