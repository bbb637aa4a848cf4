import type { Draft, GroupDraft } from './draft.ts'
import { error } from './place.ts'
import { MAX_DEPTH } from './survey.ts'

/** Groups with their nesting resolved. */
export interface Nesting {
  /** Every group's hosts in inventory order, those of child groups included. */
  readonly members: ReadonlyMap<string, readonly string[]>
  /** A host's groups: `all`, then by depth and, at the same depth, by name. The order of precedence. */
  groupsOf(host: string): readonly string[]
  /** The longest way from `all`, which is at 0. */
  depthOf(group: string): number
}

/** Resolves child groups. A group that holds itself is reported, and that edge left out. */
export function resolveNesting(draft: Draft): Nesting {
  const sets = hostSets(draft)
  const depths = depthsOf(draft, [...sets.keys()].toReversed())
  const depthOf = (group: string): number => depths.get(group) ?? 1

  const everyone = [...draft.hosts.keys()]
  const order = new Map(everyone.map((name, index) => [name, index]))
  const members = new Map<string, readonly string[]>([['all', everyone]])
  for (const name of draft.groups.keys())
    if (name !== 'all') members.set(name, [...(sets.get(name) ?? [])].sort((left, right) => (order.get(left) ?? 0) - (order.get(right) ?? 0)))

  const groupsOf = new Map(everyone.map(name => [name, ['all']]))
  const sorted = [...members.keys()].filter(name => name !== 'all').sort((left, right) => depthOf(left) - depthOf(right) || (left < right ? -1 : 1))
  for (const group of sorted) for (const host of members.get(group) ?? []) groupsOf.get(host)?.push(group)

  const lonely = everyone.filter(host => groupsOf.get(host)?.length === 1)
  if (lonely.length > 0 && !members.has('ungrouped')) members.set('ungrouped', lonely)
  return { members, depthOf, groupsOf: host => groupsOf.get(host) ?? ['all'] }
}

/** Every group's hosts, in an order that has children before their parents. */
function hostSets(draft: Draft): ReadonlyMap<string, ReadonlySet<string>> {
  const sets = new Map<string, Set<string>>()
  const hostsOf = (group: GroupDraft, path: readonly string[]): Set<string> => {
    const known = sets.get(group.name)
    if (known) return known
    const hosts = new Set(group.hosts)
    const circle = [...path, group.name]
    for (const [name, place] of group.children) {
      const child = draft.groups.get(name)
      if (circle.includes(name)) {
        group.children.delete(name)
        draft.diagnostics.push(error(place, `group \`${name}\` holds itself: ${[...circle.slice(circle.indexOf(name)), name].join(' → ')}`, 'a child group cannot be one of its own parents'))
      } else if (circle.length > MAX_DEPTH) {
        group.children.delete(name)
        draft.diagnostics.push(error(place, `groups are nested more than ${MAX_DEPTH} levels deep`))
      } else if (child) for (const host of hostsOf(child, circle)) hosts.add(host)
    }
    sets.set(group.name, hosts)
    return hosts
  }
  for (const group of draft.groups.values()) hostsOf(group, [])
  return sets
}

/** Each group's longest way from `all`; `parentsFirst` makes one pass enough. */
function depthsOf(draft: Draft, parentsFirst: readonly string[]): ReadonlyMap<string, number> {
  const depths = new Map<string, number>()
  for (const name of parentsFirst) {
    const depth = name === 'all' ? 0 : (depths.get(name) ?? 1)
    depths.set(name, depth)
    for (const child of draft.groups.get(name)?.children.keys() ?? []) depths.set(child, Math.max(depths.get(child) ?? 1, depth + 1))
  }
  return depths
}
