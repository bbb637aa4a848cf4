import type { Seed } from './fact.ts'

/**
 * A value one role hands to another. Nominal by `id`: a worker ticket is not a control-plane ticket, whatever its shape.
 * `read` outputs are got by looking; making a `minted` one changes the world, so check mode never makes it.
 */
export interface Output<T, Id extends string = string, E extends 'read' | 'minted' = 'read' | 'minted'> {
  readonly type: 'output'
  readonly id: Id
  readonly effect: E
  /** What to assume while the value cannot be known; the two seeds must give different values. */
  readonly standIn: (seed: Seed) => T
}

/** Declares an output that is got by looking. */
export function output<T, const Id extends string>(id: Id, standIn: (seed: Seed) => T): Output<T, Id, 'read'> {
  return { type: 'output', id, effect: 'read', standIn }
}

/** Declares an output whose making changes the world (a join token): made on demand, never in check mode, revoked when its last consumer has ended. */
export function minted<T, const Id extends string>(id: Id, standIn: (seed: Seed) => T): Output<T, Id, 'minted'> {
  return { type: 'output', id, effect: 'minted', standIn }
}

/** An input that wants the value of every host that gives it. */
export interface ByHost<O> {
  readonly type: 'by-host'
  readonly of: O
}
export function byHost<T, Id extends string>(of: Output<T, Id, 'read'>): ByHost<Output<T, Id, 'read'>> {
  return { type: 'by-host', of }
}

/** An input that is asked for only when the role's `neededWhen` says so; `undefined` otherwise. */
export interface Optional<I> {
  readonly type: 'optional'
  readonly of: I
}
export function optional<I extends Output<unknown> | ByHost<Output<unknown>>>(of: I): Optional<I> {
  return { type: 'optional', of }
}

/** An input of the members of a group: static, from the inventory. */
export interface MembersInput {
  readonly type: 'members'
}
export const Members: MembersInput = { type: 'members' }

type Required_ = Output<unknown> | ByHost<Output<unknown>> | MembersInput
export type Input = Required_ | Optional<Output<unknown> | ByHost<Output<unknown>>>
export type Inputs = Readonly<Record<string, Input>>
export type Outputs = Readonly<Record<string, Output<unknown>>>

declare const idOf: unique symbol

type Pick = 'first' | 'agreed' | 'by-host' | 'reachable'

/** A play's output as another play binds it. The reference is the edge. */
export interface Ref<Mode extends 'one' | 'by-host', Id extends string> {
  readonly type: 'ref'
  readonly play: PlayRef
  readonly key: string
  readonly pick: Pick
  readonly [idOf]?: readonly [Mode, Id]
}

/** What a reference needs of a play: its identity. */
export interface PlayRef {
  readonly type: 'play'
  readonly name: string
}

/** The members of a group, or of several, as an input. */
export interface MembersRef {
  readonly type: 'members-ref'
  readonly groups: readonly string[]
  /** An inventory may lack these groups: no members. */
  readonly optional?: boolean
}

/** The ways to use one output of a play. */
export interface OutputHandle<Id extends string> {
  /** From the first host in inventory order that ran and was not skipped. */
  readonly first: Ref<'one', Id>
  /** One value on which every host that gives it agrees. */
  readonly agreed: Ref<'one', Id>
  /** From every host; a host that fails to give it fails the consumer. */
  readonly byHost: Ref<'by-host', Id>
  /** From the hosts that gave it; those that are down or failed are not in the map. The consumer compares with the members. */
  readonly reachable: Ref<'by-host', Id>
}
