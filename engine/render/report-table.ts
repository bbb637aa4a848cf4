import type { Event } from '../model/event.ts'
import { pad, width } from './cells.ts'
import { oneLine } from './escape.ts'
import type { Paint } from './paint.ts'

/** A role's table in lines: columns as wide as their longest cell, the last one as long as it likes. */
export function reportTable({ title, columns, rows }: Extract<Event, { type: 'report-made' }>, brush: Paint): string[] {
  const cells = [columns, ...rows].map(line => columns.map((_, index) => oneLine(line[index] ?? '')))
  const widths = columns.map((_, index) => Math.max(...cells.map(line => width(line[index] ?? ''))))
  const [heading = '', ...lines] = cells.map(line => `  ${line.map((cell, index) => pad(cell, widths[index] ?? 0)).join('  ')}`.trimEnd())
  return ['', brush.strong(oneLine(title)), brush.quiet(heading), ...lines]
}
