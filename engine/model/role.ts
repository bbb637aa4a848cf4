import type { Command } from './command.ts'
import type { Facts, FactValues } from './fact.ts'
import type { Handler } from './handler.ts'
import type { HostRef, Member } from './host.ts'
import { callSite, type Origin } from './origin.ts'
import type { Secret } from './secret.ts'
import type { ByHost, Input, Inputs, MembersInput, Optional, Output, Outputs } from './outputs.ts'
import type { Item } from './task.ts'
import type { VarSchemas, VarValues } from './vars.ts'

export type InputValue<I> =
  I extends Output<infer T> ? T
  : I extends ByHost<Output<infer T>> ? ReadonlyMap<string, T>
  : I extends Optional<infer O> ? InputValue<O> | undefined
  : I extends MembersInput ? readonly Member[]
  : never
export type InputValues<I> = { readonly [K in keyof I]: InputValue<I[K]> }
type MembersKeys<I> = { [K in keyof I]: I[K] extends MembersInput ? K : never }[keyof I]
export type OptionalKeys<I> = { [K in keyof I]: I[K] extends Optional<unknown> ? K : never }[keyof I]

interface Base<V, F> {
  readonly host: HostRef
  readonly vars: VarValues<V>
  readonly facts: FactValues<F>
}
interface WithRequired<V, F, I> extends Base<V, F> {
  /** Where the tasks are executed and the facts are gathered: `host`, unless the play or what includes the role says otherwise. */
  readonly on: HostRef
  /** Only the inputs that are not optional. */
  readonly inputs: InputValues<Omit<I, OptionalKeys<I>>>
}
interface WithInputs<V, F, I> extends Base<V, F> {
  readonly on: HostRef
  readonly inputs: InputValues<I>
}

/** Looking at a host while making a read output. */
export interface Look {
  /** stdout of a read-only command. @throws OutputFailure when it exits non-zero. */
  query(command: Command): Promise<string>
}
/** Making a minted output. */
export interface Mint extends Look {
  /** stdout of a command that changes the host; `stdin` travels in a frame. @throws OutputFailure when it exits non-zero. */
  run(command: Command, stdin?: string | Secret<string>): Promise<string>
}

/** What making an output sees: of the inputs the members of groups, which the inventory tells; values of other plays are for tasks. */
interface Making<V, F, I> extends Base<V, F> {
  readonly inputs: InputValues<Pick<I, MembersKeys<I>>>
}

type Produce<V, F, I, O> = {
  readonly [K in keyof O]:
    O[K] extends Output<infer T, string, infer E>
      ? E extends 'minted'
        ? { readonly mint: (context: Making<V, F, I> & { readonly on: Mint }) => Promise<T>; readonly revoke: (context: Making<V, F, I> & { readonly on: Mint; readonly value: T }) => Promise<void> }
        : (context: Making<V, F, I> & { readonly on: Look }) => T | Promise<T>
      : never
}

interface Definition<V, F, I, O> {
  /** Tags beside the role's name. */
  readonly tags?: readonly string[]
  readonly vars?: V
  readonly facts?: F
  readonly inputs?: I
  readonly outputs?: O
  /** A reason to leave this host out (`not elected`), or nothing. Judged after the required inputs, before the optional ones. */
  readonly skip?: (context: WithRequired<V, F, I>) => string | undefined
  /** When each optional input is asked for. */
  readonly neededWhen?: { readonly [K in OptionalKeys<I>]: (context: WithRequired<V, F, I>) => boolean }
  /** Pure: no shell is in reach here, so there is nothing for check mode to guard. */
  readonly tasks?: (context: WithInputs<V, F, I>) => readonly Item[]
  /** Handlers of the role in the order they run: needed for those that listen to topics. One that a task notifies by value need not be listed. */
  readonly handlers?: readonly Handler[]
}
type ProducePart<V, F, I, O> = keyof O extends never ? { readonly produce?: undefined } : { readonly produce: Produce<V, F, I, O> }
type NeededPart<V, F, I> = OptionalKeys<I> extends never ? unknown : { readonly neededWhen: { readonly [K in OptionalKeys<I>]: (context: WithRequired<V, F, I>) => boolean } }

/** A typed role. The generics are what playbooks are checked against; the functions are erased for the engine. */
export interface Role<V extends VarSchemas = VarSchemas, I extends Inputs = Inputs, O extends Outputs = Outputs> {
  readonly type: 'role'
  readonly name: string
  readonly tags: readonly string[]
  readonly vars: V
  readonly facts: Facts
  readonly inputs: I
  readonly outputs: O
  readonly handlers: readonly Handler[]
  readonly body: RoleBody
  readonly origin: Origin
}

/** The context as the engine hands it over: the same fields, types erased. */
export interface ErasedContext {
  readonly host: HostRef
  readonly vars: Readonly<Record<string, unknown>>
  readonly facts: Readonly<Record<string, unknown>>
  readonly inputs: Readonly<Record<string, unknown>>
}
/** What `tasks` and the decisions before it see: outputs have an instrument in place of `on`. */
export interface ErasedTaskContext extends ErasedContext {
  /** The engine always gives it; tests of roles that do not read it need not. */
  readonly on?: HostRef
}
export interface Minting {
  readonly mint: (context: ErasedContext & { readonly on: Mint }) => Promise<unknown>
  readonly revoke: (context: ErasedContext & { readonly on: Mint; readonly value: unknown }) => Promise<void>
}
export type Looking = (context: ErasedContext & { readonly on: Look }) => unknown
export interface RoleBody {
  readonly skip: ((context: ErasedTaskContext) => string | undefined) | undefined
  readonly neededWhen: Readonly<Record<string, (context: ErasedTaskContext) => boolean>>
  /** `undefined`: a read-only role, run wherever something selected needs its outputs. */
  readonly tasks: ((context: ErasedTaskContext) => readonly Item[]) | undefined
  readonly produce: Readonly<Record<string, Looking | Minting>>
}

/** Declares a role: what it wants to know, what it needs, what it brings about and what it hands on. */
export function role<
  const V extends VarSchemas = Record<never, never>,
  const F extends Facts = Record<never, never>,
  const I extends Inputs = Record<never, never>,
  const O extends Outputs = Record<never, never>,
>(name: string, definition: Definition<V, F, I, O> & ProducePart<V, F, I, O> & NeededPart<V, F, I>): Role<NoInfer<V>, NoInfer<I>, NoInfer<O>> {
  const { tags = [], vars, facts, inputs, outputs, skip, neededWhen, tasks, handlers = [] } = definition
  const erased = { skip, neededWhen: neededWhen ?? {}, tasks, produce: definition.produce ?? {} }
  // Inference plumbing: the engine calls these with the values that the schemas, facts and bindings above describe.
  // oxlint-disable typescript/consistent-type-assertions
  return {
    type: 'role',
    name,
    tags: [name, ...tags],
    vars: vars ?? ({} as V),
    facts: facts ?? {},
    inputs: inputs ?? ({} as I),
    outputs: outputs ?? ({} as O),
    handlers,
    body: erased as unknown as RoleBody,
    origin: callSite(),
  }
  // oxlint-enable typescript/consistent-type-assertions
}

export type { Input }
