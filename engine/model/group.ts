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

type NameOf<N extends string> = N extends `${infer Name}?` ? Name : N

/**
 * Names groups of the inventory: const { masters, workers } = groups('masters', 'workers'). A name with `?` behind it is of a group that an inventory may lack
 * (`lb?`, for `lb`): then it has no hosts. Any other group that is missing is an error at load.
 */
export function groups<const Names extends readonly string[]>(...names: Names): { readonly [N in NameOf<Names[number]>]: Group } {
  const entries = names.map((given): [string, Group] => {
    const optional = given.endsWith('?')
    const name = optional ? given.slice(0, -1) : given
    return [name, { type: 'group', name, members: { type: 'members-ref', groups: [name], ...(optional ? { optional } : {}) } }]
  })
  // Inference plumbing: one entry was made for each name.
  // oxlint-disable-next-line typescript/consistent-type-assertions
  return Object.fromEntries(entries) as { readonly [N in NameOf<Names[number]>]: Group }
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
  const optional = of.every(group => group.members.optional === true)
  return { type: 'members-ref', groups: of.map(group => group.name), ...(optional ? { optional } : {}) }
}
