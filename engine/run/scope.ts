import type { TaskLabel, TaskOutcome } from '../model/event.ts'
import type { Failed, Failure } from '../model/failure.ts'
import type { Omitted } from '../model/include.ts'
import type { Report } from '../model/report.ts'
import type { Section, SourceFile } from '../model/session.ts'
import type { Task } from '../model/task.ts'
import { quote } from '../model/command.ts'
import { Secret, secretsIn } from '../model/secret.ts'
import type { Node } from '../plan/graph.ts'
import type { RunContext } from './context.ts'
import type { FactStore } from './facts.ts'
import type { FrameFor, FramePurpose, Hosts } from './hosts.ts'
import type { Pending } from './pending.ts'
import { placeOf, placeOfMarks, type Place } from './place.ts'
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
  /** Where tasks are executed when they do not say. */
  readonly place: Place
  readonly pending: Pending
}

export function frameFor(scope: Scope, purpose: FramePurpose): FrameFor {
  const { node } = scope
  return { node: node.id, play: node.play.name, host: node.host, purpose, home: host => placeOfMarks(scope, host) }
}

export function label(scope: Scope, task: Task, handler = false): TaskLabel {
  return { kind: task.kind, id: task.id, title: titleOf(task), handler, ...elsewhere(scope, task), origin: task.origin }
}

export function titleOf(task: Task): string {
  return task.options.name ?? `${task.kind} ${task.id}`
}

/** The node's host, and the one that a task is executed on: `web1 → lb1`. */
export function whereOf(scope: Scope, task: Task): string {
  const { on } = elsewhere(scope, task)
  return on === undefined ? scope.node.host : `${scope.node.host} → ${on}`
}

/** The host that a task is executed on, where it is not the node's. */
function elsewhere(scope: Scope, task: Task): { readonly on?: string } {
  const { host } = placeOf(scope, task)
  return host === scope.node.host ? {} : { on: host }
}

/** A task's probe as a section. */
export function probeSection(task: Task): Section {
  const { command, stdin, shares } = task.probe
  // In an environment of its own a program may say something else.
  const alone = shares === undefined || task.options.environment !== undefined
  return { ...section(task, command.text, stdin), ...(alone ? {} : { shares }) }
}

export function section(task: Task, text: string, stdin: Section['stdin']): Section {
  // A script travels in a frame and is run by a shell that never shows it: no argument and no file that others can read holds what is exported here.
  const environment = Object.entries(task.options.environment ?? {}).map(([key, value]) => `export ${key}=${quote(value instanceof Secret ? Secret.reveal(value) : value)}\n`)
  return {
    script: environment.join('') + text,
    ...(stdin === undefined ? {} : { stdin }),
    ...(task.helpers === undefined ? {} : { helpers: task.helpers }),
  }
}

/** Tells the redactor of everything secret in these tasks, before any of it is sent or shown. */
export function redactTasks({ context }: Scope, tasks: readonly Task[]): void {
  context.redact(tasks.flatMap(task => [...secretsIn(task.spec), ...secretsIn(task.options.environment)]))
}

export function emitTask({ context, node }: Scope, task: TaskLabel, outcome: TaskOutcome, milliseconds: number): void {
  context.emit({ type: 'task-finished', node: node.id, play: node.play.name, host: node.host, task, outcome, milliseconds })
}

/** An included role that left the host out. */
export function emitOmitted(scope: Scope, { name, why, origin }: Omitted): void {
  emitTask(scope, { kind: 'include', id: name, title: `include ${name}`, handler: false, origin }, { type: 'skipped', why }, 0)
}

export function emitReport({ context, node }: Scope, { title, columns, rows }: Report): void {
  context.emit({ type: 'report-made', node: node.id, play: node.play.name, host: node.host, title, columns, rows })
}

export function failedTask(scope: Scope, task: Task, failure: Failure): Failed {
  const { node } = scope
  return { failure, host: node.host, ...elsewhere(scope, task), play: node.play.name, task: titleOf(task), origin: task.origin }
}

export function failedNode({ node }: Pick<Scope, 'node'>, failure: Failure): Failed {
  return { failure, host: node.host, play: node.play.name, origin: node.play.origin }
}

export type SourceOf = (path: string) => SourceFile
