import PQueue from 'p-queue'
import type { Event, Mode } from '../../engine/model/event.ts'
import type { HostPattern } from '../../engine/model/group.ts'
import type { Playbook } from '../../engine/model/playbook.ts'
import { formatDiagnostic } from '../../engine/model/diagnostic.ts'
import { plan } from '../../engine/plan/build.ts'
import type { Directory } from '../../engine/plan/directory.ts'
import type { Graph } from '../../engine/plan/graph.ts'
import { everything, type Selection } from '../../engine/plan/select.ts'
import { execute, type RunResult } from '../../engine/run/execute.ts'
import type { RunContext } from '../../engine/run/context.ts'
import type { JournalStore } from '../../engine/run/journal.ts'
import type { World } from './world.ts'

export type GroupTable = Readonly<Record<string, readonly string[]>>

/** An inventory of groups and hosts, no files: variables are parsed by the role's schemas. */
export function directory(groups: GroupTable): Directory {
  const known = new Set(Object.values(groups).flat())
  const all = [...known]
  const resolve = (pattern: HostPattern): readonly string[] => {
    switch (pattern.type) {
      case 'all': return all
      case 'controller': return ['localhost']
      case 'group': return groups[pattern.name] ?? []
      case 'union': return all.filter(host => pattern.of.some(part => resolve(part).includes(host)))
      case 'except': return resolve(pattern.of).filter(host => !resolve(pattern.minus).includes(host))
    }
  }
  const unknown = (pattern: HostPattern): string | undefined => (pattern.type === 'group' && !(pattern.name in groups) ? pattern.name : undefined)
  return {
    resolve: pattern => (unknown(pattern) === undefined ? { hosts: resolve(pattern) } : { problem: `no group ${unknown(pattern)}` }),
    hasHost: name => name === 'localhost' || known.has(name),
    vars: play => ({ values: Object.fromEntries(Object.entries(play.role.vars).map(([key, schema]) => [key, schema.parse(play.vars[key])])) }),
  }
}

export function planned(playbook: Playbook, groups: GroupTable, selection: Selection = everything): Graph {
  const result = plan({ playbook, directory: directory(groups), selection })
  if (!result.graph) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'))
  return result.graph
}

export interface RigOptions {
  readonly mode?: Mode
  readonly selection?: Selection
  readonly seed?: number
  readonly allowDestroy?: readonly string[]
  readonly onEvent?: (event: Event) => void
  readonly finishing?: AbortSignal
  /** Who runs; two runs of different names keep each other out. */
  readonly as?: string
  /** Default: nothing that waits ever goes on by itself. */
  readonly sleep?: (milliseconds: number) => Promise<void>
  readonly journal?: JournalStore
  readonly confirm?: RunContext['confirm']
  readonly forceUnlock?: readonly string[]
  /** Told of secrets before they are used. */
  readonly redact?: (secrets: readonly string[]) => void
  /** Only names the tasks. */
  readonly listing?: boolean
  /** The user that the inventory says to become on a host. */
  readonly become?: (host: string) => string | undefined
}

export interface Ran extends RunResult {
  readonly events: readonly Event[]
  /** `node: task → outcome`, in the order it happened. */
  readonly tasks: readonly string[]
  readonly nodes: Readonly<Record<string, string>>
}

/** Plans and runs a playbook in a world of cells, and tells what happened. */
export async function runIn(world: World, playbook: Playbook, groups: GroupTable, options: RigOptions = {}): Promise<Ran> {
  const graph = planned(playbook, groups, options.selection)
  const events: Event[] = []
  let clock = 0
  const result = await execute({
    graph,
    mode: options.mode ?? 'run',
    listing: options.listing ?? false,
    connect: world.connect,
    knows: host => directory(groups).hasHost(host),
    hostAddress: host => `10.0.0.${host.length}`,
    members: names => names.flatMap(name => (groups[name] ?? []).map(host => ({ name: host, address: host, vars: {} }))),
    spool: async () => { throw new Error('nothing is fetched here') },
    readSource: async path => { throw new Error(`no such file: ${path}`) },
    emit: event => {
      const timed = { ...event, at: clock++ }
      events.push(timed)
      options.onEvent?.(timed)
    },
    redact: options.redact ?? (() => undefined),
    now: () => clock,
    sleep: options.sleep ?? (() => new Promise(() => undefined)),
    slots: new PQueue({ concurrency: 50 }),
    become: options.become ?? (() => undefined),
    allowDestroy: new Set(options.allowDestroy),
    journal: options.journal ?? { done: new Set(), add: () => undefined },
    confirm: options.confirm,
    owner: { run: options.as ?? 'me', who: `${options.as ?? 'me'} at work` },
    locks: host => host !== 'localhost',
    forceUnlock: new Set(options.forceUnlock),
    finishing: options.finishing ?? new AbortController().signal,
    killing: new AbortController().signal,
    seed: options.seed ?? 1,
  })
  return {
    ...result,
    events,
    tasks: events.flatMap(event => (event.type === 'task-finished' ? [`${event.node}: ${event.task.title} → ${event.outcome.type}`] : [])),
    nodes: Object.fromEntries(events.flatMap(event => (event.type === 'node-finished' ? [[event.node, describe(event.outcome)]] : []))),
  }
}

function describe(outcome: Extract<Event, { type: 'node-finished' }>['outcome']): string {
  switch (outcome.type) {
    case 'done': return 'done'
    case 'skipped': return `skipped: ${outcome.why}`
    case 'unknown': return `unknown: ${outcome.why}`
    case 'blocked': return `blocked by ${outcome.by}`
    case 'failed':
    case 'unreachable': return `${outcome.type}: ${outcome.failed.failure.reason}`
  }
}
