import type { Failed } from '../model/failure.ts'
import type { Item } from '../model/task.ts'
import { leftOut } from './left-out.ts'
import { titleOf, type Scope } from './scope.ts'
import { StartAt } from './start-at.ts'
import type { Worlds } from './check.ts'

/** Names what a node would look at, and where it cannot be known. */
export function listTasks(scope: Scope, { a, b }: Pick<Worlds, 'a' | 'b'>): Failed | undefined {
  const { context, node } = scope
  const start = new StartAt(scope)
  const say = (title: string, tags: readonly string[] = []): void => context.emit({ type: 'task-listed', node: node.id, play: node.play.name, host: node.host, title, tags })
  const list = (left: readonly Item[], right: readonly Item[], prefix = ''): boolean => {
    for (const [index, item] of left.entries()) {
      const other: Item | undefined = right[index]
      if (item.type === 'stage' || other?.type !== item.type) return say(`${prefix}…`), false
      if (item.type === 'assertion') say(`${prefix}assert ${item.name}`)
      if (item.type === 'task' && (start.leavesOut(item) ?? leftOut(item, node, context.graph)) === undefined) say(prefix + titleOf(item), [...(item.roles ?? []), ...(item.options.tags ?? [])])
      if (item.type !== 'block' || other.type !== 'block') continue
      const rest = list(item.tasks, other.tasks, prefix)
      list(item.rescue, other.rescue, `${prefix}rescue: `)
      if (!list(item.always, other.always, `${prefix}always: `) || !rest) return false
    }
    return true
  }
  // What lies behind facts may still be the task that is looked for.
  return list(a, b) ? start.missed() : undefined
}
