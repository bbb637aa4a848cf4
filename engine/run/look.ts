import type { Failure } from '../model/failure.ts'
import type { SectionResult } from '../model/session.ts'
import type { Answer } from './probes.ts'
import type { Assessment, Task } from '../model/task.ts'
import { SourceMissing } from './sources.ts'
import type { SourceOf } from './scope.ts'

/** What a probe's answer means for a task. */
export type Look =
  | { readonly type: 'same'; readonly assessment: Assessment }
  | { readonly type: 'differs'; readonly assessment: Assessment }
  | { readonly type: 'broken'; readonly failure: Failure }

/** Pure: parses a probe's output and plans. Throws nothing: what a kind does not understand is its task's failure. */
export function look(task: Task, result: Answer | undefined, source: SourceOf): Look {
  if (result && 'reason' in result) return { type: 'broken', failure: result }
  if (result?.status !== 0) return { type: 'broken', failure: probeFailed(task, result) }
  try {
    const assessment = task.assess(result, source)
    return assessment.changes.length === 0 ? { type: 'same', assessment } : { type: 'differs', assessment }
  } catch (error) {
    if (error instanceof SourceMissing)
      return { type: 'broken', failure: { reason: 'source-missing', message: error.message, remedy: 'correct the path, or put the file there; paths are on the machine that runs ts-play' } }
    return {
      type: 'broken',
      failure: { ...probeFailed(task, result), message: `the answer of the probe of ${task.kind} ${task.id} was not understood: ${error instanceof Error ? error.message : String(error)}` },
    }
  }
}

function probeFailed(task: Task, result: SectionResult | undefined): Extract<Failure, { reason: 'probe-failed' }> {
  const said = lastLine(result?.stderr ?? '')
  return {
    reason: 'probe-failed',
    message: `the state of ${task.kind} ${task.id} could not be read${said === '' ? '' : `: ${said}`}`,
    remedy: 'see stderr below; nothing was changed by this task',
    status: result?.status,
    stderr: result?.stderr ?? '',
  }
}

export function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1) ?? ''
}
