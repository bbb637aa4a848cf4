import { modifies, text, value, hidden, absent, type Change } from '../../../engine/model/change.ts'
import type { Event, HostSummary, Mode, NodeOutcome, TaskLabel, TaskOutcome } from '../../../engine/model/event.ts'
import type { Failed, Failure } from '../../../engine/model/failure.ts'

/** Where the recorded playbook pretends to live. */
export const ROOT = '/home/ann/cluster'

/** Writes a recording by hand: time goes on by what each step is said to take, and may be set back for what happens beside it. */
export class Recording {
  readonly events: Event[] = []
  #at = 0

  pass(milliseconds: number): this {
    this.#at += milliseconds
    return this
  }

  get moment(): number {
    return this.#at
  }

  goto(moment: number): this {
    this.#at = moment
    return this
  }

  start(mode: Mode, plays: Readonly<Record<string, readonly string[]>>, playbook = 'ha'): this {
    const summaries = Object.entries(plays).map(([name, hosts]) => ({ name, hosts, mode: 'full' as const }))
    return this.#push({ type: 'run-started', version: 1, at: this.#at, mode, playbook, plays: summaries, seed: 4711 })
  }

  connected(host: string, milliseconds: number): this {
    return this.#push({ type: 'host-connected', at: this.#at, host, milliseconds })
  }

  begin(play: string, host: string): this {
    return this.#push({ type: 'node-started', ...this.#on(play, host) })
  }

  waiting(play: string, host: string, what: string): this {
    return this.#push({ type: 'node-waiting', ...this.#on(play, host), for: what })
  }

  frame(play: string, host: string, options: { purpose: 'facts' | 'probe' | 'apply' | 'output'; sections: number; milliseconds: number }): this {
    this.pass(options.milliseconds)
    return this.#push({ type: 'frame', ...this.#on(play, host), ...options })
  }

  taskStarted(play: string, host: string, task: TaskLabel): this {
    return this.#push({ type: 'task-started', ...this.#on(play, host), task })
  }

  task(play: string, host: string, step: { task: TaskLabel; outcome: TaskOutcome; milliseconds?: number }): this {
    const { task, outcome, milliseconds = 3 } = step
    return this.#push({ type: 'task-finished', ...this.#on(play, host), task, outcome, milliseconds })
  }

  notified(play: string, host: string, handler: string): this {
    return this.#push({ type: 'handler-pending', ...this.#on(play, host), handler })
  }

  output(play: string, host: string, output: string, minted: boolean): this {
    return this.#push({ type: 'output-made', ...this.#on(play, host), output, minted })
  }

  revoked(play: string, host: string, output: string, problem?: string): this {
    return this.#push({ type: 'output-revoked', ...this.#on(play, host), output, problem })
  }

  end(play: string, host: string, outcome: NodeOutcome = { type: 'done' }, milliseconds = 100): this {
    return this.#push({ type: 'node-finished', ...this.#on(play, host), outcome, milliseconds })
  }

  interrupt(level: 'finish-running' | 'kill'): this {
    return this.#push({ type: 'interrupted', at: this.#at, level })
  }

  /** The summaries are counted from what was recorded, as the engine does. */
  finish(exitCode: number): readonly Event[] {
    this.events.sort((one, other) => one.at - other.at)
    const hosts = [...new Set(this.events.flatMap(event => (event.type === 'run-started' ? event.plays.flatMap(play => play.hosts) : [])))]
    const failures = this.events.flatMap(event => (event.type === 'node-finished' && (event.outcome.type === 'failed' || event.outcome.type === 'unreachable') ? [event.outcome.failed] : []))
    this.#push({ type: 'run-finished', at: this.#at, exitCode, hosts: hosts.map(host => summary(host, this.events)), failures })
    return this.events
  }

  #push(event: Event): this {
    this.events.push(event)
    return this
  }

  #on(play: string, host: string): { at: number; node: string; play: string; host: string } {
    return { at: this.#at, node: `${play}@${host}`, play, host }
  }
}

function summary(host: string, events: readonly Event[]): HostSummary {
  const outcomes = events.flatMap(event => (event.type === 'task-finished' && event.host === host ? [event.outcome] : []))
  const tasks = outcomes.map(outcome => (outcome.type === 'failed' && outcome.ignored !== undefined ? 'ok' : outcome.type))
  const nodes = events.flatMap(event => (event.type === 'node-finished' && event.host === host ? [event.outcome.type] : []))
  const among = (types: readonly string[], type: string): number => types.filter(one => one === type).length
  return {
    host,
    ok: among(tasks, 'ok'),
    changed: among(tasks, 'changed'),
    wouldChange: among(tasks, 'would-change'),
    unknown: among(tasks, 'unknown') + among(nodes, 'unknown'),
    skipped: among(tasks, 'skipped') + among(nodes, 'skipped'),
    failed: among(nodes, 'failed'),
    unreachable: nodes.includes('unreachable'),
    blocked: among(nodes, 'blocked'),
  }
}

/** A task written at a line of a role. */
export function label(kind: string, id: string, line: number, options: { handler?: boolean; title?: string; role?: string } = {}): TaskLabel {
  return { kind, id, title: options.title ?? `${kind} ${id}`, handler: options.handler ?? false, origin: { file: `${ROOT}/roles/${options.role ?? 'prereqs'}/role.ts`, line } }
}

export function failed(failure: Failure, place: { play: string; host: string; task?: TaskLabel; line?: number }): Failed {
  const { play, host, task, line = 12 } = place
  return { failure, play, host, ...(task ? { task: task.title } : {}), origin: task?.origin ?? { file: `${ROOT}/playbooks/ha.ts`, line } }
}

export const changed = (...changes: Change[]): TaskOutcome => ({ type: 'changed', changes, verified: true })
export const wouldChange = (...changes: Change[]): TaskOutcome => ({ type: 'would-change', changes })
export const ok: TaskOutcome = { type: 'ok' }
export { modifies, text, value, hidden, absent }
