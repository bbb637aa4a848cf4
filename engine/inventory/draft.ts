import type { Diagnostic } from '../model/diagnostic.ts'
import type { Place } from './inventory.ts'
import type { Settings } from './var-source.ts'

/** A group as the files describe it, before nesting is resolved. */
export interface GroupDraft {
  readonly name: string
  readonly place: Place
  /** Named directly under its `hosts`. */
  readonly hosts: Set<string>
  readonly children: Map<string, Place>
  /** From the inventory files, later ones win. */
  readonly inline: Settings
  /** From `group_vars/`. */
  readonly filed: Settings
}

export interface HostDraft {
  readonly name: string
  readonly place: Place
  /** From a name such as `m1:2222`. */
  readonly port: number | undefined
  readonly inline: Settings
  readonly filed: Settings
}

/** What the files said, collected in their order. The only mutable thing of a read. */
export interface Draft {
  readonly groups: Map<string, GroupDraft>
  readonly hosts: Map<string, HostDraft>
  readonly diagnostics: Diagnostic[]
}

export function emptyDraft(): Draft {
  return { groups: new Map(), hosts: new Map(), diagnostics: [] }
}

export function draftGroup(draft: Draft, name: string, place: Place): GroupDraft {
  const known = draft.groups.get(name)
  if (known) return known
  const group: GroupDraft = { name, place, hosts: new Set(), children: new Map(), inline: new Map(), filed: new Map() }
  draft.groups.set(name, group)
  return group
}

export function draftHost(draft: Draft, given: { name: string; place: Place; port: number | undefined }): HostDraft {
  const known = draft.hosts.get(given.name)
  if (known) return known
  const host: HostDraft = { ...given, inline: new Map(), filed: new Map() }
  draft.hosts.set(given.name, host)
  return host
}
