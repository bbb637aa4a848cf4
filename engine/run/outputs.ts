import type { Failure } from '../model/failure.ts'
import type { Output } from '../model/outputs.ts'
import type { ErasedContext, Looking, Minting } from '../model/role.ts'
import { secretsIn } from '../model/secret.ts'
import type { Node } from '../plan/graph.ts'
import type { RunContext } from './context.ts'
import { onHost, OutputFailure } from './instrument.ts'
import { known, UnknownValue, world, type Value } from './known.ts'
import { threw, type NodeEnd } from './node.ts'
import { same } from './same.ts'

/** An input as a node gets it. `blockedBy` names the node whose failure is the root cause. */
export type Resolved = { readonly type: 'value'; readonly value: Value } | { readonly type: 'missing'; readonly failure: Failure; readonly blockedBy: string | undefined }
type Made = { readonly type: 'value'; readonly value: Value } | { readonly type: 'none'; readonly why: string; readonly blockedBy: string | undefined }

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

  constructor(context: RunContext, settled: (node: string) => Promise<NodeEnd>) {
    this.#context = context
    this.#settled = settled
  }

  async resolve(node: Node, input: string): Promise<Resolved> {
    const ref = node.play.bindings[input]
    if (!ref) throw new Error(`${node.id} does not bind ${input}`)
    if (ref.type === 'members-ref') return { type: 'value', value: known(this.#context.members(ref.groups)) }
    const edge = node.inputs.find(candidate => candidate.input === input)
    const from = edge?.from ?? []
    if (ref.pick === 'first') {
      const reasons: Made[] = []
      for (const producer of from) {
        const made = await this.#demand(producer, ref.key)
        if (made.type === 'value') return made
        reasons.push(made)
      }
      return missing(node, input, ref.play.name, reasons)
    }
    const all = await Promise.all(from.map(async producer => ({ host: this.#node(producer).host, made: await this.#demand(producer, ref.key) })))
    const given = all.flatMap(({ host, made }) => (made.type === 'value' ? [[host, made.value] as const] : []))
    const without = all.flatMap(({ made }) => (made.type === 'none' ? [made] : []))
    if (ref.pick === 'reachable') return { type: 'value', value: mapOf(given) }
    if (ref.pick === 'by-host') return without.length > 0 || given.length === 0 ? missing(node, input, ref.play.name, without) : { type: 'value', value: mapOf(given) }
    return agreed(node, input, ref.play.name, given, without)
  }

  /** Waits until every minted output has been revoked. */
  async revoked(): Promise<void> {
    await Promise.all(this.#revocations)
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
    // Only nodes that run in full stand in the recap; what befell another one has to be told by its consumer.
    const listed = this.#node(id).mode === 'full' ? id : undefined
    switch (outcome.type) {
      case 'skipped':
        return { type: 'none', why: `${id} was skipped (${outcome.why})`, blockedBy: undefined }
      case 'failed':
      case 'unreachable':
        return { type: 'none', why: `${id} failed: ${outcome.failed.failure.message}`, blockedBy: listed }
      case 'blocked':
        return { type: 'none', why: `${id} did not run because of ${outcome.by}`, blockedBy: outcome.by }
      case 'unknown':
      case 'done':
        return this.#produce(this.#node(id), key, end)
    }
  }

  async #produce(node: Node, key: string, end: NodeEnd): Promise<Made> {
    const { play } = node
    const output = play.role.outputs[key]
    const body = play.role.body.produce[key]
    if (!output || !body) throw new Error(`role ${play.role.name} has no output ${key}`)
    const imagined: Made = { type: 'value', value: { type: 'unknown', why: `${play.name} on ${node.host} (${output.id})`, standIn: output.standIn } }
    const minting = 'mint' in body
    if (this.#context.mode === 'check' && (minting || end.outcome.type === 'unknown')) return imagined
    // In check mode an output that needs neither the host nor a changing fact is known even while its host changes.
    const changing = this.#context.mode === 'check' && end.pending !== undefined
    const facts = this.#context.mode === 'run' && end.pending !== undefined ? await this.#factsAgain(end) : end.facts
    const base: ErasedContext = { host: end.host, vars: node.vars, facts: world(facts, 'a'), inputs: {} }
    const on = onHost(end.scope, changing ? `${play.name} would change ${node.host}` : undefined)
    try {
      const value = minting ? await body.mint({ ...base, on }) : await this.#look(body, { ...base, on }, facts)
      this.#context.redact(secretsIn(value))
      this.#context.emit({ type: 'output-made', node: node.id, play: play.name, host: node.host, output: output.id, minted: minting })
      if (minting) this.#revocations.push(this.#revokeLater(node, output, body, { ...base, on, value }))
      return { type: 'value', value: known(value) }
    } catch (error) {
      if (error instanceof UnknownValue) return imagined
      // A role refuses by throwing an Error; any other name is a mistake in its code, and is told with that name.
      const message = error instanceof OutputFailure || (error instanceof Error && error.name === 'Error') ? error.message : threw(error).message
      return { type: 'none', why: `output ${output.id} of ${node.id} could not be made: ${message}`, blockedBy: undefined }
    }
  }

  /** A value computed from an unknown fact must not pass for known: it is made once more in the other world and compared. */
  async #look(body: Looking, context: Parameters<Looking>[0], facts: Readonly<Record<string, Value>>): Promise<unknown> {
    const value = await body(context)
    if (Object.values(facts).every(fact => fact.type === 'known')) return value
    const other = await body({ ...context, facts: world(facts, 'b') })
    if (!same(value, other)) throw new UnknownValue('depends on a fact that is not known yet')
    return value
  }

  async #factsAgain(end: NodeEnd): Promise<NodeEnd['facts']> {
    const at = { node: end.scope.node.id, play: end.scope.node.play.name, host: end.scope.node.host, purpose: 'output' as const }
    const gathered = await end.scope.facts.gather(at, end.scope.place, end.scope.node.play.role.facts, undefined)
    return gathered.type === 'facts' ? gathered.values : end.facts
  }

  async #revokeLater(node: Node, output: Output<unknown>, body: Minting, context: Parameters<Minting['revoke']>[0]): Promise<void> {
    const consumers = [...this.#context.graph.nodes.values()].filter(candidate => candidate.mode === 'full' && candidate.inputs.some(edge => edge.play === node.play.name))
    await Promise.all(consumers.map(consumer => this.#settled(consumer.id)))
    const problem = await body.revoke(context).then(() => undefined, (error: unknown) => (error instanceof Error ? error.message : String(error)))
    this.#context.emit({ type: 'output-revoked', node: node.id, play: node.play.name, host: node.host, output: output.id, problem })
  }
}

function mapOf(given: readonly (readonly [string, Value])[]): Value {
  const reasons = given.flatMap(([, value]) => (value.type === 'unknown' ? [value.why] : []))
  const build = (seed: 'a' | 'b') => new Map(given.map(([host, value]) => [host, value.type === 'known' ? value.value : value.standIn(seed)]))
  return reasons.length === 0 ? known(build('a')) : { type: 'unknown', why: [...new Set(reasons)].join(', '), standIn: build }
}

function agreed(node: Node, input: string, play: string, given: readonly (readonly [string, Value])[], without: readonly Extract<Made, { type: 'none' }>[]): Resolved {
  const first = given[0]
  if (!first) return missing(node, input, play, without)
  const unknown = given.find(([, value]) => value.type === 'unknown')
  if (unknown) return { type: 'value', value: unknown[1] }
  const other = given.find(([, value]) => !same(value, first[1]))
  if (!other) return { type: 'value', value: first[1] }
  return { type: 'missing', blockedBy: undefined, failure: { reason: 'input-missing', message: `the hosts of ${play} do not agree on ${input}: ${first[0]} and ${other[0]} give different values`, remedy: 'make their variables agree, or bind `.first` or `.byHost`' } }
}

function missing(node: Node, input: string, play: string, reasons: readonly Made[]): Resolved {
  const nones = reasons.flatMap(made => (made.type === 'none' ? [made] : []))
  const message = `${node.id} needs \`${input}\` from ${play}, and no host gives it: ${nones.map(none => none.why).join('; ') || 'it has no hosts'}`
  const blockedBy = nones.find(none => none.blockedBy !== undefined)?.blockedBy
  return { type: 'missing', blockedBy, failure: { reason: 'input-missing', message, remedy: `see why ${play} could not give it` } }
}
