import type { TaskOutcome } from '../model/event.ts'
import type { Failure } from '../model/failure.ts'
import type { SectionResult } from '../model/session.ts'
import type { Assessment, Task } from '../model/task.ts'
import type { Companion, Step } from './convoy.ts'
import { lastLine, look } from './look.ts'
import type { Answer, Probes } from './probes.ts'
import type { SourceOf } from './scope.ts'

/** What became of the steps of a frame: the changes that were begun, and for the probes what they said last. */
export function madeBy(steps: readonly Step[], results: readonly SectionResult[], probes: Probes): Map<Task, Omit<Companion, 'milliseconds'>> {
  const made = new Map<Task, Omit<Companion, 'milliseconds'>>()
  for (const [index, step] of steps.entries()) {
    const result = results[index]
    if (result?.status === undefined || step.does === 'mark') continue
    if (step.does === 'apply') made.set(step.task, { assessment: step.assessment, applied: result, answer: undefined })
    else {
      const change = made.get(step.task)
      if (change) made.set(step.task, { ...change, answer: result })
      probes.set(step.task, result)
    }
  }
  return made
}

/** What came of a change that was made along with one before it. */
export async function companionOutcome(task: Task, { assessment, applied, answer }: Companion, probes: Probes, source: SourceOf): Promise<TaskOutcome> {
  if (applied.status !== 0) return failed(applyFailed(task, applied))
  const broken = answer === undefined ? await probes.refresh([task]) : undefined
  return broken ? failed(broken) : verify(task, assessment, answer ?? probes.answer(task), { applied, source })
}

/** Whether what a change was for has come about, by its probe's last answer. */
export function verify(task: Task, assessment: Assessment, answer: Answer | undefined, { applied, source }: { applied: SectionResult; source: SourceOf }): TaskOutcome {
  const seen = look(task, answer, source)
  if (seen.type === 'broken') return failed(seen.failure)
  const left = seen.type === 'differs' ? seen.assessment.changes.filter(change => change.effect !== 'runs') : []
  if (left.length > 0)
    return failed({
      reason: 'did-not-converge',
      message: `${task.kind} ${task.id} was applied without an error, and still differs in: ${left.map(change => change.attribute).join(', ')}`,
      remedy: 'something on the host undoes or overrides the change; look for it there',
      stderr: applied.stderr,
    })
  return done(assessment)
}

export function applyFailed(task: Task, result: SectionResult | undefined): Failure {
  const said = lastLine(result?.stderr ?? '') || lastLine(result?.stdout ?? '')
  return {
    reason: 'apply-failed',
    message: `${task.kind} ${task.id} exited ${result?.status ?? 'without a status'}${said === '' ? '' : `: ${said}`}`,
    remedy: 'mend the cause on the host and run again; what was already done is found done',
    status: result?.status,
    stdout: result?.stdout ?? '',
    stderr: result?.stderr ?? '',
  }
}

/** What a change that has come about is told as: one that only waited is none. */
export function done({ changes }: Assessment): TaskOutcome {
  return changes.every(change => change.effect === 'waits') ? { type: 'ok' } : { type: 'changed', changes, verified: true }
}

export function failed(failure: Failure): TaskOutcome {
  return { type: 'failed', failure, ignored: undefined }
}
