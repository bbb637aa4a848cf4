import type { NodeOutcome } from '../model/event.ts'
import type { Failed, Failure } from '../model/failure.ts'
import type { HostRef } from '../model/host.ts'
import type { Item } from '../model/task.ts'
import { check } from './check.ts'
import { IncludeMistake, itemsOf } from './expand.ts'
import { decide, UnknownValue, whyUnknown, world, type Decision, type Value } from './known.ts'
import type { Resolver } from './outputs.ts'
import { isUnreachable } from './unreachable.ts'
import { listTasks } from './list.ts'
import { failedNode, frameFor, type Scope } from './scope.ts'
import { Walk } from './walk.ts'

/** How a node ended, and what making its outputs needs. */
export interface NodeEnd {
  readonly outcome: NodeOutcome
  readonly scope: Scope
  readonly host: HostRef
  readonly facts: Readonly<Record<string, Value>>
  /** In check mode: what would change, so that what it gives cannot be known. */
  readonly pending: string | undefined
}

type Values = Readonly<Record<string, Value>>
type Seed = 'a' | 'b'

/** Takes one role through its life on one host: facts → inputs → skip → tasks. */
export async function runNode(scope: Scope, resolver: Resolver): Promise<NodeEnd> {
  const { node, context, place } = scope
  const host: HostRef = { name: node.host, address: context.hostAddress(node.host) }
  const on: HostRef = place.host === node.host ? host : { name: place.host, address: context.hostAddress(place.host) }
  const { body, facts: wanted, inputs, handlers } = node.play.role
  const end = (outcome: NodeOutcome, facts: Values, changed?: 'changed'): NodeEnd => ({ outcome, scope, host, facts, pending: context.mode === 'check' ? scope.pending.of(place.host) : changed })
  const fail = (failed: Failed, facts: Values = {}): NodeEnd => end(foreseen(scope, failed) ?? ended(failed), facts)

  const gathered = await scope.facts.gather(frameFor(scope, 'facts'), place, wanted, scope.pending.of(place.host))
  if (gathered.type === 'failure') return fail(failedNode(scope, gathered.failure))
  const facts = gathered.values
  const see = (values: Values, seed: Seed, onUnknown?: () => void) => ({ host, on, vars: node.vars, facts: world(facts, seed, onUnknown), inputs: world(values, seed, onUnknown) })

  try {
    const required: Record<string, Value> = {}
    for (const [name, input] of Object.entries(inputs)) {
      if (input.type === 'optional') continue
      const resolved = await resolver.resolve(node, name)
      if (resolved.type === 'missing') return resolved.blockedBy === undefined ? fail(failedNode(scope, resolved.failure), facts) : end({ type: 'blocked', by: resolved.blockedBy }, facts)
      required[name] = resolved.value
    }
    const skip = decide((seed, onUnknown) => body.skip?.(see(required, seed, onUnknown)))
    if (skip.certain && skip.a !== undefined) return end({ type: 'skipped', why: skip.a }, facts)
    // A stand-in is no real host's name, so "not this one" in both worlds says nothing.
    if (!skip.certain && !(skip.a === undefined && skip.b === undefined)) {
      if (node.mode === 'full') scope.pending.note(place.host, reason(facts, required))
      return end({ type: 'unknown', why: `whether it runs waits for ${reason(facts, required)}` }, facts)
    }
    if (node.mode === 'outputs-only') return end({ type: 'done' }, facts)

    const values: Record<string, Value> = { ...required }
    for (const [name, input] of Object.entries(inputs)) {
      if (input.type !== 'optional') continue
      const needed = decide((seed, onUnknown) => body.neededWhen[name]?.(see(required, seed, onUnknown)) ?? true)
      const resolved = needed.a || needed.b || !needed.certain ? await resolver.resolve(node, name) : undefined
      if (resolved?.type === 'missing') return resolved.blockedBy === undefined ? fail(failedNode(scope, resolved.failure), facts) : end({ type: 'blocked', by: resolved.blockedBy }, facts)
      values[name] = optionalValue(needed, resolved?.value, reason(facts, required))
    }

    const why = whyUnknown({ ...facts, ...values })
    const setting = { host, on, address: context.hostAddress, chain: [node.play.role] }
    const items = (seed: Seed): readonly Item[] => itemsOf({ handlers }, body.tasks?.(see(values, seed)) ?? [], setting)
    if (context.mode === 'run') {
      const walked = await new Walk(scope).run(items('a'))
      if (walked.stoppedBy !== undefined) return end({ type: 'blocked', by: walked.stoppedBy }, facts, walked.changed ? 'changed' : undefined)
      return walked.failed ? fail(walked.failed, facts) : end({ type: 'done' }, facts, walked.changed ? 'changed' : undefined)
    }
    const worlds = both(items)
    if (context.listing) {
      const missed = listTasks(scope, worlds)
      return missed ? fail(missed, facts) : end({ type: 'done' }, facts)
    }
    const checked = await check(scope, { ...worlds, why })
    if (checked.failed) return fail(checked.failed, facts)
    return end(checked.unknown === undefined ? { type: 'done' } : { type: 'unknown', why: checked.unknown }, facts)
  } catch (error) {
    const why = whyUnknown(facts)
    if (context.mode === 'check' && (error instanceof UnknownValue || why !== undefined)) {
      if (why !== undefined && node.mode === 'full') scope.pending.note(place.host, why)
      return end({ type: 'unknown', why: `waits for ${why ?? String(error)}` }, facts)
    }
    if (error instanceof IncludeMistake) return fail({ ...failedNode(scope, { reason: 'wrong-include', message: error.message, remedy: error.remedy }), origin: error.origin }, facts)
    return fail(failedNode(scope, threw(error)), facts)
  }
}

/** In check mode: a user that is not there may be one that a change before this makes. */
function foreseen({ context, pending, place }: Scope, { failure }: Failed): NodeOutcome | undefined {
  const why = pending.of(place.host)
  return context.mode === 'check' && failure.reason === 'no-such-user' && why !== undefined ? { type: 'unknown', why: `${failure.message}, before ${why}` } : undefined
}

/** One value as two worlds see it. */
function both<T>(make: (seed: Seed) => T): { readonly a: T; readonly b: T } {
  return { a: make('a'), b: make('b') }
}

/** An optional input that may or may not be asked for is absent in one world and there in the other. */
function optionalValue(needed: Decision<boolean>, value: Value | undefined, why: string): Value {
  if (!value) return { type: 'known', value: undefined }
  if (needed.certain) return value
  return { type: 'unknown', why, standIn: seed => (seed === 'a' ? undefined : value.type === 'known' ? value.value : value.standIn(seed)) }
}

function reason(facts: Values, inputs: Values): string {
  return whyUnknown({ ...facts, ...inputs }) ?? 'what runs before it'
}

export function ended(failed: Failed): NodeOutcome {
  return { type: isUnreachable(failed.failure) ? 'unreachable' : 'failed', failed }
}

export function threw(error: unknown): Failure {
  return {
    reason: 'role-threw',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    remedy: `a role must not throw; this is a mistake in its code${error instanceof Error && error.stack ? `\n${error.stack.split('\n').slice(1, 4).join('\n')}` : ''}`,
  }
}
