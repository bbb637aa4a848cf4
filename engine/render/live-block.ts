import { stripVTControlCharacters } from 'node:util'
import { width } from './cells.ts'
import type { TerminalSize } from './view.ts'

/** Terminals that know it show a frame at once; the others ignore it. */
const FRAME_BEGIN = '\u001b[?2026h'
const FRAME_END = '\u001b[?2026l'
const ERASE_BELOW = '\u001b[J'
const ERASE_REST = '\u001b[K'

/**
 * Lines at the bottom of the terminal that are drawn again in place; everything else scrolls by above them. The cursor always rests below, and is
 * never hidden, so that a program that dies leaves a sound terminal.
 */
export class LiveBlock {
  readonly #write: (text: string) => void
  #shown: readonly string[] = []
  #columns = 0

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  /** Draws `lines`, each of them narrower than the terminal; `above` goes to the log and stays. */
  draw(lines: readonly string[], { above, size }: { above: readonly string[]; size: TerminalSize }): void {
    const sameShape = above.length === 0 && size.columns === this.#columns && lines.length === this.#shown.length
    const body = sameShape ? this.#patch(lines) : `${this.#home(size)}${ERASE_BELOW}${[...above, ...lines].map(line => `${line}\n`).join('')}`
    if (body !== '') this.#write(`${FRAME_BEGIN}${body}${FRAME_END}`)
    this.#shown = lines
    this.#columns = size.columns
  }

  /** Only lines that differ are sent: over a slow line most of a frame is the same. */
  #patch(lines: readonly string[]): string {
    const first = lines.findIndex((line, index) => line !== this.#shown[index])
    if (first === -1) return ''
    const rest = lines.slice(first).map((line, index) => (line === this.#shown[first + index] ? '\n' : `${line}${ERASE_REST}\n`))
    return `${up(lines.length - first)}${rest.join('')}`
  }

  /** Back to the block's first line. A terminal that became narrower has wrapped our lines, so they take more than one each. */
  #home({ columns, rows }: TerminalSize): string {
    const taken = this.#shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(stripVTControlCharacters(line)) / columns)), 0)
    return up(Math.min(taken, rows - 1))
  }
}

function up(lines: number): string {
  return lines > 0 ? `\u001b[${lines}A\r` : '\r'
}
