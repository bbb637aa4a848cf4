import type { MembersRef } from './outputs.ts'

/** Which hosts a play is for. Names are groups of the inventory, checked at load. */
export type HostPattern =
  | Group
  | { readonly type: 'all' }
  | { readonly type: 'controller' }
  | { readonly type: 'union'; readonly of: readonly HostPattern[] }
  | { readonly type: 'except'; readonly of: HostPattern; readonly minus: HostPattern }

export interface Group {
  readonly type: 'group'
  readonly name: string
  /** Every host of the group in inventory order, never narrowed by `--limit`. */
  readonly members: MembersRef
}

/** Names groups of the inventory: const { masters, workers } = groups('masters', 'workers'). */
export function groups<const Names extends readonly string[]>(...names: Names): { readonly [N in Names[number]]: Group } {
  const entries = names.map((name): [string, Group] => [name, { type: 'group', name, members: { type: 'members-ref', groups: [name] } }])
  // Inference plumbing: one entry was made for each name.
  // oxlint-disable-next-line typescript/consistent-type-assertions
  return Object.fromEntries(entries) as { readonly [N in Names[number]]: Group }
}

/** The hosts of several groups, each once, in inventory order. */
export function union(...of: readonly HostPattern[]): HostPattern {
  return { type: 'union', of }
}

/** The hosts of one pattern that are not in another. */
export function except(of: HostPattern, minus: HostPattern): HostPattern {
  return { type: 'except', of, minus }
}

/** Every host of the inventory. */
export const everyone: HostPattern = { type: 'all' }
/** The machine that ts-play runs on. */
export const controller: HostPattern = { type: 'controller' }

/** The members of several groups as one input. */
export function members(...of: readonly Group[]): MembersRef {
  return { type: 'members-ref', groups: of.map(group => group.name) }
}
