import { Secret } from '../model/secret.ts'
import { formsOf } from './forms.ts'
import { Matcher, type Span } from './matcher.ts'

const MASK = '***'
/** Deeper parts of a value are masked as a whole: events are shallow, and a circle must end. */
const MAX_DEPTH = 64

/** A text that arrives in chunks: what is returned is ready to be written. */
export interface RedactingStream {
  write(chunk: string): string
  /** What was held back because it might have become a secret. */
  end(): string
}

/**
 * Masks secrets by value, in any of the forms that `formsOf` lists. It knows only what it was told before:
 * `add` a secret before anything that may print it runs. Texts of fewer than four characters are ignored.
 */
export class Redactor {
  readonly #matcher = new Matcher()
  readonly #added = new Set<string>()

  /** From now on masks this text, its lines and its encodings. */
  add(text: string): void {
    if (this.#added.has(text)) return
    this.#added.add(text)
    for (const form of formsOf(text)) this.#matcher.add(form)
  }

  redact(text: string): string {
    return mask(text, this.#matcher.find(text))
  }

  /** For output that arrives in chunks: finds secrets that are split between them, and holds back no more than may be one. */
  stream(): RedactingStream {
    const matcher = this.#matcher
    let held = ''
    return {
      write(chunk) {
        held += chunk
        const spans = matcher.find(held)
        // Nothing is written of what may still grow, nor of an occurrence that reaches into it.
        let cut = matcher.openEnd(held)
        for (const span of spans.toReversed()) if (span.to > cut) cut = Math.min(cut, span.from)
        const ready = mask(held.slice(0, cut), spans.filter(span => span.to <= cut))
        held = held.slice(cut)
        return ready
      },
      end() {
        const ready = mask(held, matcher.find(held))
        held = ''
        return ready
      },
    }
  }

  /** A copy of plain data with every text in it masked, names included; the same object where there was nothing to mask. Numbers stay. */
  redactValue<T>(value: T): T
  redactValue(value: unknown): unknown {
    return this.#deep(value, 0)
  }

  #deep(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.redact(value)
    if (typeof value !== 'object' || value === null || value instanceof Secret) return value
    if (depth > MAX_DEPTH) return MASK
    if (Array.isArray(value)) {
      const items = value.map(item => this.#deep(item, depth + 1))
      return items.some((item, index) => item !== value[index]) ? items : value
    }
    if (value instanceof Map) return new Map([...value].map(([key, item]) => [this.#deep(key, depth + 1), this.#deep(item, depth + 1)]))
    if (value instanceof Set) return new Set([...value].map(item => this.#deep(item, depth + 1)))
    if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) return value
    const before = Object.entries(value)
    const after = before.map(([key, item]): [string, unknown] => [this.redact(key), this.#deep(item, depth + 1)])
    return after.some(([key, item], index) => key !== before[index]?.[0] || item !== before[index]?.[1]) ? Object.fromEntries(after) : value
  }
}

function mask(text: string, spans: readonly Span[]): string {
  let out = ''
  let at = 0
  for (const { from, to } of spans) {
    out += text.slice(at, from) + MASK
    at = to
  }
  return out + text.slice(at)
}
