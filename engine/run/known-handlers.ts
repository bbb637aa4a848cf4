import type { Failed } from '../model/failure.ts'
import type { Handler, Topic } from '../model/handler.ts'
import type { Item, Task } from '../model/task.ts'
import { placeOf } from './place.ts'
import { same } from './same.ts'
import { failedTask, type Scope } from './scope.ts'

/** A handler on a host where it may have to run. */
export interface Due {
  readonly handler: Handler
  readonly host: string
  /** Its task, as it is executed there. */
  readonly task: Task
}

/** The handlers of a node that are known so far, in the order in which they run: those that its role lists, then those that its tasks name. */
export class KnownHandlers {
  readonly #scope: Scope
  readonly #handlers = new Map<string, Handler>()
  readonly #dues = new Map<string, Due>()

  constructor(scope: Scope) {
    this.#scope = scope
  }

  /** Every handler on every host where it may be due, in the order in which they run. */
  get dues(): readonly Due[] {
    return [...this.#handlers.values()].flatMap(handler => [...this.#dues.values()].filter(due => due.handler === handler))
  }

  /** Learns the handlers of a list, through its blocks, up to the first stage. Gives the mistake that would lose a notification. */
  learn(items: readonly Item[]): Failed | undefined {
    const { handlers, tasks } = collect(items)
    for (const handler of handlers) {
      const twin = this.#add(handler)
      if (twin) return twin
    }
    for (const task of [...tasks, ...handlers.map(handler => handler.task)]) {
      // The compiler refuses this as well.
      const text: unknown = task.options.notify?.find(notified => typeof notified === 'string')
      if (text !== undefined) return failedTask(this.#scope, task, { reason: 'refused', message: `it notifies the text ${JSON.stringify(text)}`, remedy: 'notify the handler itself, or a `topic` that it listens to' })
      const unheard = task.options.notify?.find(notified => notified.type === 'topic' && this.#listeners(notified).length === 0)
      if (unheard) return failedTask(this.#scope, task, { reason: 'refused', message: `it notifies \`${unheard.name}\`, and no handler that is known here listens to that`, remedy: 'list the handler in `handlers` of the role, with `listen`' })
    }
    for (const task of tasks) this.notifiedBy(task)
    // What is listed may be due from an earlier run, whoever notified it then.
    for (const handler of handlers) if (![...this.#dues.values()].some(due => due.handler === handler)) this.#due(handler, this.#scope.place.host)
    return undefined
  }

  /** What a task makes due: on the host where the task is executed, unless the handler says where. */
  notifiedBy(task: Task): readonly Due[] {
    const notified = task.options.notify ?? []
    if (notified.length === 0) return []
    const marks = new Set(notified.flatMap(one => (one.type === 'topic' ? this.#listeners(one) : [one])).map(handler => handler.mark))
    const { host } = placeOf(this.#scope, task)
    return [...this.#handlers.values()].filter(handler => marks.has(handler.mark)).map(handler => this.#due(handler, host))
  }

  #listeners(topic: Topic): readonly Handler[] {
    return [...this.#handlers.values()].filter(handler => handler.listens.includes(topic.name))
  }

  #add(handler: Handler): Failed | undefined {
    const known = this.#handlers.get(handler.mark)
    if (!known) this.#handlers.set(handler.mark, handler)
    if (!known || same(known.task.spec, handler.task.spec)) return undefined
    return failedTask(this.#scope, handler.task, { reason: 'refused', message: `two handlers are called \`${handler.name}\` and want different things of ${handler.task.kind} ${handler.task.id}`, remedy: 'give one of them another name' })
  }

  #due(handler: Handler, notifiedOn: string): Due {
    const { place } = this.#scope
    const host = handler.task.options.on ?? notifiedOn
    const key = `${handler.mark} ${host}`
    const task = host === place.host ? handler.task : { ...handler.task, options: { ...handler.task.options, on: host } }
    const due = this.#dues.get(key) ?? { handler, host, task }
    this.#dues.set(key, due)
    return due
  }
}

/** Listed handlers first, then those named by tasks, then those named by handlers. */
function collect(items: readonly Item[]): { readonly handlers: readonly Handler[]; readonly tasks: readonly Task[] } {
  const handlers: Handler[] = []
  const tasks: Task[] = []
  const walk = (list: readonly Item[]): void => {
    for (const item of list) {
      if (item.type === 'stage') return
      if (item.type === 'handlers') handlers.push(...item.handlers)
      if (item.type === 'task') tasks.push(item)
      if (item.type === 'block') [item.tasks, item.rescue, item.always].forEach(walk)
    }
  }
  walk(items)
  const named = (task: Task): readonly Handler[] => (task.options.notify ?? []).filter(notified => notified.type === 'handler')
  handlers.push(...tasks.flatMap(named))
  // The list grows while it is gone through: handlers may notify handlers.
  const seen = new Set<Handler>()
  for (const handler of handlers) {
    if (seen.has(handler)) continue
    seen.add(handler)
    handlers.push(...named(handler.task))
  }
  return { handlers: [...seen], tasks }
}
