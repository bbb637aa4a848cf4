import type { Assertion, Item, Stage, Task } from '../model/task.ts'
import type { Omitted } from '../model/include.ts'
import type { Report } from '../model/report.ts'
import { same } from './same.ts'

/** One item as two imagined worlds see it. */
export type Pair =
  /** `known`: both worlds have the same task, so it depends on nothing unknown. */
  | { readonly type: 'task'; readonly task: Task; readonly known: boolean }
  | { readonly type: 'omitted'; readonly item: Omitted }
  | { readonly type: 'assertion'; readonly a: Assertion; readonly b: Assertion }
  /** `known`: both worlds say the same. */
  | { readonly type: 'report'; readonly report: Report; readonly known: boolean }
  | { readonly type: 'flush' }
  | { readonly type: 'block'; readonly name: string; readonly tasks: Aligned; readonly rescue: Aligned; readonly always: Aligned }

/** Two worlds' lists side by side, up to where they cannot be followed together. */
export interface Aligned {
  /** The list as the first world has it. */
  readonly items: readonly Item[]
  readonly pairs: readonly Pair[]
  readonly end:
    | { readonly type: 'end' }
    /** From here on the worlds are not the same kind of thing. */
    | { readonly type: 'differs' }
    | { readonly type: 'stage'; readonly a: Stage; readonly b: Stage; readonly restA: readonly Item[]; readonly restB: readonly Item[] }
}

export function align(a: readonly Item[], b: readonly Item[]): Aligned {
  const pairs: Pair[] = []
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index], b[index]]
    if (left?.type === 'stage' && right?.type === 'stage' && left.on === right.on) return { items: a, pairs, end: { type: 'stage', a: left, b: right, restA: a.slice(index + 1), restB: b.slice(index + 1) } }
    if (left?.type === 'task' && right?.type === 'task' && left.kind === right.kind) pairs.push({ type: 'task', task: left, known: isKnown(left, right) })
    else if (left?.type === 'assertion' && right?.type === 'assertion') pairs.push({ type: 'assertion', a: left, b: right })
    else if (left?.type === 'report' && right?.type === 'report') pairs.push({ type: 'report', report: left, known: same(left, right) })
    else if (left?.type === 'block' && right?.type === 'block')
      pairs.push({ type: 'block', name: left.name, tasks: align(left.tasks, right.tasks), rescue: align(left.rescue, right.rescue), always: align(left.always, right.always) })
    else if (left?.type === 'omitted' && right?.type === 'omitted' && left.name === right.name) pairs.push({ type: 'omitted', item: left })
    else if (left?.type === 'flush' && right?.type === 'flush') pairs.push({ type: 'flush' })
    else if (!(left?.type === 'handlers' && right?.type === 'handlers')) return { items: a, pairs, end: { type: 'differs' } }
  }
  return { items: a, pairs, end: { type: 'end' } }
}

/** The tasks that can be looked at in one round trip: through blocks, up to the first place that stops the list. */
export function aheadOf(aligned: Aligned): readonly (Pair & { readonly type: 'task' })[] {
  const found: (Pair & { readonly type: 'task' })[] = []
  const collect = (list: Aligned): boolean => {
    const stopped = list.pairs.some(pair => {
      if (pair.type === 'task') found.push(pair)
      return pair.type === 'block' && (collect(pair.tasks) || collect(pair.always))
    })
    return stopped || list.end.type !== 'end'
  }
  collect(aligned)
  return found
}

function isKnown(a: Task, b: Task): boolean {
  return a.id === b.id && same(a.spec, b.spec) && a.options.when === b.options.when && a.options.on === b.options.on && a.options.become === b.options.become && same(a.options.environment, b.options.environment)
}
