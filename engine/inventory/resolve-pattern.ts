import type { HostPattern } from '../model/group.ts'
import type { Host, Inventory, Resolved } from './inventory.ts'
import { didYouMean, list } from './suggest.ts'

/** The hosts a play's pattern means, each once and in inventory order; or the groups that the inventory does not have. */
export function resolvePattern(pattern: HostPattern, inventory: Inventory): Resolved {
  const unknown = [...new Set(groupNames(pattern))].filter(name => !inventory.groups.has(name))
  if (unknown.length === 0) {
    const names = matching(pattern, inventory)
    const known = inventory.hosts.filter(host => names.has(host.name))
    const { controller } = inventory
    return { hosts: names.has(controller.name) && !known.includes(controller) ? [...known, controller] : known }
  }
  const groups = [...inventory.groups.keys()]
  return {
    problem: `no group ${unknown.map(name => `\`${name}\``).join(', ')} in the inventory`,
    hint: didYouMean(unknown[0] ?? '', groups, `its groups are ${list(groups)}`),
  }
}

/** Groups that the inventory has to have. */
function groupNames(pattern: HostPattern): readonly string[] {
  switch (pattern.type) {
    case 'group':
      return pattern.members.optional === true ? [] : [pattern.name]
    case 'union':
      return pattern.of.flatMap(groupNames)
    case 'except':
      return [...groupNames(pattern.of), ...groupNames(pattern.minus)]
    case 'all':
    case 'controller':
      return []
  }
}

function matching(pattern: HostPattern, inventory: Inventory): ReadonlySet<string> {
  switch (pattern.type) {
    case 'group':
      return new Set(inventory.groups.get(pattern.name))
    case 'all':
      return new Set(inventory.hosts.map(host => host.name))
    case 'controller':
      return new Set([inventory.controller.name])
    case 'union':
      return new Set(pattern.of.flatMap(part => [...matching(part, inventory)]))
    case 'except': {
      const minus = matching(pattern.minus, inventory)
      return new Set([...matching(pattern.of, inventory)].filter(name => !minus.has(name)))
    }
  }
}

/** The hosts of a group in inventory order: what `group.members` hands to a role. */
export function membersOf(groups: readonly string[], inventory: Inventory): readonly Host[] {
  const names = new Set(groups.flatMap(group => inventory.groups.get(group) ?? []))
  return inventory.hosts.filter(host => names.has(host.name))
}
