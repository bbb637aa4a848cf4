import { expect } from 'vitest'

/** A letter says what a sequence does: `CSI 3 A` is three rows up. */
const SEQUENCE = new RegExp(`^${String.fromCodePoint(27)}\\[(\\??\\d*)([A-Za-z])`)

/**
 * As much of a terminal as our views use, and nothing more: an escape sequence that it does not know fails the test. Lines that scroll out stay
 * above, as in a scrollback.
 */
export class Terminal {
  columns: number
  rows: number
  /** Every sequence of colours that was written. */
  colors = 0
  writes = 0
  #lines: string[] = ['']
  #row = 0
  #column = 0

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  readonly write = (text: string): void => {
    this.writes += 1
    let rest = text
    while (rest !== '') {
      const sequence = SEQUENCE.exec(rest)
      const part = sequence?.[0] ?? String.fromCodePoint(rest.codePointAt(0) ?? 0)
      if (sequence) this.#obey(sequence[1] ?? '', sequence[2])
      else this.#print(part)
      rest = rest.slice(part.length)
    }
  }

  /** Everything, scrollback included. */
  get text(): string {
    return this.#lines.map(line => line.trimEnd()).join('\n')
  }

  /** What is visible now. */
  get screen(): string {
    return this.#lines.slice(this.#top).map(line => line.trimEnd()).join('\n')
  }

  /** A terminal that reflows: lines that are too long now take more rows. */
  narrow(columns: number): void {
    this.columns = columns
    const below = this.#lines.length - this.#row
    this.#lines = this.#lines.flatMap(line => line.trimEnd().match(new RegExp(`.{1,${columns}}`, 'gu')) ?? [''])
    this.#row = this.#lines.length - below
  }

  get #top(): number {
    return Math.max(0, this.#lines.length - this.rows)
  }

  #obey(parameter: string, letter: string | undefined): void {
    if (letter === 'A') this.#row = Math.max(this.#top, this.#row - Number(parameter))
    else if (letter === 'K') this.#put(this.#line.slice(0, this.#column))
    else if (letter === 'J') this.#erase()
    else if (letter === 'm') this.colors += 1
    else expect(`${parameter}${letter}`, 'an unknown escape sequence').toMatch(/^\?2026[hl]$/)
  }

  #print(character: string): void {
    if (character === '\n') return this.#down()
    if (character === '\r') {
      this.#column = 0
      return
    }
    if (character === '\t') return this.#print(' '.repeat(8 - (this.#column % 8)))
    expect(character, 'a control character').not.toMatch(/\p{Cc}/u)
    if (this.#column >= this.columns) this.#down()
    this.#put(this.#line.slice(0, this.#column).padEnd(this.#column) + character + this.#line.slice(this.#column + character.length))
    this.#column += character.length
  }

  #down(): void {
    this.#row += 1
    this.#column = 0
    if (this.#row === this.#lines.length) this.#lines.push('')
  }

  #erase(): void {
    this.#put(this.#line.slice(0, this.#column))
    this.#lines.length = this.#row + 1
  }

  get #line(): string {
    return this.#lines[this.#row] ?? ''
  }

  #put(line: string): void {
    this.#lines[this.#row] = line
  }
}
