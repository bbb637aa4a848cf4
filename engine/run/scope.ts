import type { TaskLabel, TaskOutcome } from '../model/event.ts'
import type { Failed, Failure } from '../model/failure.ts'
import type { Report } from '../model/report.ts'
import type { Section, SourceFile } from '../model/session.ts'
import type { Task } from '../model/task.ts'
import { quote } from '../model/command.ts'
import { secretsIn } from '../model/secret.ts'
import type { Node } from '../plan/graph.ts'
import type { RunContext } from './context.ts'
import type { FactStore } from './facts.ts'
import type { FrameFor, FramePurpose, Hosts } from './hosts.ts'
import type { Sources } from './sources.ts'

/** What the steps of one node share. */
export interface Scope {
  readonly context: RunContext
  readonly node: Node
  readonly hosts: Hosts
  readonly facts: FactStore
  readonly sources: Sources
  /** The node whose failure stops this one between two tasks, once there is one. */
  readonly stoppedBy: () => string | undefined
  /** The user that tasks run as when they do not say. */
  readonly user: string | undefined
}

export function frameFor({ node }: Scope, purpose: FramePurpose): FrameFor {
  return { node: node.id, play: node.play.name, host: node.host, purpose }
}

/** The user a task runs as: its own `become`, or the node's. */
export function userOf(scope: Scope, task: Task): string | undefined {
  const { become } = task.options
  if (become === undefined) return scope.user
  return become === false ? undefined : become === true ? 'root' : become
}

export function label(task: Task, handler = false): TaskLabel {
  return { kind: task.kind, id: task.id, title: task.options.name ?? `${task.kind} ${task.id}`, handler, origin: task.origin }
}

/** A task's probe as a section. */
export function probeSection(task: Task): Section {
  return section(task, task.probe.command.text, task.probe.stdin)
}

export function section(task: Task, text: string, stdin: Section['stdin']): Section {
  const environment = Object.entries(task.options.environment ?? {}).map(([key, value]) => `export ${key}=${quote(value)}\n`)
  return {
    script: environment.join('') + text,
    ...(stdin === undefined ? {} : { stdin }),
    ...(task.helpers === undefined ? {} : { helpers: task.helpers }),
  }
}

/** Tells the redactor of everything secret in these tasks, before any of it is sent or shown. */
export function redactTasks({ context }: Scope, tasks: readonly Task[]): void {
  context.redact(tasks.flatMap(task => secretsIn(task.spec)))
}

export function emitTask({ context, node }: Scope, task: TaskLabel, outcome: TaskOutcome, milliseconds: number): void {
  context.emit({ type: 'task-finished', node: node.id, play: node.play.name, host: node.host, task, outcome, milliseconds })
}

export function emitReport({ context, node }: Scope, { title, columns, rows }: Report): void {
  context.emit({ type: 'report-made', node: node.id, play: node.play.name, host: node.host, title, columns, rows })
}

export function failedTask({ node }: Scope, task: Task, failure: Failure): Failed {
  return { failure, host: node.host, play: node.play.name, task: label(task).title, origin: task.origin }
}

export function failedNode({ node }: Pick<Scope, 'node'>, failure: Failure): Failed {
  return { failure, host: node.host, play: node.play.name, origin: node.play.origin }
}

export type SourceOf = (path: string) => SourceFile
