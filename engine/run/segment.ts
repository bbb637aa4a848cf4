import type { Report } from '../model/report.ts'
import type { HandlerList } from '../model/handler.ts'
import type { Include } from '../model/include.ts'
import type { Assertion, Flush, Item, Stage, Task } from '../model/task.ts'

/** A list of items up to its first stage: what can be looked at before more facts are known. */
export interface Segment {
  readonly items: readonly Exclude<Item, Stage | Assertion | Report | Include | HandlerList>[]
  /** What is pure, and so judged or shown before anything of the list is changed. */
  readonly assertions: readonly (Assertion | Report)[]
  /** Where facts have to be gathered before the rest is known. */
  readonly stage: Stage | undefined
  readonly rest: readonly Item[]
}

export function segment(items: readonly Item[]): Segment {
  const end = items.findIndex(item => item.type === 'stage')
  const head = end < 0 ? items : items.slice(0, end)
  const stage = end < 0 ? undefined : items[end]
  return {
    items: head.filter(item => item.type === 'task' || item.type === 'flush' || item.type === 'block' || item.type === 'omitted'),
    assertions: head.filter(item => item.type === 'assertion' || item.type === 'report'),
    stage: stage?.type === 'stage' ? stage : undefined,
    rest: end < 0 ? [] : items.slice(end + 1),
  }
}

/** The tasks and flushes that come next if nothing fails, through blocks, up to the first stage. */
export function ahead(items: readonly Item[]): readonly (Task | Flush)[] {
  const found: (Task | Flush)[] = []
  /** Whether a stage was met. */
  const collect = (list: readonly Item[]): boolean => list.some(item => {
    switch (item.type) {
      case 'stage':
        return true
      case 'block':
        return collect(item.tasks) || collect(item.always)
      case 'task':
      case 'flush':
        found.push(item)
        return false
      case 'assertion':
      case 'report':
      case 'include':
      case 'handlers':
      case 'omitted':
        return false
    }
  })
  collect(items)
  return found
}
