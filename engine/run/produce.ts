import type { Failed } from '../model/failure.ts'
import type { Looking } from '../model/role.ts'
import { secretsIn } from '../model/secret.ts'
import { onHost, OutputFailure } from './instrument.ts'
import { known, UnknownValue, world, type Value } from './known.ts'
import { threw, type NodeEnd } from './node.ts'
import type { Made } from './resolved.ts'
import { same } from './same.ts'
import { failedNode, frameFor } from './scope.ts'

/** An output that was made, with what takes it back where it was minted. */
export interface Produced {
  readonly made: Made
  readonly revoke?: () => Promise<unknown>
  /** Why it could not be made. */
  readonly failed?: Failed
}

/** Makes one output of a node that has ended. */
export async function produce(end: NodeEnd, key: string): Promise<Produced> {
  const { scope, outcome } = end
  const { node, context } = scope
  const { play } = node
  const output = play.role.outputs[key]
  const body = play.role.body.produce[key]
  if (!output || !body) throw new Error(`role ${play.role.name} has no output ${key}`)
  const imagined: Made = { type: 'value', value: { type: 'unknown', why: `${play.name} on ${node.host} (${output.id})`, standIn: output.standIn } }
  const minting = 'mint' in body
  if (context.mode === 'check' && (minting || outcome.type === 'unknown')) return { made: imagined }
  // In check mode an output that needs neither the host nor a changing fact is known even while its host changes.
  const changing = context.mode === 'check' && end.pending !== undefined
  const facts = context.mode === 'run' && end.pending !== undefined ? await factsAgain(end) : end.facts
  const on = onHost(scope, changing ? `${play.name} would change ${scope.place.host}` : undefined)
  const base = { host: end.host, vars: node.vars, facts: world(facts, 'a'), inputs: membersFor(end), on }
  try {
    const value = minting ? await body.mint(base) : await look(body, base, facts)
    context.redact(secretsIn(value))
    context.emit({ type: 'output-made', node: node.id, play: play.name, host: node.host, output: output.id, minted: minting })
    return { made: { type: 'value', value: known(value) }, ...(minting ? { revoke: () => body.revoke({ ...base, value }) } : {}) }
  } catch (error) {
    if (error instanceof UnknownValue) return { made: imagined }
    // A role refuses by throwing an Error; any other name is a mistake in its code, and is told with that name.
    const said = error instanceof OutputFailure || (error instanceof Error && error.name === 'Error') ? error.message : threw(error).message
    const message = `output ${output.id} of ${node.id} could not be made: ${said}`
    return { made: { type: 'none', why: message, blockedBy: node.id }, failed: failedNode(scope, { reason: 'output-failed', message, remedy: `see what that says about ${scope.place.host}` }) }
  }
}

/** Members of groups: what of the inputs needs no other node. */
function membersFor({ scope: { node, context } }: NodeEnd): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(node.play.bindings).flatMap(([input, ref]) => (ref.type === 'members-ref' ? [[input, context.members(ref.groups)]] : [])))
}

/** A value computed from an unknown fact must not pass for known: it is made once more in the other world and compared. */
async function look(body: Looking, context: Parameters<Looking>[0], facts: Readonly<Record<string, Value>>): Promise<unknown> {
  const value = await body(context)
  if (Object.values(facts).every(fact => fact.type === 'known')) return value
  const other = await body({ ...context, facts: world(facts, 'b') })
  if (!same(value, other)) throw new UnknownValue('depends on a fact that is not known yet')
  return value
}

async function factsAgain({ scope, facts }: NodeEnd): Promise<NodeEnd['facts']> {
  const gathered = await scope.facts.gather(frameFor(scope, 'output'), scope.place, scope.node.play.role.facts, undefined)
  return gathered.type === 'facts' ? gathered.values : facts
}
