import type { Failed } from '../model/failure.ts'
import type { Node } from '../plan/graph.ts'
import type { RunContext } from './context.ts'
import { known } from './known.ts'
import type { NodeEnd } from './node.ts'
import { produce } from './produce.ts'
import { agreed, mapOf, missing, type Asked, type Made, type NotMade, type Resolved } from './resolved.ts'

/** Gives a node its inputs. */
export interface Resolver {
  resolve(node: Node, input: string): Promise<Resolved>
}

/** The outputs of a run: each made once, when a consumer first asks, and minted ones revoked when their last consumer has ended. */
export class Outputs implements Resolver {
  readonly #context: RunContext
  readonly #settled: (node: string) => Promise<NodeEnd>
  readonly #made = new Map<string, Promise<Made>>()
  readonly #revocations: Promise<void>[] = []
  /** Root causes that no node's end tells, by node. */
  readonly #untold = new Map<string, readonly Failed[]>()
  readonly #failed = new Set<string>()

  constructor(context: RunContext, settled: (node: string) => Promise<NodeEnd>) {
    this.#context = context
    this.#settled = settled
  }

  async resolve(node: Node, input: string): Promise<Resolved> {
    const ref = node.play.bindings[input]
    if (!ref) throw new Error(`${node.id} does not bind ${input}`)
    if (ref.type === 'members-ref') return { type: 'value', value: known(this.#context.members(ref.groups)) }
    const from = node.inputs.find(candidate => candidate.input === input)?.from ?? []
    const asked: Asked = { node, input, play: ref.play.name }
    if (ref.pick === 'first') {
      const reasons: NotMade[] = []
      for (const producer of from) {
        const made = await this.#demand(producer, ref.key)
        if (made.type === 'value') return made
        reasons.push(made)
      }
      return this.#missing(asked, reasons)
    }
    const all = await Promise.all(from.map(async producer => ({ host: this.#node(producer).host, made: await this.#demand(producer, ref.key) })))
    const given = all.flatMap(({ host, made }) => (made.type === 'value' ? [[host, made.value] as const] : []))
    const without = all.flatMap(({ made }) => (made.type === 'none' ? [made] : []))
    if (ref.pick === 'reachable') return { type: 'value', value: mapOf(given) }
    if (ref.pick === 'by-host') return without.length > 0 || given.length === 0 ? this.#missing(asked, without) : { type: 'value', value: mapOf(given) }
    return given.length === 0 ? this.#missing(asked, without) : agreed(asked, given, without)
  }

  /** Waits until every minted output has been revoked. */
  async revoked(): Promise<void> {
    await Promise.all(this.#revocations)
  }

  /** Whoever cannot go on without an output is blocked by the node that did not give it; why it did not is told once, however many wait for it. */
  #missing(asked: Asked, reasons: readonly NotMade[]): Resolved {
    // A node that only gives outputs may yet be done without.
    if (asked.node.mode === 'full') for (const { blockedBy } of reasons) if (blockedBy !== undefined) this.#tell(blockedBy)
    return missing(asked, reasons)
  }

  #tell(id: string): void {
    const { play, host } = this.#node(id)
    for (const failed of this.#untold.get(id) ?? []) this.#context.emit({ type: 'output-failed', node: id, play: play.name, host, failed })
    this.#untold.delete(id)
  }

  #note(id: string, failed: Failed): void {
    this.#untold.set(id, [...(this.#untold.get(id) ?? []), failed])
  }

  #node(id: string): Node {
    const node = this.#context.graph.nodes.get(id)
    if (!node) throw new Error(`no node ${id}`)
    return node
  }

  #demand(id: string, key: string): Promise<Made> {
    const name = `${id}.${key}`
    const made = this.#made.get(name) ?? this.#make(id, key)
    this.#made.set(name, made)
    return made
  }

  async #make(id: string, key: string): Promise<Made> {
    const end = await this.#settled(id)
    const { outcome } = end
    switch (outcome.type) {
      case 'skipped':
        return { type: 'none', why: `${id} was skipped (${outcome.why})`, blockedBy: undefined }
      case 'failed':
      case 'unreachable':
        // Only nodes that run in full tell their end.
        if (this.#node(id).mode !== 'full' && !this.#failed.has(id)) this.#note(id, outcome.failed)
        this.#failed.add(id)
        return { type: 'none', why: `${id} failed: ${outcome.failed.failure.message}`, blockedBy: id }
      case 'blocked':
        return { type: 'none', why: `${id} did not run because of ${outcome.by}`, blockedBy: outcome.by }
      case 'unknown':
      case 'done': {
        const { made, revoke, failed } = await produce(end, key)
        if (failed) this.#note(id, failed)
        if (revoke) this.#revocations.push(this.#revokeLater(this.#node(id), key, revoke))
        return made
      }
    }
  }

  async #revokeLater(node: Node, key: string, revoke: () => Promise<unknown>): Promise<void> {
    const consumers = [...this.#context.graph.nodes.values()].filter(candidate => candidate.mode === 'full' && candidate.inputs.some(edge => edge.play === node.play.name))
    await Promise.all(consumers.map(consumer => this.#settled(consumer.id)))
    const problem = await revoke().then(() => undefined, (error: unknown) => (error instanceof Error ? error.message : String(error)))
    this.#context.emit({ type: 'output-revoked', node: node.id, play: node.play.name, host: node.host, output: node.play.role.outputs[key]?.id ?? key, problem })
  }
}
