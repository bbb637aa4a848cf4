import type { Task } from '../model/task.ts'
import type { TaskTags } from '../plan/graph.ts'

/** Why a task of a node that runs is left out; `undefined` when it is not. */
export function leftOut(task: Task, playTags: readonly string[], tags: TaskTags): string | undefined {
  if (task.options.when === false) return 'when'
  const own = [...playTags, ...(task.options.tags ?? [])]
  if (own.some(tag => tags.skip.includes(tag))) return 'skipped by tag'
  if (tags.only.length > 0 && !own.some(tag => tags.only.includes(tag))) return 'not selected by tag'
  return undefined
}
