import type { Item } from '../model/task.ts'
import { label, type Scope } from './scope.ts'
import { leftOut } from './segment.ts'
import type { Worlds } from './check.ts'

/** Names what a node would look at, and where it cannot be known. */
export function listTasks({ context, node }: Scope, { a, b }: Pick<Worlds, 'a' | 'b'>): void {
  const say = (title: string, tags: readonly string[] = []): void => context.emit({ type: 'task-listed', node: node.id, play: node.play.name, host: node.host, title, tags })
  for (const [index, item] of a.entries()) {
    const other: Item | undefined = b[index]
    if (item.type === 'stage' || other?.type !== item.type) return say('…')
    if (item.type === 'assertion') say(`assert ${item.name}`)
    if (item.type === 'task' && leftOut(item, node.play.tags, context.graph.taskTags) === undefined) say(label(item).title, item.options.tags)
  }
}
