import type { HostSummary, NodeOutcome, PlaySummary } from '../model/event.ts'
import { EVENT_VERSION } from '../model/event.ts'
import type { Failed } from '../model/failure.ts'
import { nodeId, type Node, type PlannedPlay } from '../plan/graph.ts'
import type { RunContext } from './context.ts'
import { Ends } from './ends.ts'
import { FactStore } from './facts.ts'
import { Fates } from './fates.ts'
import { Hosts } from './hosts.ts'
import { interrupted } from './interrupted.ts'
import { runNode, threw, type NodeEnd } from './node.ts'
import { Outputs } from './outputs.ts'
import { Pending } from './pending.ts'
import { placeOfNode } from './place.ts'
import { failedNode, type Scope } from './scope.ts'
import { shuffled } from './shuffle.ts'
import { Sources } from './sources.ts'
import { Tally } from './tally.ts'
import { TurnGate } from './turn-gate.ts'
import { noticeWaiting } from './waiting.ts'

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
  const gates = new Map([...graph.turns.values()].map(turn => [turn.name, new TurnGate(turn, () => context.sleep(turn.pause, context.finishing))]))
  const fates = new Fates(graph)
  const order = new Map([...graph.nodes.keys()].map((id, index) => [id, index]))
  const pending = new Pending()
  const ends = new Ends(graph, node => life(node))
  const outputs = new Outputs(context, id => ends.of(id))

  const life = async (node: Node): Promise<NodeEnd> => {
    const scope: Scope = { ...shared, node, stoppedBy: () => fates.stoppedBy(node), place: placeOfNode(node, context.become), pending }
    const without = (outcome: NodeOutcome): NodeEnd => ({ outcome, scope, host: { name: node.host, address: context.hostAddress(node.host) }, facts: {}, pending: pending.of(scope.place.host) })
    const noticed = noticeWaiting(context, node, ends.known)
    const gate = node.turn === undefined ? undefined : gates.get(node.turn)
    const broken = (await ends.before(node)) ?? (await gate?.enter(node.host, order.get(node.id) ?? 0)) ?? fates.stoppedBy(node)
    noticed()
    const started = context.now()
    if (broken === undefined && node.mode === 'full') context.emit({ type: 'node-started', node: node.id, play: node.play.name, host: node.host })
    let end: NodeEnd
    if (broken !== undefined) end = without({ type: 'blocked', by: broken })
    else if (context.finishing.aborted) end = without({ type: 'failed', failed: failedNode(scope, interrupted) })
    else end = await runNode(scope, outputs).catch((error: unknown) => without({ type: 'failed', failed: failedNode(scope, threw(error)) }))
    const failed = isFailure(end)
    if (failed && node.mode === 'full') fates.failed(node)
    const turn = gate?.ended(node.host, { failed: failed ? node.id : undefined, touched: hosts.touched(node.id) })
    if (node.mode === 'full') context.emit({ type: 'node-finished', node: node.id, play: node.play.name, host: node.host, outcome: end.outcome, milliseconds: context.now() - started })
    if (turn === 'passed-over' && node.play.maxFailPercentage === undefined) context.emit({ type: 'warning', host: node.host, message: `${node.turn}: passed over before anything was changed on it; the others go on` })
    return end
  }

  context.emit({ type: 'run-started', version: EVENT_VERSION, mode: context.mode, playbook: graph.playbook, seed: context.seed, plays: graph.plays.map(summary) })
  await Promise.all(shuffled(full, context.seed).map(node => ends.of(node.id)))
  await outputs.revoked()
  await hosts.close()
  const result: RunResult = { exitCode: context.finishing.aborted ? INTERRUPTED : tally.exitCode, hosts: tally.hosts, failures: tally.failures }
  context.emit({ type: 'run-finished', ...result })
  return result
}

function summary({ play, hosts, full }: PlannedPlay): PlaySummary {
  const some = new Set(full)
  return { name: play.name, hosts: some.size > 0 ? hosts.filter(host => some.has(nodeId(play, host))) : hosts, mode: some.size > 0 ? 'full' : 'outputs-only' }
}

function isFailure({ outcome }: NodeEnd): boolean {
  return (outcome.type === 'failed' && outcome.failed.failure.reason !== 'interrupted') || outcome.type === 'unreachable'
}
