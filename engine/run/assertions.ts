import type { TaskLabel, TaskOutcome } from '../model/event.ts'
import type { Failed, Failure } from '../model/failure.ts'
import type { Assertion } from '../model/task.ts'
import type { Segment } from './segment.ts'
import { emitReport, emitTask, type Scope } from './scope.ts'

/** Assertions and reports are pure, so they are judged and shown before anything of their segment is changed. Gives the first that does not hold. */
export function judge(scope: Scope, assertions: Segment['assertions'], rescuer: string | undefined): Failed | undefined {
  for (const assertion of assertions) {
    if (assertion.type === 'report') {
      emitReport(scope, assertion)
      continue
    }
    const { task, failed } = told(scope, assertion)
    emitTask(scope, task, assertion.holds ? { type: 'ok' } : { type: 'failed', failure: failed.failure, ignored: rescuer && `rescued by ${rescuer}` }, 0)
    if (!assertion.holds) return failed
  }
  return undefined
}

/**
 * Judges an assertion as two imagined worlds have it. What holds in one only, or is said differently in the other, depends on the unknown: it is judged when
 * that is known.
 */
export function judgeBoth(scope: Scope, { a, b }: { readonly a: Assertion; readonly b: Assertion }, ignored: string | undefined): Failed | undefined {
  const { task, failed } = told(scope, a)
  const certain = a.holds === b.holds && (a.holds || a.message === b.message)
  const outcome: TaskOutcome = !certain ? { type: 'unknown', why: 'depends on what is not known yet', changes: [] } : a.holds ? { type: 'ok' } : { type: 'failed', failure: failed.failure, ignored }
  emitTask(scope, task, outcome, 0)
  return outcome.type === 'failed' ? failed : undefined
}

function told({ node }: Scope, { name, message, remedy, origin }: Assertion): { readonly task: TaskLabel; readonly failed: Failed } {
  const failure: Failure = { reason: 'refused', message, remedy }
  const title = `assert ${name}`
  return { task: { kind: 'assert', id: name, title, handler: false, origin }, failed: { failure, host: node.host, play: node.play.name, task: title, origin } }
}
