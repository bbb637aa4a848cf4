import type { TaskOutcome } from '../model/event.ts'
import type { Failed, Failure } from '../model/failure.ts'
import type { Section } from '../model/session.ts'
import type { Task } from '../model/task.ts'
import { applyTask, begun, RAN_ELSEWHERE, type ApplyPlan } from './apply.ts'
import { look } from './look.ts'
import type { Probes } from './probes.ts'
import { canRescue } from './rescue.ts'
import { NOT_CONFIRMED } from './run-task.ts'
import { emitTask, failedTask, label, whereOf, type Scope } from './scope.ts'

interface Parts {
  readonly probes: Probes
  readonly mark: ApplyPlan['mark']
  /** Marks of what it notifies itself. */
  readonly before: readonly Section[]
  /** What takes its own mark away, where that can ride in its frame. */
  readonly after: readonly Section[]
  readonly changed: () => void
  /** Takes its mark away where that did not ride in its frame. */
  readonly unmark: (outcome: TaskOutcome) => Promise<Failure | undefined>
}

/** Runs one handler that is due, and takes its mark away once it succeeded. */
export async function runHandler(scope: Scope, task: Task, { probes, mark, before, after, changed, unmark }: Parts): Promise<Failed | undefined> {
  const { context, node } = scope
  const started = context.now()
  const when = begun(context.finishing)
  const named = label(scope, task, true)
  if (context.confirm && !(await context.confirm({ host: whereOf(scope, task), play: node.play.name, title: `handler ${named.title}`, changes: [] }))) {
    // It stays marked: the next run has it due.
    emitTask(scope, named, { type: 'skipped', why: NOT_CONFIRMED }, 0)
    return undefined
  }
  context.emit({ type: 'task-started', node: node.id, play: node.play.name, host: node.host, task: named })
  const source = await scope.sources.of([task])
  const finish = (outcome: TaskOutcome): Failed | undefined => {
    const shown = outcome.type === 'failed' && canRescue(outcome.failure) ? { ...outcome, ignored: task.options.ignoreErrors } : outcome
    emitTask(scope, named, shown, context.now() - started)
    return shown.type === 'failed' && shown.ignored === undefined ? failedTask(scope, task, shown.failure) : undefined
  }
  const broken = probes.isFresh(task) ? undefined : await probes.refresh([task])
  if (broken) return finish({ type: 'failed', failure: broken, ignored: undefined })
  const seen = look(task, probes.answer(task), source)
  if (seen.type === 'broken') return finish({ type: 'failed', failure: seen.failure, ignored: undefined })
  const outcome: TaskOutcome = seen.type === 'same' ? { type: 'ok' } : await applyTask(scope, { task, assessment: seen.assessment, before, after, following: [], begun: when, ...(mark ? { mark } : {}) }, probes, source)
  if (outcome.type === 'failed' || (outcome.type === 'skipped' && outcome.why === RAN_ELSEWHERE)) return finish(outcome)
  if (outcome.type === 'changed') changed()
  const failure = await unmark(outcome)
  return finish(failure ? { type: 'failed', failure, ignored: undefined } : outcome)
}
