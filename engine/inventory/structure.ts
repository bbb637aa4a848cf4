import { isMap, isScalar, type Node, type YAMLMap } from 'yaml'
import { draftGroup, draftHost, type Draft, type GroupDraft } from './draft.ts'
import { expandRange } from './host-range.ts'
import type { Place } from './inventory.ts'
import { error, placeAt, wholeFile } from './place.ts'
import { nodePlace } from './survey.ts'
import { didYouMean } from './suggest.ts'
import type { Entry, ValueReader } from './value.ts'
import { settingsOf } from './var-source.ts'

/** Hosts of all groups together, so that ranges and aliases cannot multiply without end. */
const MAX_MEMBERS = 1_000_000
const BODY = ['hosts', 'vars', 'children']

/** Adds one inventory document to the draft: Ansible's structure, top-level groups with `hosts`, `vars` and `children`. */
export function readStructure(reader: ValueReader, draft: Draft): void {
  const { source, root } = reader.document
  if (!root || (isScalar(root) && root.value === null)) {
    draft.diagnostics.push(error(root ? nodePlace(source, root) : wholeFile(source.file), 'the inventory is empty', EXAMPLE))
    return
  }
  const map = mapping(root, 'an inventory is a mapping of groups', { reader, draft, bodies: new Map(), left: 0 })
  if (!map) return
  const names = reader.entries(map).map(entry => entry.name)
  if (names.includes('plugin')) draft.diagnostics.push(error(placeAt(source, 0, 1), 'this configures an Ansible inventory plugin, which ts-play does not run', convert(source.file)))
  else if (names.includes('_meta')) draft.diagnostics.push(error(placeAt(source, 0, 1), 'this is the JSON of `ansible-inventory --list`', convert(source.file)))
  else {
    const walk = { reader, draft, bodies: new Map(), left: MAX_MEMBERS }
    for (const entry of reader.entries(map)) readGroup(entry, walk)
  }
}

/** How an inventory in another form becomes YAML. */
export function convert(file: string): string {
  return `convert it: ansible-inventory -i ${file} --list --yaml > inventory.yaml`
}

interface Walk {
  readonly reader: ValueReader
  readonly draft: Draft
  /** Names of the groups that each body was read for: through aliases a body may hold itself, or be reached in billions of ways. */
  readonly bodies: Map<Node, Set<string>>
  /** Hosts that groups may still name, each counted once for each of its groups. */
  left: number
}

function readGroup(entry: Entry, walk: Walk, depth = 0): GroupDraft | undefined {
  const { reader, draft } = walk
  const place = nodePlace(reader.document.source, entry.key)
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(entry.name)) {
    const body = BODY.includes(entry.name)
    draft.diagnostics.push(error(place, `\`${entry.name}\` cannot be a group's name`, body ? EXAMPLE : 'letters, digits, `_`, `-` and `.`'))
    return undefined
  }
  if (depth === 0 && BODY.includes(entry.name)) {
    draft.diagnostics.push(error(place, `\`${entry.name}\` belongs under a group`, EXAMPLE))
    return undefined
  }
  const group = draftGroup(draft, entry.name, place)
  const map = entry.value && !empty(entry.value, reader) ? mapping(entry.value, `group \`${entry.name}\` is a mapping of ${BODY.join(', ')}`, walk) : undefined
  const names = map ? (walk.bodies.get(map) ?? new Set()) : undefined
  if (!map || !names || names.has(group.name)) return group
  walk.bodies.set(map, names.add(group.name))
  for (const part of reader.entries(map)) readPart(part, group, walk, depth)
  return group
}

function readPart(part: Entry, group: GroupDraft, walk: Walk, depth: number): void {
  const { reader, draft } = walk
  const { source } = reader.document
  if (!BODY.includes(part.name)) {
    const hint = didYouMean(part.name, BODY, `a child group goes under \`children\`, a host under \`hosts\`, a variable under \`vars\``)
    draft.diagnostics.push(error(nodePlace(source, part.key), `\`${part.name}\` is not part of a group; expected ${BODY.join(', ')}`, hint))
    return
  }
  if (!part.value || empty(part.value, reader)) return
  const map = mapping(part.value, `\`${part.name}\` of group \`${group.name}\` is a mapping`, walk, part.name === 'vars' ? 'write `name: value` lines' : 'end each name with a `:`')
  if (!map) return
  if (part.name === 'vars') add(group.inline, settingsOf(reader.entries(map), reader, `group ${group.name}`))
  else if (part.name === 'hosts') for (const entry of reader.entries(map)) readHosts(entry, group, walk)
  else
    for (const entry of reader.entries(map)) {
      if (entry.name === 'all') {
        draft.diagnostics.push(error(nodePlace(source, entry.key), '`all` cannot be a child group: it holds every host', `remove it from the children of \`${group.name}\``))
        continue
      }
      const child = readGroup(entry, walk, depth + 1)
      if (child) group.children.set(child.name, nodePlace(source, entry.key))
    }
}

function readHosts(entry: Entry, group: GroupDraft, walk: Walk): void {
  const { reader, draft } = walk
  const place = nodePlace(reader.document.source, entry.key)
  // `m1:2222` is a port; `fe80::1` is not.
  const [, bare = entry.name, port] = /^([^:]+|[^:]*\[.+\][^:]*):(\d{1,5})$/.exec(entry.name) ?? []
  const expanded = expandRange(bare)
  if ('problem' in expanded) {
    draft.diagnostics.push(error(place, expanded.problem, expanded.hint))
    return
  }
  const over = walk.left >= 0 && walk.left < expanded.names.length
  walk.left -= expanded.names.length
  if (over) draft.diagnostics.push(error(place, `the groups name more than ${MAX_MEMBERS} hosts`))
  if (walk.left < 0) return
  const map = entry.value && !empty(entry.value, reader) ? mapping(entry.value, `host \`${entry.name}\` is a mapping of variables`, walk, 'write `name: value` lines below it') : undefined
  const settings = map ? settingsOf(reader.entries(map), reader, `host ${entry.name}`) : new Map()
  for (const name of expanded.names) {
    if (!validHost(name, place, draft)) continue
    group.hosts.add(name)
    add(draftHost(draft, { name, place, port: port === undefined ? undefined : Number(port) }).inline, settings)
  }
}

/** A host's name becomes a file name, a shell word and an argument of ssh: nothing that means something there. */
function validHost(name: string, place: Place, draft: Draft): boolean {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.:%@-]{0,252}$|^::[0-9a-f:.]*$/.test(name)) return true
  draft.diagnostics.push(error(place, `\`${name}\` cannot be a host's name`, 'letters, digits, `_`, `-`, `.` and `:`, starting with a letter or a digit'))
  return false
}

function mapping(node: Node, expected: string, walk: Walk, hint = EXAMPLE): YAMLMap | undefined {
  const found = walk.reader.resolve(node)
  if (isMap(found)) return found
  walk.draft.diagnostics.push(error(nodePlace(walk.reader.document.source, node), `${expected}; got ${isScalar(found) ? 'a single value' : 'a list'}`, hint))
  return undefined
}

function empty(node: Node, reader: ValueReader): boolean {
  const found = reader.resolve(node)
  return isScalar(found) && found.value === null
}

function add(to: GroupDraft['inline'], settings: GroupDraft['inline']): void {
  for (const [name, setting] of settings) to.set(name, setting)
}

const EXAMPLE = 'it looks like: all: { children: { masters: { hosts: { m1: { ansible_host: 10.0.0.11 } } } } }'
