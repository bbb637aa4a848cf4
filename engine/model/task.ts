import type { Change } from './change.ts'
import type { Facts, FactValues } from './fact.ts'
import type { Handler } from './handler.ts'
import { callSite, type Origin } from './origin.ts'
import type { Report } from './report.ts'
import type { Script } from './script.ts'
import type { SectionResult, SourceFile } from './session.ts'

/** What an author may say about a task beside its spec. */
export interface TaskOptions {
  /** Shown instead of `kind id`. */
  readonly name?: string
  /** Handlers that run at the end of the node if this task changed something. */
  readonly notify?: readonly Handler[]
  /** Tags of its own, beside those of its play. */
  readonly tags?: readonly string[]
  /** `false` leaves the task out, shown as skipped. */
  readonly when?: boolean
  /** Run as this user instead of the play's. */
  readonly become?: boolean | string
  /** Tries after a failure, `delay` milliseconds apart (default 0 and 1000). */
  readonly retries?: number
  readonly delay?: number
  /** Milliseconds; default is the kind's own. */
  readonly timeout?: number
  /** Environment of probe and apply; secrets are sent through the frame, never argv. */
  readonly environment?: Readonly<Record<string, string>>
  /** Go on with the host when this task fails; the reason is shown. */
  readonly ignoreErrors?: string
  /** Shows that it changed, never what. */
  readonly noLog?: boolean
}

/** The outcome of looking: what differs, and how it would be mended. */
export interface Assessment {
  readonly changes: readonly Change[]
  readonly apply: () => Script
}

/** A resource in a role's list with its options; its kind's types are closed over. */
export interface Task {
  readonly type: 'task'
  readonly kind: string
  readonly id: string
  readonly spec: unknown
  readonly sources: readonly string[]
  readonly helpers: string | undefined
  readonly deadline: number | undefined
  readonly killable: boolean
  /** Whether a program judges the result before it takes effect. */
  readonly validates: boolean
  readonly probe: Script
  assess(output: SectionResult, source: (path: string) => SourceFile): Assessment
  readonly options: TaskOptions
  readonly origin: Origin
}

/** Runs the handlers that are due here instead of at the end of the node. */
export interface Flush {
  readonly type: 'flush'
}

/** A condition that has to hold for this host, judged before any later task: a refusal with its remedy. */
export interface Assertion {
  readonly type: 'assertion'
  readonly name: string
  readonly holds: boolean
  readonly message: string
  readonly remedy: string
  readonly origin: Origin
}

/** Facts gathered at this point, then more tasks. */
export interface Stage {
  readonly type: 'stage'
  readonly facts: Facts
  readonly tasks: (context: { readonly facts: Readonly<Record<string, unknown>> }) => readonly Item[]
}

/** Tasks that stand or fall together: what to do when one of them fails, and what to do in any case. */
export interface Block {
  readonly type: 'block'
  readonly name: string
  readonly tasks: readonly Item[]
  readonly rescue: readonly Item[]
  readonly always: readonly Item[]
}

export type Item = Task | Flush | Assertion | Stage | Block | Report

export function task(fields: Omit<Task, 'type' | 'origin'>): Task {
  return { type: 'task', ...fields, origin: callSite() }
}

/** Brings the due handlers forward to this point of the list. */
export function flush(): Flush {
  return { type: 'flush' }
}

/**
 * Refuses to go on with a host, with the reason and the remedy. Judged in check mode too.
 *
 * @param check.that the condition that has to hold
 * @param check.message what was found, with the value
 * @param check.remedy what the user can do
 */
export function assert(check: { name: string; that: boolean; message: string; remedy: string }): Assertion {
  return { type: 'assertion', name: check.name, holds: check.that, message: check.message, remedy: check.remedy, origin: callSite() }
}

/**
 * Runs tasks; if one fails, `rescue`, and the host goes on if that succeeds; at last `always`, also after Ctrl-C. An unreachable host, a refused
 * destruction and a mistake in a role are not rescued.
 *
 * @param options.tags tags of every task in it, beside their own
 */
export function block(parts: { tasks: readonly Item[]; rescue?: readonly Item[]; always?: readonly Item[] }, options: { name?: string; tags?: readonly string[] } = {}): Block {
  const { name = 'block', tags = [] } = options
  return { type: 'block', name, tasks: tagged(parts.tasks, tags), rescue: tagged(parts.rescue ?? [], tags), always: tagged(parts.always ?? [], tags) }
}

function tagged(items: readonly Item[], tags: readonly string[]): readonly Item[] {
  if (tags.length === 0) return items
  return items.map((item): Item => {
    switch (item.type) {
      case 'task':
        return { ...item, options: { ...item.options, tags: [...tags, ...(item.options.tags ?? [])] } }
      case 'stage':
        return { ...item, tasks: context => tagged(item.tasks(context), tags) }
      case 'block':
        return { ...item, tasks: tagged(item.tasks, tags), rescue: tagged(item.rescue, tags), always: tagged(item.always, tags) }
      case 'flush':
      case 'assertion':
      case 'report':
        return item
    }
  })
}

/** Gathers facts at this point of the list and goes on with tasks made from them. */
export function stage<const F extends Facts>(
  needs: { facts: F },
  tasks: (context: { readonly facts: FactValues<F> }) => readonly Item[],
): Stage {
  // Inference plumbing: the engine hands over exactly the facts that `needs` names.
  // oxlint-disable-next-line typescript/consistent-type-assertions
  return { type: 'stage', facts: needs.facts, tasks: tasks as Stage['tasks'] }
}
