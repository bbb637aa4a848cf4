/** One part of a `--limit`: `masters`, `!m1`, `&lb`, `masters[0]`. */
export interface Term {
  /** `add` parts are united; then `and` parts narrow, then `not` parts are taken away, wherever they stand. */
  readonly role: 'add' | 'and' | 'not'
  /** Without its `!` or `&`, for messages. */
  readonly text: string
}

/**
 * Splits an Ansible pattern at `,` and `:`, but not inside brackets, braces and parentheses, not in a `~regex`, and not in a
 * name that is known as a whole, such as `fe80::1`. An empty part gives `undefined`: it must never mean all hosts.
 */
export function splitTerms(expression: string, isName: (text: string) => boolean): readonly Term[] | undefined {
  const parts = splitAt(expression, ',').flatMap(part => {
    const { text } = term(part)
    return isName(text) || text.startsWith('~') ? [part] : splitAt(part, ':')
  })
  const terms = parts.map(term)
  return terms.some(({ text }) => text === '') ? undefined : terms
}

function term(part: string): Term {
  const text = part.trim()
  if (text.startsWith('!')) return { role: 'not', text: text.slice(1).trim() }
  if (text.startsWith('&')) return { role: 'and', text: text.slice(1).trim() }
  return { role: 'add', text }
}

function splitAt(text: string, separator: ',' | ':'): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index)
    if ('[{('.includes(char)) depth += 1
    else if (']})'.includes(char)) depth = Math.max(0, depth - 1)
    else if (char === separator && depth === 0) {
      parts.push(text.slice(from, index))
      from = index + 1
    }
  }
  return [...parts, text.slice(from)]
}

/** `masters[0]`, `masters[-1]`, `masters[1:]`, `masters[0:2]` (both ends included), or no subscript. */
export interface Subscripted {
  readonly text: string
  readonly take: (<T>(items: readonly T[]) => readonly T[]) | undefined
}

export function splitSubscript(text: string): Subscripted {
  const match = /^(.+)\[(-?\d{1,6})(?:(:)(-?\d{1,6})?)?\]$|^(.+)\[(:)(-?\d{1,6})\]$/.exec(text)
  if (!match) return { text, take: undefined }
  const name = match[1] ?? match[5] ?? ''
  const first = Number(match[2] ?? 0)
  const range = (match[3] ?? match[6]) !== undefined
  const last = match[4] ?? match[7]
  return {
    text: name,
    take: items => {
      const from = first < 0 ? items.length + first : first
      if (!range) return items[from] === undefined ? [] : [items[from]]
      const to = last === undefined ? items.length - 1 : Number(last) < 0 ? items.length + Number(last) : Number(last)
      return items.slice(Math.max(0, from), Math.max(0, to + 1))
    },
  }
}
