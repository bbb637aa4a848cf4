import type { TaskOutcome } from '../model/event.ts'
import type { Assessment, Task } from '../model/task.ts'
import { DONE_BEFORE, type Journal } from './journal.ts'
import { lastLine, look } from './look.ts'
import type { Answer } from './probes.ts'
import type { SourceOf } from './scope.ts'

interface Parts {
  readonly answer: Answer | undefined
  readonly source: SourceOf
  readonly journal: Journal
  /** Why a failure is not one: the task forgives it, or a block rescues it. */
  readonly ignored: string | undefined
  /** What is to come before the task and may turn what was found, in words. */
  readonly turning: (assessment: Assessment) => string | undefined
}

/** What a run would do about a task, as far as it can be known without doing it. */
export function wouldDo(task: Task, { answer, source, journal, ignored, turning }: Parts): TaskOutcome {
  const seen = look(task, answer, source)
  if (seen.type === 'broken') {
    if (isCertain(seen.failure.reason)) return { type: 'failed', failure: seen.failure, ignored }
    return { type: 'unknown', why: `its state cannot be read yet: ${'stderr' in seen.failure && lastLine(seen.failure.stderr) !== '' ? lastLine(seen.failure.stderr) : seen.failure.message}`, changes: [] }
  }
  const { changes } = seen.assessment
  const turned = turning(seen.assessment)
  if (seen.type === 'same') return turned === undefined ? { type: 'ok' } : { type: 'unknown', why: `as wanted now, but ${turned} comes first and may turn that`, changes }
  if (changes.every(change => change.effect === 'runs') && journal.has(journal.entry(task, seen.assessment.apply().command.text))) return { type: 'skipped', why: DONE_BEFORE }
  if (changes.some(change => change.effect === 'runs')) return { type: 'unknown', why: 'a command without a guard: it would run, what it changes cannot be known', changes }
  if (changes.every(change => change.effect === 'waits')) return { type: 'unknown', why: `it would wait for ${changes.map(change => change.attribute).join(', ')}`, changes }
  const hidden = task.options.noLog ? changes.map(change => ({ effect: 'modifies' as const, attribute: change.attribute, from: { type: 'secret' as const }, to: { type: 'secret' as const } })) : changes
  if (turned !== undefined) return { type: 'unknown', why: `would change now, but ${turned} comes first and may turn that`, changes: hidden }
  return { type: 'would-change', changes: hidden, ...(task.validates ? { validated: false } : {}) }
}

/** Failures that no change before the task could mend. */
function isCertain(reason: string): boolean {
  return reason === 'source-missing' || reason === 'delegate-unreachable' || reason === 'refused' || reason === 'locked'
}
