import type { TaskOutcome } from '../model/event.ts'
import type { Failure } from '../model/failure.ts'
import type { Section, SourceFile } from '../model/session.ts'
import type { Assessment, Task } from '../model/task.ts'
import { convoy, nextDiffering, type Company, type Step } from './convoy.ts'
import { fetchHere } from './fetch.ts'
import { interrupted } from './interrupted.ts'
import { look } from './look.ts'
import { applyFailed, done, failed, madeBy, verify } from './outcome.ts'
import type { Probes } from './probes.ts'
import { placeOf } from './place.ts'
import { frameFor, section, type Scope, type SourceOf } from './scope.ts'

/** Milliseconds an apply may take when neither the task nor its kind says. */
const DEFAULT_DEADLINE = 600_000
/** Milliseconds added for the probes that ride in the same frame. */
const PROBE_ALLOWANCE = 60_000

/** What goes into one apply frame around the task's own script. */
export interface ApplyPlan {
  readonly task: Task
  readonly assessment: Assessment
  /** Sections before it: the marks of handlers that will be due. */
  readonly before: readonly Section[]
  /** Sections after it and before its verification: a handler's mark taken away. */
  readonly after: readonly Section[]
  /** What comes next if all goes well: looked at again in the same round trip, as far as it is worth it. */
  readonly following: readonly Task[]
  /** Whose changes may go along with it. */
  readonly company?: Company
  /** After Ctrl-C only what cleans up begins. */
  readonly begun: 'before Ctrl-C' | 'after Ctrl-C'
  /** Of a handler: the host that its mark is on, and whether the mark was gone when that was last asked. */
  readonly mark?: { readonly host: string; readonly gone: () => boolean }
}

/**
 * Applies one task and probes it and the following ones again: one round trip, with the task's retries. What may have changed since it was looked at, by a
 * failed try or by another node, is looked at again, and not done twice. Nobody else changes the host meanwhile; between two tries others may.
 */
export async function applyTask(scope: Scope, plan: ApplyPlan, probes: Probes, source: SourceOf): Promise<TaskOutcome> {
  const { task } = plan
  const { retries = 0, delay = 1000, backoff = 1 } = task.options
  const { host } = placeOf(scope, task)
  const { finishing } = scope.context
  let { assessment } = plan
  for (let attempt = 0; ; attempt++) {
    const brought = await bring(scope, task, assessment)
    const outcome = 'reason' in brought ? failed(brought) : await scope.hosts.exclusively(host, async () => {
      // What waited for another node's change when Ctrl-C came does not begin.
      if (plan.begun === 'before Ctrl-C' && finishing.aborted) return failed(interrupted)
      if (!probes.isFresh(task)) {
        const broken = await probes.refresh([task], plan.mark ? [plan.mark.host] : [])
        if (broken) return failed(broken)
        if (plan.mark?.gone() === true) return { type: 'skipped' as const, why: RAN_ELSEWHERE }
        const seen = look(task, probes.answer(task), source)
        if (seen.type === 'same') return attempt === 0 ? { type: 'ok' as const } : done(plan.assessment)
        if (seen.type === 'differs') assessment = seen.assessment
      }
      return attemptOnce(scope, { ...plan, assessment, stdin: brought.stdin }, probes, source)
    })
    if (!('reason' in brought)) await brought.remove?.()
    if (outcome.type !== 'failed' || attempt >= retries || isFinal(outcome.failure) || finishing.aborted) return outcome
    await scope.context.sleep(delay * backoff ** attempt, finishing)
    // Ctrl-C ends the wait, and nothing new begins.
    if (finishing.aborted) return outcome
  }
}

/** A file that was brought for one try. */
interface Brought {
  readonly stdin?: SourceFile
  readonly remove?: () => Promise<void>
}

/** Fetches the file of another host that a task's script reads, and sends it, or a large one of the controller, while the host is free for others. */
async function bring(scope: Scope, task: Task, assessment: Assessment): Promise<Brought | Failure> {
  const { stdin, from } = assessment.apply()
  const fetched = from === undefined ? undefined : await fetchHere(scope, from)
  if (fetched && 'reason' in fetched) return fetched
  const file = fetched?.file ?? (typeof stdin === 'object' && 'type' in stdin ? stdin : undefined)
  const failure = file === undefined ? undefined : await scope.hosts.upload(frameFor(scope, 'apply'), placeOf(scope, task), file)
  if (failure) await fetched?.remove()
  return failure ?? (fetched ? { stdin: fetched.file, remove: fetched.remove } : {})
}

async function attemptOnce(scope: Scope, plan: ApplyPlan & { readonly stdin: SourceFile | undefined }, probes: Probes, source: SourceOf): Promise<TaskOutcome> {
  const { task, assessment } = plan
  const place = placeOf(scope, task)
  const refused = assessment.changes.find(change => change.effect === 'destroys' && !change.permitted && !scope.context.allowDestroy.has(change.host ?? place.host))
  if (refused?.effect === 'destroys') return failed({ reason: 'destroy-refused', message: `${task.kind} ${task.id} would destroy ${refused.attribute}: ${refused.because}`, remedy: `if that is meant, run again with --allow-destroy ${refused.host ?? place.host}` })

  const script = assessment.apply()
  const marks = (sections: readonly Section[]): readonly Step[] => sections.map(mark => ({ does: 'mark', section: { ...mark, onFailure: 'stop' } }))
  const { timeout } = task.options
  const { following, company } = plan
  const steps: readonly Step[] = [
    ...marks(plan.before),
    { does: 'apply', task, assessment, section: { ...section(task, script.command.text, plan.stdin ?? script.stdin), onFailure: 'stop' } },
    ...marks(plan.after),
    // A frame has one deadline: where the author gave one it is for the task alone, and the probes have a frame of their own.
    ...(timeout === undefined ? convoy(scope, { task, assessment, following, company, probes, source }) : []),
  ]
  const deadline = timeout ?? (task.deadline ?? DEFAULT_DEADLINE) + PROBE_ALLOWANCE
  const started = scope.context.now()
  const reply = await scope.hosts.apply(frameFor(scope, 'apply'), place, { sections: steps.map(step => step.section), deadline, killable: task.killable })
  probes.stale()
  if (reply.type === 'failure') return failed(reply.failure)

  const made = madeBy(steps, reply.results, probes)
  const milliseconds = (scope.context.now() - started) / Math.max(1, made.size)
  const mine = made.get(task)
  made.delete(task)
  for (const [companion, { assessment: planned, applied, answer }] of made) company?.made.set(companion, { assessment: planned, applied, answer, milliseconds })
  if (mine?.applied.status !== 0) return failed(applyFailed(task, mine?.applied ?? reply.results.find(result => result.status !== 0)))
  // A command without a guard says nothing about what it did: there is nothing to verify.
  if (assessment.changes.every(change => change.effect === 'runs')) return { type: 'changed', changes: assessment.changes, verified: false }
  const broken = timeout === undefined ? undefined : await probes.refresh([task, ...nextDiffering(scope, { task, following, probes, source })])
  return broken ? failed(broken) : verify(task, assessment, probes.answer(task), { applied: mine.applied, source })
}

export function begun(finishing: AbortSignal): ApplyPlan['begun'] {
  return finishing.aborted ? 'after Ctrl-C' : 'before Ctrl-C'
}

/** Why a handler is left out whose mark another node took away, after the change that made it due here. */
export const RAN_ELSEWHERE = 'another play ran it since'

/** Failures that trying again cannot mend. */
function isFinal(failure: Failure): boolean {
  return failure.reason === 'destroy-refused' || failure.reason === 'connection-lost' || failure.reason === 'source-missing'
}
