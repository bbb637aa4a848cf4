import type { Command } from './command.ts'

/** Which of two imagined worlds a stand-in belongs to. What comes out equal in both does not depend on the unknown. */
export type Seed = 'a' | 'b'

/** What is on a host: a read-only query and a pure parser, so that each is tested on recorded output. */
export interface Fact<T> {
  readonly type: 'fact'
  readonly name: string
  readonly query: Command
  /** Gets stdout; called whatever the exit status, so an absent tool parses to a typed "absent" and never throws. */
  readonly parse: (stdout: string) => T
  /** `stable`: once a host and run. `volatile`: once a node, because plays change it. */
  readonly lifetime: 'stable' | 'volatile'
  /** What to assume in check mode when a pending change of this run may alter the fact; without it everything that reads the fact is unknown. */
  readonly standIn?: (seed: Seed) => T
}

/**
 * Declares a fact.
 *
 * @param definition.lifetime default `stable`
 */
export function fact<T>(definition: {
  name: string
  query: Command
  parse: (stdout: string) => T
  lifetime?: 'stable' | 'volatile'
  standIn?: (seed: Seed) => T
}): Fact<T> {
  return { type: 'fact', lifetime: 'stable', ...definition }
}

export type Facts = Readonly<Record<string, Fact<unknown>>>
export type FactValues<F> = { readonly [K in keyof F]: F[K] extends Fact<infer T> ? T : never }
