import type { Item, Task } from './task.ts'

/** Tasks that stand or fall together: what to do when one of them fails, and what to do in any case. */
export interface Block {
  readonly type: 'block'
  readonly name: string
  readonly tasks: readonly Item[]
  readonly rescue: readonly Item[]
  readonly always: readonly Item[]
}

/**
 * Runs tasks; if one fails, `rescue`, and the host goes on if that succeeds; at last `always`, also after Ctrl-C. An unreachable host, a refused
 * destruction and a mistake in a role are not rescued.
 *
 * @param options.tags tags of every task in it, beside their own
 * @param options.on the host that every task in it is executed on which does not say itself; see `TaskOptions.on`
 */
export function block(parts: { tasks: readonly Item[]; rescue?: readonly Item[]; always?: readonly Item[] }, options: { name?: string; tags?: readonly string[]; on?: string } = {}): Block {
  const { name = 'block', tags = [], on: host } = options
  const common: Common = { tags, roles: [], on: host }
  return { type: 'block', name, tasks: withCommon(parts.tasks, common), rescue: withCommon(parts.rescue ?? [], common), always: withCommon(parts.always ?? [], common) }
}

/**
 * Executes items on another host for this one: they are made from this host's variables and facts, and facts of a `stage` among them are the other's.
 *
 * @param host a host of the inventory, whatever the limit, or `localhost`
 */
export function on(host: string, items: readonly Item[]): Block {
  return block({ tasks: items }, { name: `on ${host}`, on: host })
}

/** What every task of a list gets beside its own. */
export interface Common {
  readonly tags: readonly string[]
  readonly roles: readonly string[]
  readonly on: string | undefined
}

/** Gives all items of a list, in blocks and stages and included roles too, what they have in common. What a task says itself about `on` wins. */
export function withCommon(items: readonly Item[], common: Common): readonly Item[] {
  const { tags, roles, on: host } = common
  if (tags.length === 0 && roles.length === 0 && host === undefined) return items
  return items.map((item): Item => {
    switch (item.type) {
      case 'task':
        return taskWith(item, common)
      case 'stage':
        return { ...item, on: item.on ?? host, tasks: context => withCommon(item.tasks(context), common) }
      case 'block':
        return { ...item, tasks: withCommon(item.tasks, common), rescue: withCommon(item.rescue, common), always: withCommon(item.always, common) }
      case 'include':
        return { ...item, tags: [...tags, ...item.tags], roles: [...roles, ...item.roles], on: item.on ?? host }
      case 'flush':
      case 'assertion':
      case 'report':
      case 'handlers':
      case 'omitted':
        return item
    }
  })
}

function taskWith(task: Task, { tags, roles, on: host }: Common): Task {
  const where = task.options.on ?? host
  const options = { ...task.options, tags: [...tags, ...(task.options.tags ?? [])], ...(where === undefined ? {} : { on: where }) }
  return { ...task, options, roles: [...roles, ...(task.roles ?? [])] }
}
