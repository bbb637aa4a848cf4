import type { Scenario } from './scenario.ts'

/**
 * What is expected of a scenario, and what ansible-core does. Nothing said of it: the same. `none`: it has no such thing. Else what it does
 * instead, under which title ARCHITECTURE.md tells it.
 */
export interface Row extends Scenario {
  readonly name: string
  readonly gives: readonly string[]
  readonly ansible?: { readonly gives: readonly string[]; readonly differs: string } | { readonly none: string }
}
