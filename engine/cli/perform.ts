import type { WriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createPool } from '../connection/connect.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Event } from '../model/event.ts'
import { secretsIn } from '../model/secret.ts'
import type { Graph } from '../plan/graph.ts'
import { taskTagsOf } from '../plan/select.ts'
import { encodeEvent } from '../render/json.ts'
import { createView, type View } from '../render/view.ts'
import type { Emit } from '../run/context.ts'
import { execute } from '../run/execute.ts'
import { Redactor } from '../secrets/redactor.ts'
import type { Asked } from './asked.ts'
import { interrupts } from './interrupt.ts'
import { journalOf } from './journal-file.ts'
import { USAGE, type Options } from './options.ts'
import type { Prompts } from './prompts.ts'
import { openReports } from './report-files.ts'
import { runContext } from './run-context.ts'
import { sshSetup } from './ssh-setup.ts'
import { taskList } from './task-list.ts'
import { targetOf } from './target.ts'
import { unlock } from './unlock.ts'
import { viewOptions } from './view-options.ts'

/** Exit code of a file that cannot be made: EX_CANTCREAT of sysexits(3). */
const CANNOT_CREATE = 73

interface Performance {
  readonly options: Options
  readonly graph: Graph
  readonly inventory: Inventory
  readonly passwords: Pick<Asked, 'loginPassword' | 'becomePassword'>
  readonly prompts: Prompts
}

/** Runs a graph against real hosts and shows it: where every layer meets. */
export async function perform({ options, graph, inventory, passwords, prompts }: Performance): Promise<number> {
  const recording = await openRecord(options.record)
  if (recording && 'problem' in recording) {
    process.stderr.write(`error: --record ${options.record}: ${recording.problem}\n  name a file in a folder that exists and can be written to\n`)
    return CANNOT_CREATE
  }
  const reports = await openReports(options.report)
  if ('problem' in reports) {
    process.stderr.write(`error: ${reports.problem}\n  name a file in a folder that exists and can be written to\n`)
    return CANNOT_CREATE
  }
  const journal = journalOf(options)
  if ('problem' in journal) {
    process.stderr.write(`error: ${journal.problem}\n  leave out --resume: what was done is found done, only commands without a guard run again\n`)
    return USAGE
  }
  const ssh = sshSetup(options, process.env)
  let warn = (host: string, message: string): void => void process.stderr.write(`warning: ${host}: ${message}\n`)
  if (ssh.warning !== undefined) process.stderr.write(`warning: ${ssh.warning}\n`)
  const pool = createPool({ places: ssh.socketPlaces, warn: (host, message) => warn(host, message) })
  const unasked: Asked = { ...passwords, passphrases: new Map() }
  const own = new Set([...graph.nodes.values()].map(node => node.host))
  const asked: Asked = { ...passwords, passphrases: await unlock(inventory.hosts.filter(host => own.has(host.name)).map(host => targetOf(host, { options, ssh, asked: unasked })), { prompts, pool }) }
  const redactor = new Redactor()
  for (const secret of [...secretsIn([asked.loginPassword, asked.becomePassword, ...asked.passphrases.values()]), ...inventory.hosts.flatMap(host => secretsIn([host.vars, host.access]))]) redactor.add(secret)
  for (const node of graph.nodes.values()) for (const secret of secretsIn(node.vars)) redactor.add(secret)

  const view = options.list === 'tasks' ? taskList(text => process.stdout.write(text)) : await createView(viewOptions(options))
  const recorded: Event[] = []
  const emit = emitter({ views: [view, reports], recording, recorded: options.profile ? recorded : undefined, redactor })
  warn = (host, message) => emit({ type: 'warning', host, message })
  using interrupt = interrupts(emit)
  try {
    const { exitCode, hosts } = await execute(runContext({ options, ssh, graph, inventory, emit, redactor, asked, pool, interrupt, journal }))
    journal.finish(exitCode)
    const only = taskTagsOf({ tags: graph.taskTags.only }, graph.plays.map(({ play }) => play))
    if (only.length > 0 && exitCode === 0 && options.list === undefined && hosts.every(host => host.ok + host.changed === 0))
      process.stderr.write(`warning: no play and no task on these hosts has the tag ${only.map(tag => `\`${tag}\``).join(' or ')}: nothing was looked at\n  --list-tasks shows tasks with their tags\n`)
    return exitCode
  } finally {
    await view.close()
    await reports.close()
    await new Promise<void>(resolve => (recording ? recording.end(resolve) : resolve()))
    if (options.profile) {
      const { profile } = await import('../render/profile.ts')
      // Beside JSON lines it would be noise.
      const stream = options.output === 'json' ? process.stderr : process.stdout
      stream.write(profile(recorded))
    }
  }
}

/** Opened before the first connection: that there will be no record is told before anything is done. */
async function openRecord(file: string | undefined): Promise<WriteStream | { readonly problem: string } | undefined> {
  if (file === undefined) return undefined
  try {
    const stream = (await open(file, 'w', 0o600)).createWriteStream()
    // A full disk must not end a run half way.
    stream.on('error', error => void process.stderr.write(`warning: --record ${file}: ${error.message}\n`))
    return stream
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** Times and redacts events, and hands them to whoever shows or keeps them: nothing behind this sees a secret. */
function emitter({ views, recording, recorded, redactor }: { views: readonly View[]; recording: WriteStream | undefined; recorded: Event[] | undefined; redactor: Redactor }): Emit {
  const started = performance.now()
  return event => {
    const timed: Event = redactor.redactValue({ ...event, at: Math.round(performance.now() - started) })
    for (const view of views) view.on(timed)
    recording?.write(`${encodeEvent(timed)}\n`)
    recorded?.push(timed)
  }
}
