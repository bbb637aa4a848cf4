import type { Failure } from '../model/failure.ts'
import type { Node } from '../plan/graph.ts'
import { known, type Value } from './known.ts'
import { same } from './same.ts'

/** An input as a node gets it. `blockedBy` names the node whose failure is the root cause. */
export type Resolved = { readonly type: 'value'; readonly value: Value } | { readonly type: 'missing'; readonly failure: Failure; readonly blockedBy: string | undefined }

/** An output of one node. */
export type Made = { readonly type: 'value'; readonly value: Value } | NotMade
export interface NotMade {
  readonly type: 'none'
  readonly why: string
  /** The node whose failure is the root cause; `undefined` where there is none, because a host was left out. */
  readonly blockedBy: string | undefined
}

/** An input, and what the nodes that may give it gave. */
export interface Asked {
  readonly node: Node
  readonly input: string
  readonly play: string
}

type Given = readonly (readonly [host: string, value: Value])[]

/** The values of several hosts as one. */
export function mapOf(given: Given): Value {
  const reasons = given.flatMap(([, value]) => (value.type === 'unknown' ? [value.why] : []))
  const build = (seed: 'a' | 'b') => new Map(given.map(([host, value]) => [host, value.type === 'known' ? value.value : value.standIn(seed)]))
  return reasons.length === 0 ? known(build('a')) : { type: 'unknown', why: [...new Set(reasons)].join(', '), standIn: build }
}

/** One value that every host that gave one agrees on. */
export function agreed(asked: Asked, given: Given, without: readonly NotMade[]): Resolved {
  const { input, play } = asked
  const first = given[0]
  if (!first) return missing(asked, without)
  const unknown = given.find(([, value]) => value.type === 'unknown')
  if (unknown) return { type: 'value', value: unknown[1] }
  const other = given.find(([, value]) => !same(value, first[1]))
  if (!other) return { type: 'value', value: first[1] }
  return { type: 'missing', blockedBy: undefined, failure: { reason: 'input-missing', message: `the hosts of ${play} do not agree on ${input}: ${first[0]} and ${other[0]} give different values`, remedy: 'make their variables agree, or bind `.first` or `.byHost`' } }
}

export function missing({ node, input, play }: Asked, reasons: readonly NotMade[]): Resolved {
  const message = `${node.id} needs \`${input}\` from ${play}, and no host gives it: ${reasons.map(none => none.why).join('; ') || 'it has no hosts'}`
  const blockedBy = reasons.find(none => none.blockedBy !== undefined)?.blockedBy
  return { type: 'missing', blockedBy, failure: { reason: 'input-missing', message, remedy: `see why ${play} could not give it` } }
}
