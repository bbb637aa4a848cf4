import { row, type Cell } from './cells.ts'
import { elapsed } from './duration.ts'
import type { Paint } from './paint.ts'
import { playRow, rowGrid, rowState, type RowState } from './play-row.ts'
import type { PlayProgress } from './progress.ts'
import type { TerminalSize } from './view.ts'

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const ICONS: Readonly<Record<Exclude<RowState, 'running'>, readonly [string, keyof Paint]>> = {
  'to-come': ['·', 'quiet'], waiting: ['◌', 'unsure'], done: ['✔', 'good'], 'would-change': ['~', 'changed'], unknown: ['?', 'unsure'],
  failed: ['✖', 'bad'], 'left-out': ['–', 'quiet'],
}

/** The last line of a terminal is left alone: the cursor rests there. */
const CURSOR_LINE = 1

interface Moment {
  readonly size: TerminalSize
  readonly brush: Paint
  /** Milliseconds since the run began. */
  readonly at: number
  readonly frame: number
}

/** The rows of a run that goes on: its plays as far as the terminal is high, and a line of totals. */
export function screen(plays: readonly PlayProgress[], moment: Moment): string[] {
  const room = moment.size.rows - CURSOR_LINE - 1
  if (room < 0) return []
  const { above, shown, below } = folded(plays, room)
  const rows = rowsOf(shown, { ...moment, all: plays })
  const fold = (number: number, word: string): string[] => (number > 0 ? [row([{ text: `  … ${number} ${word}`, brush: moment.brush.quiet }], moment.size.columns - 1)] : [])
  return [...fold(above, 'done'), ...rows, ...fold(below, 'more to come'), total(plays, moment)]
}

/** All rows, for the end of a run: they scroll, so the height does not matter. */
export function finalScreen(plays: readonly PlayProgress[], moment: Moment): string[] {
  return rowsOf(plays, { ...moment, all: plays })
}

/** One column stays free: a character in the last one makes some terminals wrap. */
function rowsOf(plays: readonly PlayProgress[], { size, brush, at, frame, all }: Moment & { all: readonly PlayProgress[] }): string[] {
  const grid = rowGrid(all, at)
  return plays.map(play => row([icon(rowState(play), { brush, frame }), { text: ' ' }, ...playRow(play, { grid, at, brush })], size.columns - 1))
}

function icon(state: RowState, { brush, frame }: { brush: Paint; frame: number }): Cell {
  if (state === 'running') return { text: SPINNER[frame % SPINNER.length] ?? '', brush: brush.changed }
  const [text, tone] = ICONS[state]
  return { text, brush: brush[tone] }
}

/** Under this many rows a line that says what is folded costs more than it tells. */
const ROOM_FOR_FOLDS = 4

/** Where the terminal is too low, plays that ended fold at the top first, then those to come at the bottom; what runs is seen. */
function folded(plays: readonly PlayProgress[], room: number): { above: number; shown: readonly PlayProgress[]; below: number } {
  if (plays.length <= room) return { above: 0, shown: plays, below: 0 }
  const unended = plays.findIndex(play => play.done < play.total)
  const first = Math.min(unended === -1 ? plays.length : unended, plays.length - Math.max(0, room - 1))
  if (room < ROOM_FOR_FOLDS) return { above: 0, shown: plays.slice(first, first + Math.max(0, room)), below: 0 }
  const lines = room - (first > 0 ? 1 : 0)
  const shown = plays.slice(first, plays.length - first <= lines ? plays.length : first + lines - 1)
  return { above: first, shown, below: plays.length - first - shown.length }
}

function total(plays: readonly PlayProgress[], { size, brush, at }: Moment): string {
  const sum = (of: (play: PlayProgress) => number): number => plays.reduce((number, play) => number + of(play), 0)
  const failed = sum(play => play.counts.failed + play.counts.unreachable)
  const changed = sum(play => play.counts.changed)
  const would = sum(play => play.counts['would change'])
  return row([
    { text: `  ${elapsed(at)}  ${sum(play => play.done)} of ${sum(play => play.total)} done`, brush: brush.quiet },
    ...(changed > 0 ? [{ text: `  ${changed} changed`, brush: brush.changed }] : []),
    ...(would > 0 ? [{ text: `  ${would} would change`, brush: brush.changed }] : []),
    ...(failed > 0 ? [{ text: `  ${failed} failed`, brush: brush.bad }] : []),
  ], size.columns - 1)
}
