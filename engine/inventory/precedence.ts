import { isDeepStrictEqual } from 'node:util'
import type { Draft, HostDraft } from './draft.ts'
import type { Nesting } from './nesting.ts'
import { warning } from './place.ts'
import type { Setting, Settings } from './var-source.ts'

/**
 * Merges what groups and hosts set. From the weakest to the strongest: `all`, parent group, child group, host; at
 * each of these the inventory file, then `group_vars/` or `host_vars/`. Groups at the same depth go by name, as in
 * Ansible, and a warning says when that decided. A play's own `vars` win over all of this.
 */
export function mergeSettings(draft: Draft, nesting: Nesting): (host: HostDraft) => Settings {
  // Hosts mostly share their groups: each list of groups is merged once.
  const merged = new Map<string, Settings>()
  const ofGroups = (names: readonly string[]): Settings => {
    const id = names.join(' ')
    const known = merged.get(id)
    if (known) return known
    const settings: Settings = new Map()
    const setters = new Map<string, string>()
    for (const name of names) {
      const group = draft.groups.get(name)
      if (!group) continue
      for (const [variable, setting] of [...group.inline, ...group.filed]) {
        const before = setters.get(variable)
        const old = settings.get(variable)
        if (before !== undefined && old && before !== name && nesting.depthOf(before) === nesting.depthOf(name) && !same(old, setting)) {
          draft.diagnostics.push(
            warning(setting.source.at([], 'key'), `\`${variable}\` is set by the groups \`${before}\` and \`${name}\`, neither of which is the other's parent: \`${name}\` wins by its name`, 'set it for the hosts, or make one group a child of the other'),
          )
        }
        settings.set(variable, setting)
        setters.set(variable, name)
      }
    }
    merged.set(id, settings)
    return settings
  }
  return host => new Map([...ofGroups(nesting.groupsOf(host.name)), ...host.inline, ...host.filed])
}

function same(left: Setting, right: Setting): boolean {
  return isDeepStrictEqual(left.value, right.value)
}
