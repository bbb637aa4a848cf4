import type { Diagnostic } from '../model/diagnostic.ts'
import type { Host, Inventory } from './inventory.ts'
import { error } from './place.ts'
import { list, nearest } from './suggest.ts'

/** A variable that a role needs and nothing sets. */
export interface MissingVar {
  readonly role: string
  readonly name: string
  /** What the schema wants, in words: `an IPv4 address`. */
  readonly wants: string | undefined
}

/** Names the variable, the role, the hosts and the place to put it. Points to the misspelt name where there is one, else to the first host. */
export function missingVar({ role, name, wants }: MissingVar, hosts: readonly [Host, ...Host[]], inventory: Inventory): Diagnostic {
  const [first] = hosts
  const group = first.groups.findLast(known => hosts.every(host => host.groups.includes(known))) ?? 'all'
  const where = `set it under \`vars\` of group \`${group}\`${hosts.length === 1 ? ` or under host \`${first.name}\`` : ''} in ${inventory.paths[0] ?? 'the inventory'}, or in group_vars/${group}.yaml beside it`
  const close = nearest(name, first.varSources.keys())
  const whom = hosts.length === 1 ? `host ${first.name}` : `hosts ${list(hosts.map(host => host.name), 8)}`
  const message = `\`${name}\`${wants === undefined ? '' : ` (${wants})`} is not set for ${whom}`
  const misspelt = close === undefined ? undefined : first.varSources.get(close)
  const mistake = misspelt ? error(misspelt.at([], 'key'), message, `\`${close}\` is set: did you mean \`${name}\`?`) : error(first.place, message, where)
  return { ...mistake, roles: [role] }
}
