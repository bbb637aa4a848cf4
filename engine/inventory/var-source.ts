import { isMap, isScalar, isSeq, isNode, type Node } from 'yaml'
import type { VarSource } from './inventory.ts'
import { nodePlace } from './survey.ts'
import type { Entry, ValueReader } from './value.ts'

/** A value with the place it was set at. */
export interface Setting {
  readonly value: unknown
  readonly source: VarSource
}

/** Variables of one level: a group's or a host's, from one file. */
export type Settings = Map<string, Setting>

/** Reads the variables of a mapping. */
export function settingsOf(entries: readonly Entry[], reader: ValueReader, setBy: string): Settings {
  return new Map(entries.map(entry => [entry.name, { value: reader.value(entry.value), source: varSource(entry, reader, setBy) }]))
}

export function varSource(entry: Entry, reader: ValueReader, setBy: string): VarSource {
  const { source } = reader.document
  return {
    setBy,
    at(path = [], part = 'value') {
      const found = follow(entry, reader, path)
      return nodePlace(source, part === 'key' ? found.key : best(found))
    },
    bare(path = []) {
      const found = follow(entry, reader, path)
      const node = reader.resolve(found.value)
      return found.whole && isScalar(node) && node.type === 'PLAIN' ? node.source : undefined
    },
  }
}

interface Found {
  readonly key: Node
  readonly value: Node | undefined
  /** Every step of the path was there. */
  readonly whole: boolean
}

/** Walks a path of names and indexes as far as it goes. */
function follow(entry: Entry, reader: ValueReader, path: readonly PropertyKey[]): Found {
  let found: Found = { key: entry.key, value: entry.value, whole: true }
  for (const step of path) {
    const node = reader.resolve(found.value)
    const next = isMap(node) ? reader.entries(node).find(candidate => candidate.name === String(step)) : undefined
    const item = isSeq(node) && typeof step === 'number' ? node.items[step] : undefined
    if (next) found = { ...next, whole: true }
    else if (isNode(item)) found = { key: item, value: item, whole: true }
    else return { ...found, whole: false }
  }
  return found
}

/** A scalar or an alias is underlined itself; a collection or nothing by its name, because it has no line of its own. */
function best({ key, value }: Found): Node {
  return value && !isMap(value) && !isSeq(value) && value.range && value.range[1] > value.range[0] && !(isScalar(value) && value.type?.startsWith('BLOCK')) ? value : key
}
