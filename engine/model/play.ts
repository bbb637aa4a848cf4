import type { HostPattern } from './group.ts'
import { callSite, type Origin } from './origin.ts'
import type { ByHost, Inputs, MembersInput, MembersRef, Optional, Output, OutputHandle, Outputs, PlayRef, Ref } from './outputs.ts'
import type { Role } from './role.ts'
import type { Batch } from './rolling.ts'
import type { VarInputs, VarSchemas } from './vars.ts'

type Binding<I> =
  I extends Output<unknown, infer Id> ? Ref<'one', Id>
  : I extends ByHost<Output<unknown, infer Id>> ? Ref<'by-host', Id>
  : I extends Optional<infer O> ? Binding<O>
  : I extends MembersInput ? MembersRef
  : never
type Bindings<I> = { readonly [K in keyof I]: Binding<I[K]> }
type WithPart<I> = keyof I extends never ? { readonly with?: undefined } : { readonly with: Bindings<I> }

interface PlayOptions<V> {
  readonly hosts: HostPattern
  /** Values for this play; they win over the inventory's. */
  readonly vars?: VarInputs<V>
  /** How many hosts may be in this play at a time, in inventory order among those ready: a number or a share (`'25%'`). Default: all. */
  readonly serial?: Batch
  /** A host that fails or cannot be reached stops the play on all its hosts, and what they would do after it. */
  readonly anyErrorsFatal?: boolean
  /** The same once more than this share of the play's hosts has failed: 0 to 100. */
  readonly maxFailPercentage?: number
  /** Plays that have to be done on all their hosts before this one begins anywhere; `other.settled`: that have to have ended there, however. */
  readonly after?: readonly (Play | Settled)[]
  /**
   * One host, by name (`'lb1'`, `'localhost'`) or as a group of one, that all tasks are executed on for the hosts of the play. Facts are gathered there,
   * outputs are made there; variables and `host` are those of each host of the play.
   */
  readonly on?: HostPattern | string
  /** Run tasks as root (`true`) or as the user named. Default: as the login user, or as `-b` says. */
  readonly become?: boolean | string
  /** Takes the play out of its hosts' queues. */
  readonly independent?: boolean
  /** Tags beside the role's. */
  readonly tags?: readonly string[]
  /** Shown instead of the role's name; needed when a role is played twice. */
  readonly name?: string
}

/** The end of a play on all its hosts, whether it was done, failed, was blocked or left out: `after: [other.settled]`. */
export interface Settled {
  readonly type: 'settled'
  readonly play: PlayRef
}

/** What a play waits for as a whole. `done`: it does not begin where the other one failed anywhere. `settled`: it begins in any case. */
export interface Barrier {
  readonly play: PlayRef
  readonly until: 'done' | 'settled'
}

/** A role on a group of hosts: what a playbook lists. */
export interface Play<O extends Outputs = Outputs> {
  readonly type: 'play'
  readonly name: string
  readonly role: Role
  readonly hosts: HostPattern
  readonly bindings: Readonly<Record<string, Ref<'one' | 'by-host', string> | MembersRef>>
  readonly vars: Readonly<Record<string, unknown>>
  readonly serial: Batch | undefined
  /** The share of its hosts that may fail before it stops everywhere; `undefined`: any. */
  readonly maxFailPercentage: number | undefined
  readonly after: readonly Barrier[]
  readonly on: HostPattern | string | undefined
  readonly become: boolean | string | undefined
  readonly independent: boolean
  readonly tags: readonly string[]
  readonly origin: Origin
  /** For `after` of a play that has to begin however this one ends: a clean-up, a report. */
  readonly settled: Settled
  readonly outputs: { readonly [K in keyof O]: O[K] extends Output<unknown, infer Id> ? OutputHandle<Id> : never }
}

/** Puts a role on hosts and binds its inputs. A forgotten or wrong binding does not compile, and is refused at load with its line. */
export function play<V extends VarSchemas, I extends Inputs, O extends Outputs>(role: Role<V, I, O>, options: PlayOptions<V> & WithPart<I>): Play<O> {
  const name = options.name ?? role.name
  const self = { type: 'play' as const, name }
  const handles = Object.keys(role.outputs).map(key => [key, handle(self, key)] as const)
  // Inference plumbing: keys and ids of `outputs` are those of the role.
  // oxlint-disable-next-line typescript/consistent-type-assertions
  const outputs = Object.fromEntries(handles) as Play<O>['outputs']
  return Object.assign(self, {
    role,
    hosts: options.hosts,
    bindings: options.with ?? {},
    vars: options.vars ?? {},
    serial: options.serial,
    maxFailPercentage: options.anyErrorsFatal === true ? 0 : options.maxFailPercentage,
    after: (options.after ?? []).map((before): Barrier => (before.type === 'settled' ? { play: before.play, until: 'settled' } : { play: before, until: 'done' })),
    on: options.on,
    become: options.become,
    independent: options.independent ?? false,
    tags: [...role.tags, ...(options.tags ?? [])],
    origin: callSite(),
    settled: { type: 'settled' as const, play: self },
    outputs,
  })
}

function handle(play: { type: 'play'; name: string }, key: string): OutputHandle<string> {
  const pick = (how: Ref<'one', string>['pick']) => ({ type: 'ref' as const, play, key, pick: how })
  return { first: pick('first'), agreed: pick('agreed'), byHost: pick('by-host'), reachable: pick('reachable') }
}
