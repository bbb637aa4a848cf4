import { oneLine } from './escape.ts'

/** A piece of a row: what it says, and its colour once it is known to fit. */
export interface Cell {
  readonly text: string
  readonly brush?: (text: string) => string
}

const ASCII = /^[\u0020-\u007e]*$/
const NOTHING = /^[\p{M}\p{Cf}]$/u
/** East Asian wide and full-width characters, and emoji: two columns each. */
const WIDE = /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u

/** How many columns a text takes on a terminal; it must be without escape sequences. */
export function width(text: string): number {
  return ASCII.test(text) ? text.length : Array.from(text).reduce((total, character) => total + columnsOf(character), 0)
}

/** Cells as one row of at most `columns` columns, cut with `…`. Colours are put on last, so that cutting cannot lose their end. */
export function row(cells: readonly Cell[], columns: number): string {
  const total = cells.reduce((sum, cell) => sum + width(cell.text), 0)
  let left = total > columns ? columns - 1 : columns
  let out = ''
  for (const { text, brush = same } of cells) {
    const shown = cut(text, left)
    left -= width(shown)
    out += brush(shown)
    if (shown.length < text.length) break
  }
  return total > columns && columns > 0 ? `${out}…` : out
}

/** Pads by columns, not by characters. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

/** A name of the user's or a host's, made safe and no wider than it may be. */
export function name(text: string, columns: number): string {
  const safe = oneLine(text)
  return width(safe) > columns ? `${cut(safe, columns - 1)}…` : safe
}

function cut(text: string, columns: number): string {
  if (ASCII.test(text)) return text.slice(0, Math.max(0, columns))
  let left = columns
  let out = ''
  for (const character of text) {
    left -= columnsOf(character)
    if (left < 0) return out
    out += character
  }
  return out
}

function columnsOf(character: string): number {
  if (NOTHING.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

function same(text: string): string {
  return text
}
