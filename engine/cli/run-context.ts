import { setTimeout } from 'node:timers/promises'
import PQueue from 'p-queue'
import { connect, type Pool } from '../connection/connect.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { membersOf } from '../inventory/resolve-pattern.ts'
import type { Graph } from '../plan/graph.ts'
import type { Emit, RunContext } from '../run/context.ts'
import type { Redactor } from '../secrets/redactor.ts'
import type { Asked } from './asked.ts'
import type { JournalFile } from './journal-file.ts'
import type { Options } from './options.ts'
import { owner } from './owner.ts'
import { readSource } from './source.ts'
import { spool } from './spool.ts'
import type { SshSetup } from './ssh-setup.ts'
import { stepper } from './step.ts'
import { targetOf } from './target.ts'

interface Parts {
  readonly options: Options
  readonly ssh: SshSetup
  readonly graph: Graph
  readonly inventory: Inventory
  readonly emit: Emit
  readonly redactor: Redactor
  readonly asked: Asked
  readonly pool: Pool
  readonly journal: JournalFile
  readonly interrupt: { readonly finishing: AbortSignal; readonly killing: AbortSignal }
}

/** What a run needs of the world, out of what the command line and the inventory say. */
export function runContext({ options, ssh, graph, inventory, emit, redactor, asked, pool, interrupt, journal }: Parts): RunContext {
  const hosts = new Map([...inventory.hosts, inventory.controller].map(host => [host.name, host]))
  const find = (name: string) => {
    const host = hosts.get(name)
    if (!host) throw new Error(`no host ${name} in the inventory`)
    return host
  }
  return {
    graph,
    mode: options.check || options.list === 'tasks' ? 'check' : 'run',
    listing: options.list === 'tasks',
    connect: name => connect(targetOf(find(name), { options, ssh, asked }), { pool, signal: interrupt.killing }),
    hostAddress: name => find(name).address,
    knows: name => hosts.has(name),
    members: groups => membersOf(groups, inventory),
    readSource,
    spool,
    emit,
    redact: secrets => secrets.forEach(secret => redactor.add(secret)),
    now: () => performance.now(),
    sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }).catch(() => undefined),
    slots: new PQueue({ concurrency: options.forks }),
    become: name => (options.become ? options.becomeUser : find(name).access.become ? (find(name).access.becomeUser ?? 'root') : undefined),
    allowDestroy: new Set(options.allowDestroy),
    journal,
    confirm: options.step ? stepper(process, interrupt.finishing) : undefined,
    owner: owner(),
    locks: name => find(name).access.connection !== 'local',
    forceUnlock: new Set(options.forceUnlock),
    finishing: interrupt.finishing,
    killing: interrupt.killing,
    seed: options.seed ?? Date.now() % 2 ** 31,
  }
}
