import { callSite, type Origin } from './origin.ts'
import type { Inputs, Outputs } from './outputs.ts'
import type { InputValue, OptionalKeys, Role } from './role.ts'
import type { z } from 'zod'
import type { VarSchemas } from './vars.ts'

/** Another role's tasks at this place of a role's list, on the same host. */
export interface Include {
  readonly type: 'include'
  readonly role: Role
  readonly vars: Readonly<Record<string, unknown>>
  readonly inputs: Readonly<Record<string, unknown>>
  readonly tags: readonly string[]
  /** Names of the included roles around it. */
  readonly roles: readonly string[]
  readonly on?: string | undefined
  readonly origin: Origin
  readonly outputs?: 'an included role hands nothing on: give the role a play of its own, and bind the outputs of that'
}

/** An included role that left this host out by its `skip`. */
export interface Omitted {
  readonly type: 'omitted'
  readonly name: string
  readonly why: string
  readonly origin: Origin
}

type Needless<V> = { [K in keyof V]: V[K] extends z.ZodType ? (undefined extends z.input<V[K]> ? K : never) : never }[keyof V]
/** No inventory stands behind these: what has no default has to be given. */
type GivenVars<V> = { readonly [K in Exclude<keyof V, Needless<V>>]: V[K] extends z.ZodType ? z.input<V[K]> : never } & { readonly [K in Needless<V>]?: V[K] extends z.ZodType ? z.input<V[K]> : never }
/** Values, not references to plays. What is optional for the role may be left out. */
type GivenInputs<I> = { readonly [K in Exclude<keyof I, OptionalKeys<I>>]: InputValue<I[K]> } & { readonly [K in OptionalKeys<I>]?: InputValue<I[K]> }
type Part<Name extends string, All, Needed> =
  keyof All extends never ? { readonly [N in Name]?: undefined }
  : [Needed] extends [never] ? { readonly [N in Name]?: All }
  : { readonly [N in Name]: All }
type Given<V, I> = Part<'vars', GivenVars<V>, Exclude<keyof V, Needless<V>>> & Part<'inputs', GivenInputs<I>, Exclude<keyof I, OptionalKeys<I>>>
type Arguments<V, I> = Record<never, never> extends Given<V, I> ? [given?: Given<V, I>] : [given: Given<V, I>]

/**
 * Runs another role's tasks here, on this host, as if they stood in this list. Its facts are gathered at this point, its handlers become known, its name and
 * tags are tags of its tasks, and its `skip` leaves it out. Its variables are those given here, with the defaults of its schema: the inventory is not
 * asked, so what a role wants of an inventory stands in its own `vars`, and is checked before the first connection. Its outputs cannot be had: play it instead.
 *
 * @param given.vars values for its variables; those with a default may be left out
 * @param given.inputs values for its inputs; optional ones may be left out
 */
export function include<V extends VarSchemas, I extends Inputs>(role: Role<V, I, Outputs>, ...[given]: Arguments<V, I>): Include {
  return { type: 'include', role, vars: given?.vars ?? {}, inputs: given?.inputs ?? {}, tags: [], roles: [], origin: callSite() }
}
