import { isIP } from 'node:net'
import { raw } from '../model/command.ts'
import { resource } from '../model/resource.ts'
import { withEntry, withoutEntry } from './hosts-edit.ts'
import { namedPath } from './path.ts'
import type { PathState } from './path-state.ts'
import { fileShell } from './staged-file.ts'
import { applyText, parseText, probeText, textChanges, textOf, type TextEdit } from './text-edit.ts'
import { onPath, turnsPath } from './turning.ts'

/** Names of an address. */
export interface HostsEntrySpec {
  /** IPv4 or IPv6. */
  readonly address: string
  /** One or more, the canonical one (`hostname -f`) first. */
  readonly names: readonly string[]
  /** Absolute path on the target; default `/etc/hosts`. */
  readonly file?: string
  /** `absent` takes the names from the address. Default `present`. */
  readonly state?: 'present' | 'absent'
}

const NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/

/**
 * The names that an address has in the hosts file. The address gets one line: these names in their order, then any it had before. The same names are taken
 * from other addresses of its family (an IPv6 address may share a name with an IPv4 one). Comments and all other lines stay as they are.
 *
 * The file is made with mode 0644 if there is none, and keeps its mode and owner otherwise; a bind-mounted one, as in containers, is written in place.
 * It is not written if somebody changed it since it was looked at. Fails and check mode: as for `lineInFile`. Source: hosts(5).
 *
 * @throws TypeError when address or a name is none.
 */
export const hostsEntry = resource<HostsEntrySpec, PathState>({
  kind: 'hosts-entry',
  id: ({ address, file }) => (file === undefined ? address : `${address} in ${file}`),
  helpers: fileShell,

  probe(spec) {
    if (!isIP(spec.address)) throw new TypeError(`address must be an IPv4 or IPv6 address, got ${JSON.stringify(spec.address)}`)
    if (spec.names.length === 0) throw new TypeError(`names must not be empty for ${spec.address}`)
    const wrong = spec.names.find(name => !NAME.test(name))
    if (wrong !== undefined) throw new TypeError(`names must be names of hosts, got ${JSON.stringify(wrong)}`)
    return probeText(pathOf(spec), raw(':'))
  },

  parse: parseText,
  plan: ({ spec, state }) => (spec.state === 'absent' && state.type === 'absent' ? [] : textChanges(editOf(spec, state))),
  effects: spec => onPath(pathOf(spec).whole, 'line'),
  turnedBy: ({ spec, state }, effect) => turnsPath(effect, pathOf(spec).whole, state, 'line'),
  apply: ({ spec, state, changes }) => applyText(editOf(spec, state), changes),
})

function editOf(spec: HostsEntrySpec, found: PathState): TextEdit {
  const before = textOf(found)
  const after = spec.state === 'absent' ? withoutEntry(before ?? '', spec) : withEntry(before ?? '', spec)
  return { target: pathOf(spec), found, before, after, attributes: found.type === 'absent' ? { mode: 0o644 } : {} }
}

function pathOf({ file = '/etc/hosts' }: HostsEntrySpec) {
  return namedPath(file)
}
