import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'
import type { Diagnostic } from '../model/diagnostic.ts'
import { Secret } from '../model/secret.ts'
import type { YamlDocument } from './document.ts'
import { error } from './place.ts'
import { keyName, MAX_DEPTH, nodePlace, REFUSED } from './survey.ts'

/** Values a document may have once its aliases are expanded: an alias bomb needs billions. */
const MAX_VALUES = 1_000_000

/** One `name: value` of a mapping; `<<` merges are resolved. */
export interface Entry {
  readonly name: string
  readonly key: Node
  readonly value: Node | undefined
}

/** Reads plain values out of one document. */
export interface ValueReader {
  readonly document: YamlDocument
  /** Strings, numbers, booleans, null, lists, records and Secrets. */
  value(node: Node | undefined): unknown
  /** The node itself, or what an alias stands for. */
  resolve(node: Node | undefined): Node | undefined
  /** A mapping's entries: its own win over merged ones, the first merged one over the next. */
  entries(map: YAMLMap): readonly Entry[]
}

/** @param given.secrets what the tagged scalars stand for; one that is not there could not be had, and was reported */
export function valueReader(given: { document: YamlDocument; secrets: ReadonlyMap<Scalar, Secret<string>>; diagnostics: Diagnostic[] }): ValueReader {
  const { document, secrets, diagnostics } = given
  let left = MAX_VALUES

  const resolve = (node: Node | undefined): Node | undefined => {
    let found = node
    for (let hops = 0; isAlias(found) && hops < MAX_DEPTH; hops += 1) found = document.aliases.get(found)
    return isAlias(found) ? undefined : found
  }

  const value = (node: Node | undefined, depth = 0): unknown => {
    if (left <= 0) return undefined
    left -= depth > MAX_DEPTH ? left : 1
    if (left <= 0) {
      if (node) diagnostics.push(error(nodePlace(document.source, node), 'aliases expand to too much, or to themselves', `at most ${MAX_VALUES} values, ${MAX_DEPTH} levels deep`))
      return undefined
    }
    const found = resolve(node)
    if (isScalar(found)) {
      if (REFERENCES.has(found.tag ?? '')) return secrets.get(found)
      // Whoever encrypts a file means all of its texts to stay secret.
      return document.source.hidden && typeof found.value === 'string' ? new Secret(found.value) : found.value
    }
    if (isSeq(found)) return found.items.map(item => value(isNode(item) ? item : undefined, depth + 1))
    if (isMap(found)) return Object.fromEntries(entries(found).map(entry => [entry.name, value(entry.value, depth + 1)]))
    return null
  }

  // Remembered, so that mappings that merge each other cost no more than they are long; a cycle sees the entries before its merges.
  const remembered = new Map<YAMLMap, readonly Entry[]>()
  const entries = (map: YAMLMap): readonly Entry[] => {
    const known = remembered.get(map)
    if (known) return known
    const own: Entry[] = []
    const merges: (Node | undefined)[] = []
    for (const pair of map.items) {
      const name = keyName(pair.key)
      if (name === undefined || REFUSED.has(name) || !isNode(pair.key)) continue
      const node = isNode(pair.value) ? pair.value : undefined
      if (name === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') merges.push(node)
      else own.push({ name, key: pair.key, value: node })
    }
    remembered.set(map, own)
    if (merges.length === 0) return own
    const names = new Map<string, Entry>()
    for (const entry of [...own, ...merges.flatMap(merge)]) if (!names.has(entry.name)) names.set(entry.name, entry)
    remembered.set(map, [...names.values()])
    return [...names.values()]
  }

  const merge = (node: Node | undefined): readonly Entry[] => {
    const found = resolve(node)
    if (isMap(found)) return entries(found)
    if (isSeq(found) && found.items.every(item => isMap(resolve(isNode(item) ? item : undefined)))) return found.items.flatMap(item => merge(isNode(item) ? item : undefined))
    if (node) diagnostics.push(error(nodePlace(document.source, node), '`<<` merges a mapping, or a list of mappings', 'write `<<: *name`'))
    return []
  }

  return { document, value: node => value(node), resolve, entries }
}

const REFERENCES = new Set(['!vault', '!env', '!file'])
