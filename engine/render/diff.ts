import type { Change, Shown } from '../model/change.ts'
import { destroysFirst, secretChange } from './change-summary.ts'
import { oneLine, printable } from './escape.ts'
import type { Paint } from './paint.ts'

/** One place where two texts differ, its lines marked with ` `, `-` and `+`. */
export interface Hunk {
  readonly oldStart: number
  readonly oldLines: number
  readonly newStart: number
  readonly newLines: number
  readonly lines: readonly string[]
}

/** Compares line by line; `undefined` where the texts are too different for that to be worth its time. */
export type Compare = (from: string, to: string) => readonly Hunk[] | undefined

interface DiffOptions {
  readonly host: string
  readonly brush: Paint
  readonly compare: Compare
}

const MOST_LINES = 60
const LONGEST_LINE = 240
const MOST_EDITS = 2000
const LONGEST_TEXT = 2_000_000

/** Loads the library when someone asks for a diff; start-up counts. */
export async function loadCompare(): Promise<Compare> {
  const { structuredPatch } = await import('diff')
  return (from, to) => {
    if (from.length + to.length > LONGEST_TEXT) return undefined
    return structuredPatch('', '', from, to, undefined, undefined, { context: 3, maxEditLength: MOST_EDITS, timeout: 100 })?.hunks
  }
}

/** The differences of a task, line by line: losses of data first and marked, secrets hidden, long ones cut. */
export function diff(changes: readonly Change[], options: DiffOptions): string[] {
  return destroysFirst(changes).flatMap(change => lines(change, options))
}

function lines(change: Change, { host, brush, compare }: DiffOptions): string[] {
  const attribute = oneLine(change.attribute)
  switch (change.effect) {
    case 'modifies':
      return bounded(transition({ attribute, from: change.from, to: change.to }, { brush, compare }))
    case 'destroys': {
      const permission = change.permitted ? 'permitted' : `not permitted: needs --allow-destroy ${oneLine(change.host ?? host)}`
      const body = bounded(transition({ attribute, from: change.from, to: change.to }, { brush, compare }))
      return [brush.bad(`! DESTROYS ${attribute}: ${oneLine(change.because)} (${permission})`), ...body.map(line => `${brush.bad('!')} ${line}`)]
    }
    case 'runs':
      return [`runs ${attribute} ${brush.quiet('(nothing can be known before, nothing is verified after)')}`]
    case 'waits':
      return [`waits for ${attribute} ${brush.quiet('(changes nothing; goes on once it holds)')}`]
  }
}

interface Transition {
  readonly attribute: string
  readonly from: Shown
  readonly to: Shown
}

function transition({ attribute, from, to }: Transition, { brush, compare }: Pick<DiffOptions, 'brush' | 'compare'>): string[] {
  if (from.type === 'secret' || to.type === 'secret') return [`${attribute}: ${brush.changed(secretChange(from, to))}`]
  if (from.type !== 'text' && to.type !== 'text') return [`${attribute}: ${brush.bad(single(from))} → ${brush.good(single(to))}`]
  const before = whole(from)
  const after = whole(to)
  if (from.type === 'absent') return [`${attribute}: new`, ...marked('+', after, brush)]
  if (to.type === 'absent') return [`${attribute}: removed`, ...marked('-', before, brush)]
  const hunks = compare(before, after)
  if (!hunks) return [`${attribute}: too different to be compared line by line, ${split(before).length} → ${split(after).length} lines`]
  if (hunks.length === 0) return [`${attribute}: differs only where it is hidden`]
  return [`${attribute}:`, ...hunks.flatMap(hunk => [brush.unsure(heading(hunk)), ...hunk.lines.map(line => colored(line, brush))])]
}

function heading({ oldStart, oldLines, newStart, newLines }: Hunk): string {
  return `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`
}

function marked(mark: '+' | '-', text: string, brush: Paint): string[] {
  return split(text).map(line => colored(`${mark}${line}`, brush))
}

function colored(line: string, brush: Paint): string {
  const shown = cut(printable(line))
  if (line.startsWith('+')) return brush.good(shown)
  return line.startsWith('-') ? brush.bad(shown) : shown
}

/** A generated file must not push everything else off the screen: the rest is a number. */
function bounded(body: readonly string[]): string[] {
  const more = body.length - 1 - MOST_LINES
  return more > 0 ? [...body.slice(0, 1 + MOST_LINES), `… ${more} more ${more === 1 ? 'line' : 'lines'}`] : [...body]
}

function split(text: string): string[] {
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}

function whole(shown: Shown): string {
  return shown.type === 'text' ? shown.text : shown.type === 'value' ? shown.value : ''
}

function single(shown: Shown): string {
  return shown.type === 'value' ? cut(shown.value === '' ? "''" : oneLine(shown.value)) : 'absent'
}

function cut(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}… ${line.length - LONGEST_LINE} more characters` : line
}
