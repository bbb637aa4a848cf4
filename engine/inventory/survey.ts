import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type Alias, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Place } from './inventory.ts'
import { error, placeAt, type SourceText } from './place.ts'
import { looksSecret } from './secret-name.ts'
import { trap } from './traps.ts'

/** What one walk through a document finds, so that values can be read later without searching. */
export interface Survey {
  /** What each alias stands for: the nearest anchor of its name before it. */
  readonly aliases: ReadonlyMap<Alias, Node>
  /** Scalars with `!vault`, `!env` or `!file`. */
  readonly tagged: readonly Scalar[]
}

/** Deeper nesting is refused: no inventory needs it, and walking it must not overflow the stack. */
export const MAX_DEPTH = 64

/** Names that reach the prototype of an object in JavaScript. */
export const REFUSED = new Set(['__proto__', 'constructor', 'prototype'])

/** Walks a document once: anchors, tags, duplicate and impossible keys, YAML 1.1 habits. */
export function survey(root: Node, source: SourceText, diagnostics: Diagnostic[]): Survey {
  const anchors = new Map<string, Node>()
  const aliases = new Map<Alias, Node>()
  const tagged: Scalar[] = []
  const place = (node: Node): Place => nodePlace(source, node)

  const visit = (node: Node, depth: number, secret = source.hidden): void => {
    if (depth > MAX_DEPTH) {
      if (!diagnostics.some(known => known.message.startsWith('nested'))) diagnostics.push(error(place(node), `nested more than ${MAX_DEPTH} levels deep`))
      return
    }
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (target) aliases.set(node, target)
      else diagnostics.push(error(place(node), `no anchor \`&${node.source}\` before this`, `quote the value if the text \`*${node.source}\` is meant`))
      return
    }
    if ('anchor' in node && node.anchor) anchors.set(node.anchor, node)
    if (isScalar(node)) {
      if (node.tag === '!vault' || node.tag === '!env' || node.tag === '!file') tagged.push(node)
      else if (node.tag && !KNOWN_TAGS.has(node.tag)) diagnostics.push(error(place(node), `tag \`${node.tag}\` is not understood`, 'understood are !vault, !env, !file and !unsafe'))
      // A warning shows the text, which an error about a password never does.
      const warned = secret ? undefined : trap(node, () => place(node))
      if (warned) diagnostics.push(warned)
    } else if (node.tag && !KNOWN_TAGS.has(node.tag)) {
      diagnostics.push(error(place(node), `tag \`${node.tag}\` is not understood on a ${isMap(node) ? 'mapping' : 'list'}`))
    } else if (isMap(node)) {
      visitMap(node, depth, secret)
    } else if (isSeq(node)) {
      for (const item of node.items)
        if (isNode(item)) visit(item, depth + 1, secret)
        else if (isPair(item)) visitPair(item, { seen: new Map(), depth, secret })
    }
  }

  const visitMap = (map: YAMLMap, depth: number, secret: boolean): void => {
    const seen = new Map<string, Node>()
    for (const pair of map.items) visitPair(pair, { seen, depth, secret })
  }

  const visitPair = ({ key, value }: Pair, { seen, depth, secret }: { seen: Map<string, Node>; depth: number; secret: boolean }): void => {
    const name = keyName(key)
    if (isNode(key)) {
      const first = name === undefined ? undefined : seen.get(name)
      if (name === undefined) diagnostics.push(error(place(key), 'a name must be text', isMap(key) ? 'templates such as {{ … }} are not evaluated; a text with braces needs quotes' : 'quote it'))
      else if (REFUSED.has(name)) diagnostics.push(error(place(key), `\`${name}\` cannot be a name`))
      else if (first && name !== '<<') diagnostics.push(error(place(key), `duplicate name \`${name}\``, `it is on line ${place(first).line} already`))
      else seen.set(name, key)
    }
    if (isNode(value)) visit(value, depth + 1, secret || (name !== undefined && looksSecret(name)))
  }

  visit(root, 0)
  return { aliases, tagged }
}

const KNOWN_TAGS = new Set(['!unsafe', ...['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(name => `tag:yaml.org,2002:${name}`)])

/** The text of a key: numbers, booleans and dates are names as they are written. */
export function keyName(key: unknown): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined
  return typeof key.value === 'string' ? key.value : key.source
}

/** The place of a node; a collection has that of its first part. */
export function nodePlace(source: SourceText, node: Node): Place {
  const [start, end] = node.range ?? [0, 1]
  return placeAt(source, start, end)
}
