import type { Assertion, Flush, Item, Stage, Task } from '../model/task.ts'
import type { TaskTags } from '../plan/graph.ts'

/** A list of items up to its first stage: what is probed in one round trip. */
export interface Segment {
  readonly items: readonly (Task | Flush)[]
  readonly assertions: readonly Assertion[]
  /** Where facts have to be gathered before the rest is known. */
  readonly stage: Stage | undefined
  readonly rest: readonly Item[]
}

export function segment(items: readonly Item[]): Segment {
  const end = items.findIndex(item => item.type === 'stage')
  const head = end < 0 ? items : items.slice(0, end)
  const stage = end < 0 ? undefined : items[end]
  return {
    items: head.filter(item => item.type === 'task' || item.type === 'flush'),
    assertions: head.filter(item => item.type === 'assertion'),
    stage: stage?.type === 'stage' ? stage : undefined,
    rest: end < 0 ? [] : items.slice(end + 1),
  }
}

/** Why a task of a node that runs is left out; `undefined` when it is not. */
export function leftOut(task: Task, playTags: readonly string[], tags: TaskTags): string | undefined {
  if (task.options.when === false) return 'when'
  const own = [...playTags, ...(task.options.tags ?? [])]
  if (own.some(tag => tags.skip.includes(tag))) return 'skipped by tag'
  if (tags.only.length > 0 && !own.some(tag => tags.only.includes(tag))) return 'not selected by tag'
  return undefined
}
