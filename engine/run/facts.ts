import type { Fact, Facts } from '../model/fact.ts'
import type { Failure } from '../model/failure.ts'
import type { FrameFor, Hosts } from './hosts.ts'
import type { Place } from './place.ts'
import { known, UnknownValue, type Value } from './known.ts'

export type Gathered = { readonly type: 'facts'; readonly values: Readonly<Record<string, Value>> } | { readonly type: 'failure'; readonly failure: Failure }

/** Facts of a run: stable ones once a host, volatile ones whenever asked, all that are missing in one frame. */
export class FactStore {
  readonly #hosts: Hosts
  readonly #stable = new Map<string, Map<Fact<unknown>, unknown>>()

  constructor(hosts: Hosts) {
    this.#hosts = hosts
  }

  /**
   * Gathers a role's or a stage's facts where its tasks are executed.
   *
   * @param pending in check mode, the change of this run that may alter volatile facts: they become stand-ins
   */
  async gather(at: FrameFor, place: Place, facts: Facts, pending: string | undefined): Promise<Gathered> {
    const cache = this.#stable.get(place.host) ?? new Map<Fact<unknown>, unknown>()
    this.#stable.set(place.host, cache)
    const values: Record<string, Value> = {}
    const missing: [string, Fact<unknown>][] = []
    for (const [key, fact] of Object.entries(facts)) {
      if (fact.lifetime === 'volatile' && pending !== undefined) values[key] = standIn(fact, pending)
      else if (fact.lifetime === 'stable' && cache.has(fact)) values[key] = known(cache.get(fact))
      else missing.push([key, fact])
    }
    if (missing.length === 0) return { type: 'facts', values }
    const reply = await this.#hosts.query(at, place, missing.map(([, fact]) => ({ script: fact.query.text })))
    if (reply.type === 'failure') return reply
    for (const [index, [key, fact]] of missing.entries()) {
      try {
        const value = fact.parse(reply.results[index]?.stdout ?? '')
        if (fact.lifetime === 'stable') cache.set(fact, value)
        values[key] = known(value)
      } catch (error) {
        return { type: 'failure', failure: { reason: 'role-threw', message: `fact ${fact.name} could not be parsed: ${String(error)}`, remedy: 'a fact has to parse every output, also that of a missing tool: report it to the author of the role' } }
      }
    }
    return { type: 'facts', values }
  }
}

function standIn(fact: Fact<unknown>, pending: string): Value {
  const why = `${fact.name}, after ${pending}`
  const imagine = fact.standIn
  return {
    type: 'unknown',
    why,
    standIn: seed => {
      if (imagine) return imagine(seed)
      throw new UnknownValue(why)
    },
  }
}
