import type { Diagnostic } from '../model/diagnostic.ts'
import type { Place } from './inventory.ts'
import { maskLine } from './secret-name.ts'

/** The text of a file with what is needed to turn offsets into places. */
export interface SourceText {
  readonly file: string
  readonly text: string
  /** The file was encrypted: none of its lines may be shown. */
  readonly hidden: boolean
  /** Offset at which each line starts. */
  readonly lines: readonly number[]
}

/** Longest source line that is shown; a longer one is cut. */
const WIDTH = 160

export function sourceText(file: string, text: string, hidden = false): SourceText {
  const lines = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.push(at + 1)
  return { file, text, hidden, lines }
}

/** The place from `start` to `end` (UTF-16 offsets), cut at the end of its first line. */
export function placeAt(source: SourceText, start: number, end: number): Place {
  const line = lineOf(source.lines, start)
  const from = source.lines[line] ?? 0
  const to = (source.lines[line + 1] ?? source.text.length + 1) - 1
  const column = start - from + 1
  const length = Math.max(1, Math.min(end, to, from + WIDTH) - start)
  // A file may be one line of megabytes: no more of it is copied than is shown.
  const shown = !source.hidden && column <= WIDTH ? { source: show(source.text.slice(from, Math.min(to, from + WIDTH + 1))) } : {}
  return { file: source.file, line: line + 1, column, length, ...shown }
}

/** The place of a name whose value must not be shown: its line ends with it. */
export function withoutValue(place: Place): Place {
  return place.source === undefined ? place : { ...place, source: `${place.source.slice(0, place.column - 1 + place.length)}: ***` }
}

/** A place for what is wrong with a file as a whole. */
export function wholeFile(file: string): Place {
  return { file, line: 0, column: 0, length: 1 }
}

export function error(place: Place, message: string, hint?: string): Diagnostic {
  return diagnostic('error', place, message, hint)
}

export function warning(place: Place, message: string, hint?: string): Diagnostic {
  return diagnostic('warning', place, message, hint)
}

function diagnostic(severity: 'error' | 'warning', place: Place, message: string, hint: string | undefined): Diagnostic {
  const { length, source, ...at } = place
  const shown = source === undefined ? {} : { source, length }
  return { severity, ...at, message: printable(message), ...(hint === undefined ? {} : { hint: printable(hint) }), ...shown }
}

/** Names and values come from files that others may write: control and direction-changing characters never reach a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, char => `\\u{${char.codePointAt(0)?.toString(16) ?? ''}}`)
}

/** The line with every column kept: a control character becomes one space, and what follows a password's name is masked. */
function show(line: string): string {
  const clean = line.trimEnd().replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, ' ')
  const masked = maskLine(clean)
  return masked.length > WIDTH ? `${masked.slice(0, WIDTH)}…` : masked
}

function lineOf(lines: readonly number[], offset: number): number {
  let low = 0
  let high = lines.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((lines[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
