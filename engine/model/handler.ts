import type { Task } from './task.ts'

/** A task that runs once per host, after the tasks that notify it and only if one of them changed something. */
export interface Handler {
  readonly type: 'handler'
  readonly name: string
  /** File name of its mark under the host's `pending/`. */
  readonly mark: string
  readonly task: Task
}

/** Declares a handler. It is passed by value to `notify`, so a typing mistake cannot lose it. */
export function handler(name: string, task: Task): Handler {
  return { type: 'handler', name, mark: name.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-'), task }
}
