import type { Failed, Failure } from '../model/failure.ts'
import type { Segment } from './segment.ts'
import { emitReport, emitTask, type Scope } from './scope.ts'

/** Assertions and reports are pure, so they are judged and shown before anything of their segment is changed. Gives the first that does not hold. */
export function judge(scope: Scope, assertions: Segment['assertions'], rescuer: string | undefined): Failed | undefined {
  const { node } = scope
  for (const assertion of assertions) {
    if (assertion.type === 'report') {
      emitReport(scope, assertion)
      continue
    }
    const task = { kind: 'assert', id: assertion.name, title: `assert ${assertion.name}`, handler: false, origin: assertion.origin }
    const failure: Failure = { reason: 'refused', message: assertion.message, remedy: assertion.remedy }
    emitTask(scope, task, assertion.holds ? { type: 'ok' } : { type: 'failed', failure, ignored: rescuer && `rescued by ${rescuer}` }, 0)
    if (!assertion.holds) return { failure, host: node.host, play: node.play.name, task: task.title, origin: assertion.origin }
  }
  return undefined
}
