import type { HostSummary, NodeOutcome } from '../model/event.ts'
import { EVENT_VERSION } from '../model/event.ts'
import type { Failed } from '../model/failure.ts'
import type { Node } from '../plan/graph.ts'
import type { RunContext } from './context.ts'
import { FactStore } from './facts.ts'
import { Hosts } from './hosts.ts'
import { runNode, threw, type NodeEnd } from './node.ts'
import { Outputs } from './outputs.ts'
import { failedNode, type Scope } from './scope.ts'
import { SerialGate } from './serial.ts'
import { shuffled } from './shuffle.ts'
import { Sources } from './sources.ts'
import { Tally } from './tally.ts'
import { noticeWaiting } from './waiting.ts'
import { interrupted } from './walk.ts'

/** Exit code of a run that was stopped by Ctrl-C or SIGTERM. */
const INTERRUPTED = 130

export interface RunResult {
  readonly exitCode: number
  readonly hosts: readonly HostSummary[]
  /** Root causes only: what they blocked is counted, not listed. */
  readonly failures: readonly Failed[]
}

/** Walks the graph: every node starts when those before it have ended, so the order is a topological one and as parallel as the edges allow. */
export async function execute(outer: RunContext): Promise<RunResult> {
  const { graph } = outer
  const full = [...graph.nodes.values()].filter(node => node.mode === 'full')
  const tally = new Tally([...new Set(full.map(node => node.host))])
  const context: RunContext = { ...outer, emit: event => { tally.count(event); outer.emit(event) } }
  const hosts = new Hosts(context)
  const shared = { context, hosts, facts: new FactStore(hosts), sources: new Sources(context) }
  const gates = new Map(graph.plays.flatMap(({ play }) => (play.serial === undefined ? [] : [[play.name, new SerialGate(play.serial)] as const])))
  const order = new Map([...graph.nodes.keys()].map((id, index) => [id, index]))
  /** In check mode: the first pending change of each host. */
  const pending = new Map<string, string>()
  const ends = new Map<string, Promise<NodeEnd>>()

  const settled = (id: string): Promise<NodeEnd> => {
    const known = ends.get(id)
    if (known) return known
    const node = graph.nodes.get(id)
    if (!node) throw new Error(`no node ${id}`)
    const ending = life(node)
    ends.set(id, ending)
    return ending
  }
  const outputs = new Outputs(context, settled)

  const life = async (node: Node): Promise<NodeEnd> => {
    const scope: Scope = { ...shared, node, stoppedBy: () => undefined, user: userFor(node, context.become) }
    const without = (outcome: NodeOutcome): NodeEnd => ({ outcome, scope, host: { name: node.host, address: context.hostAddress(node.host) }, facts: {}, pending: pending.get(node.host) })
    const waited = noticeWaiting(context, node)
    const before = [...node.after, ...node.inputs.filter(edge => !edge.optional).flatMap(edge => edge.from)]
    const results = new Map(await Promise.all(before.map(async id => [id, waited.until(id, await settled(id))] as const)))
    const gate = node.mode === 'full' ? gates.get(node.play.name) : undefined
    const stoppedBy = gate ? waited.until('its turn', await gate.enter(order.get(node.id) ?? 0)) : undefined
    waited.done()
    const started = context.now()
    const broken = stoppedBy ?? node.after.map(id => blockedBy(id, results.get(id))).find(id => id !== undefined)
    if (broken === undefined && node.mode === 'full') context.emit({ type: 'node-started', node: node.id, play: node.play.name, host: node.host })
    let end: NodeEnd
    if (broken !== undefined) end = without({ type: 'blocked', by: broken })
    else if (context.finishing.aborted) end = without({ type: 'failed', failed: failedNode(scope, interrupted) })
    else end = await runNode(scope, outputs, context.mode === 'check' ? pending.get(node.host) : undefined).catch((error: unknown) => without({ type: 'failed', failed: failedNode(scope, threw(error)) }))
    if (context.mode === 'check' && node.mode === 'full' && end.pending !== undefined) pending.set(node.host, pending.get(node.host) ?? end.pending)
    gate?.leave(stops(end) ? node.id : undefined)
    if (node.mode === 'full') context.emit({ type: 'node-finished', node: node.id, play: node.play.name, host: node.host, outcome: end.outcome, milliseconds: context.now() - started })
    return end
  }

  context.emit({ type: 'run-started', version: EVENT_VERSION, mode: context.mode, playbook: graph.playbook, seed: context.seed, plays: graph.plays.map(({ play, hosts: all, full: some }) => ({ name: play.name, hosts: some.length > 0 ? all.filter(host => some.includes(`${play.name}@${host}`)) : all, mode: some.length > 0 ? 'full' : 'outputs-only' })) })
  await Promise.all(shuffled(full, context.seed).map(node => settled(node.id)))
  await outputs.revoked()
  await hosts.close()
  const result: RunResult = { exitCode: context.finishing.aborted ? INTERRUPTED : tally.exitCode, hosts: tally.hosts, failures: tally.failures }
  context.emit({ type: 'run-finished', ...result })
  return result
}

/** The user a node's tasks run as: the play says, or `-b`, or the inventory. */
function userFor(node: Node, become: RunContext['become']): string | undefined {
  const own = node.play.become
  if (own === undefined) return become(node.host)
  return own === true ? 'root' : own === false ? undefined : own
}

/** The root cause when a node that had to end well did not. */
function blockedBy(id: string, end: NodeEnd | undefined): string | undefined {
  switch (end?.outcome.type) {
    case 'failed':
    case 'unreachable':
      return id
    case 'blocked':
      return end.outcome.by
    default:
      return undefined
  }
}

/** A failed node stops its serial play; one that was never reached is passed over. */
function stops(end: NodeEnd): boolean {
  const { outcome } = end
  if (outcome.type === 'failed') return true
  return outcome.type === 'unreachable' && outcome.failed.failure.reason === 'connection-lost'
}
