import { isDeepStrictEqual } from 'node:util'
import type { Change } from '../../../engine/model/change.ts'
import type { Event, TaskOutcome } from '../../../engine/model/event.ts'

/** A check and the run after it, task by task. */
export interface Foretold {
  /** Tasks of which both say the same changes, with their attributes. */
  readonly changed: readonly string[]
  /** Tasks that the check called unknown, and what became of them. */
  readonly unknown: readonly string[]
  /** Handlers that the run had to run; a check does not name them. */
  readonly handlers: readonly string[]
  /** Where the two differ. */
  readonly differs: readonly string[]
}

/**
 * Compares what a check said with what the run after it did: every task, every attribute, the value that was found and the value that was wanted.
 *
 * @param moved titles of tasks whose attribute may be found otherwise by the run, because a task before it has brought that about: `title: attribute`
 */
export function foretold(check: readonly Event[], run: readonly Event[], moved: readonly string[] = []): Foretold {
  const [said, done] = [outcomes(check), outcomes(run)]
  /** Plays of which the check did not know the tasks. */
  const open = new Set(check.flatMap(event => (event.type === 'node-finished' && event.outcome.type === 'unknown' ? [event.play] : [])))
  const changed: string[] = []
  const unknown: string[] = []
  const differs: string[] = []
  for (const title of new Set([...said.keys(), ...done.keys()])) {
    const [before, after] = [said.get(title), done.get(title)]
    const result = (change: Change): unknown => ('from' in change && moved.includes(`${title}: ${change.attribute}`) ? { ...change, from: undefined } : change)
    if (before?.type === 'unknown' || (before === undefined && open.has(after?.play ?? ''))) unknown.push(`${title} → ${after?.type ?? 'left out'}`)
    else if (before?.type === 'would-change' && after?.type === 'changed' && isDeepStrictEqual(before.changes.map(result), after.changes.map(result))) changed.push(`${title}: ${after.changes.map(({ attribute }) => attribute).join(', ')}`)
    else if (!(before?.type === 'ok' && after?.type === 'ok')) differs.push(`${title}: check ${shown(before)}, run ${shown(after)}${before?.type === 'would-change' && after?.type === 'changed' ? `: ${JSON.stringify([before.changes, after.changes])}` : ''}`)
  }
  return { changed, unknown, differs, handlers: run.flatMap(event => (event.type === 'task-finished' && event.task.handler ? [event.task.title] : [])) }
}

function outcomes(events: readonly Event[]): ReadonlyMap<string, TaskOutcome & { readonly play: string }> {
  return new Map(events.flatMap(event => (event.type === 'task-finished' && !event.task.handler && event.outcome.type !== 'skipped' ? [[event.task.title, { ...event.outcome, play: event.play }]] : [])))
}

function shown(outcome: TaskOutcome | undefined): string {
  if (outcome === undefined) return 'nothing'
  return 'changes' in outcome ? `${outcome.type} (${outcome.changes.map(({ attribute }) => attribute).join(', ')})` : outcome.type
}
