import type { Item } from '../work/item.ts'

/** How a host is reached in a run: at its own address, or through a link that is farther away. */
export interface Endpoint {
  readonly name: string
  readonly address: string
  readonly port: number
}

/** What every contender gets: the same hosts, the same key, the same items, a folder of its own to write its playbook into. */
export interface Job {
  readonly folder: string
  readonly endpoints: readonly Endpoint[]
  readonly keyFile: string
  readonly knownHosts: string
  readonly work: Task
  /** `first`: nothing of it is there. `again`: all of it is. */
  readonly phase: Phase
}

export type Phase = 'first' | 'again'
export type Task = { readonly type: 'items'; readonly items: readonly Item[] } | { readonly type: 'facts' }

/** A program call: what is measured. */
export interface Call {
  readonly argv: readonly [string, ...string[]]
  readonly environment: Readonly<Record<string, string>>
  readonly folder: string
  readonly stdin?: string
}

/** What a run said about itself. */
export interface Said {
  /** Resources that it changed, as far as it says so. */
  readonly changed: number | undefined
  /** Round trips on the critical path, where the contender counts them. */
  readonly frames: number | undefined
}

export interface Contender {
  readonly id: ContenderId
  readonly title: string
  readonly version: string
  /** Writes the playbook as a user would, outside of what is measured, and says what to call: one program, or one a host at the same time. */
  readonly prepare: (job: Job) => Promise<readonly Call[]>
  readonly said: (outputs: readonly string[], job: Job) => Promise<Said>
}

export const contenderIds = ['ts-play', 'ansible', 'ansible-pipelining', 'mitogen', 'pyinfra', 'floor'] as const
export type ContenderId = (typeof contenderIds)[number]
