/** Where a text is secret: from (included) to (excluded), in UTF-16 units. */
export interface Span {
  readonly from: number
  readonly to: number
}

const GRAM = 4

/**
 * Finds many texts in one walk. Texts are looked up by their first four units, so the cost of a walk hardly depends
 * on how many there are unless they begin alike, and adding one costs nothing.
 */
export class Matcher {
  readonly #byStart = new Map<number, string[]>()
  readonly #short = new Set<string>()
  readonly #known = new Set<string>()
  #longest = 0

  /** Units of the longest text. */
  get longest(): number {
    return this.#longest
  }

  /** @throws RangeError when the text has fewer than four units: nothing that short is searched. */
  add(text: string): void {
    if (text.length < GRAM) throw new RangeError('a text to find has at least four characters')
    if (this.#known.has(text)) return
    this.#known.add(text)
    for (let length = 1; length < GRAM; length += 1) this.#short.add(text.slice(0, length))
    const start = gram(text, 0)
    const others = this.#byStart.get(start)
    if (others) others.push(text)
    else this.#byStart.set(start, [text])
    this.#longest = Math.max(this.#longest, text.length)
  }

  /** Every occurrence, overlapping ones united; those that only touch stay apart. */
  find(text: string): readonly Span[] {
    const spans: Span[] = []
    let from = 0
    let to = 0
    if (this.#byStart.size === 0) return spans
    for (let at = 0; at + GRAM <= text.length; at += 1) {
      const length = this.#lengthAt(text, at)
      if (length === 0) continue
      if (at >= to) {
        if (to > from) spans.push({ from, to })
        from = at
      }
      to = Math.max(to, at + length)
    }
    if (to > from) spans.push({ from, to })
    return spans
  }

  /** Where the end of a text may be the beginning of something that is searched; its length if nowhere. */
  openEnd(text: string): number {
    for (let at = Math.max(0, text.length - this.#longest + 1); at < text.length; at += 1) {
      const rest = text.slice(at)
      const open = rest.length < GRAM ? this.#short.has(rest) : this.#byStart.get(gram(rest, 0))?.some(known => known.length > rest.length && known.startsWith(rest))
      if (open) return at
    }
    return text.length
  }

  #lengthAt(text: string, at: number): number {
    let longest = 0
    for (const known of this.#byStart.get(gram(text, at)) ?? []) if (known.length > longest && text.startsWith(known, at)) longest = known.length
    return longest
  }
}

/** Four units as one number; different ones may share it, which `startsWith` then tells apart. */
function gram(text: string, at: number): number {
  return ((text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)) * 31 + text.charCodeAt(at + 2)) * 31 + text.charCodeAt(at + 3)
}
