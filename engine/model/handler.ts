import type { Task } from './task.ts'

/** A task that runs once per host, after the tasks that notify it and only if one of them changed something. */
export interface Handler {
  readonly type: 'handler'
  readonly name: string
  /** File name of its mark under a host's `pending/`: its name and what it acts on, so that two roles may both have a `restart`. */
  readonly mark: string
  readonly task: Task
  /** Names of the topics it runs for. */
  readonly listens: readonly string[]
}

/** What a task may notify without knowing who acts on it: `certificates changed`. */
export interface Topic {
  readonly type: 'topic'
  readonly name: string
}

/** Several handlers at once, known from this point of a list on. Made by the engine of a role's `handlers`. */
export interface HandlerList {
  readonly type: 'handlers'
  readonly handlers: readonly Handler[]
}

/**
 * Declares a handler. It is passed by value to `notify`, so a typing mistake cannot lose it; or it listens to topics, and its role lists it in `handlers`.
 *
 * @param options.listen topics that it runs for, once however often and by whatever it is notified
 */
export function handler(name: string, task: Task, options: { listen?: readonly Topic[] } = {}): Handler {
  return { type: 'handler', name, mark: `${slug(name)}@${slug(`${task.kind} ${task.id}`)}`.slice(0, LONGEST), task, listens: (options.listen ?? []).map(topic => topic.name) }
}

/** Names a topic. Two of one name are one topic. */
export function topic(name: string): Topic {
  return { type: 'topic', name }
}

/** A file name has 255 bytes at most. */
const LONGEST = 200

function slug(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-')
}
