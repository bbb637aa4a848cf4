import type { ContenderId } from './contenders/contender.ts'
import type { Measurement } from './results.ts'
import { summary } from './statistics.ts'
import { titles } from './table.ts'

/** Rows of a panel, from the least to the most one expects. */
const ORDER: readonly ContenderId[] = ['floor', 'ts-play', 'pyinfra', 'mitogen', 'ansible-pipelining', 'ansible']
const panels = [
  { title: '100 resources, first run, 0 ms', case: 'a', phase: 'first', roundTrip: 0 },
  { title: '100 resources, nothing to do, 0 ms', case: 'a', phase: 'again', roundTrip: 0 },
  { title: '100 resources, nothing to do, 50 ms', case: 'a', phase: 'again', roundTrip: 50 },
  { title: '30 resources on 20 hosts, nothing to do', case: 'b20', phase: 'again', roundTrip: 0 },
  { title: '30 resources on 50 hosts, nothing to do', case: 'b50', phase: 'again', roundTrip: 0 },
  { title: '100 files of 4 KiB, first run', case: 'c', phase: 'first', roundTrip: 0 },
] as const

const [WIDTH, LEFT, RIGHT, ROW, HEAD, GAP, TOP] = [760, 170, 70, 22, 26, 14, 48]
/** Seconds at the ends of the axis, which is logarithmic: a bar twice as long is not twice the time, so every bar says its own. */
const [LEAST, MOST] = [0.1, 1000]

/** Bars on a logarithmic axis, with whiskers from the least to the most; readable on light and on dark paper. */
export function plot(rows: readonly Measurement[]): string {
  const drawn = panels.flatMap(panel => {
    const bars = ORDER.flatMap(id => rows.filter(row => row.contender === id && row.case === panel.case && row.phase === panel.phase && row.roundTrip === panel.roundTrip && row.disqualified === undefined))
    return bars.length === 0 ? [] : [{ title: panel.title, bars }]
  })
  let y = TOP
  const body = drawn.map(({ title, bars }) => {
    const text = `<text class="head" x="${LEFT}" y="${y + 16}">${escaped(title)}</text>${bars.map((row, index) => bar(row, y + HEAD + index * ROW)).join('')}`
    y += HEAD + bars.length * ROW + GAP
    return text
  })
  const height = y + 10
  const ticks = [0.1, 1, 10, 100, 1000].map(seconds => `<line class="tick" x1="${x(seconds)}" x2="${x(seconds)}" y1="${TOP - 8}" y2="${height - 10}"/><text class="tick" x="${x(seconds)}" y="${TOP - 14}" text-anchor="middle">${seconds} s</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Wall clock of ts-play and others, logarithmic">
<style>
text { fill: #24292f } .head { font-weight: 600 } .tick { fill: #6e7781; stroke: none; font-size: 11px } line.tick { stroke: #8c959f55 }
.other { fill: #8c959f } .own { fill: #0969da } .floor { fill: #57ab5a } .whisker { stroke: #24292f; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .tick { fill: #8b949e } .own { fill: #539bf5 } .other { fill: #6e7681 } .whisker { stroke: #e6edf3 } }
</style>
<text class="head" x="12" y="18">Wall clock, median; the axis is logarithmic</text>
${ticks.join('\n')}
${body.join('\n')}
</svg>
`
}

function bar(row: Measurement, y: number): string {
  const { median, least, most } = summary(row.wall.map(milliseconds => milliseconds / 1000))
  const kind = row.contender === 'ts-play' ? 'own' : row.contender === 'floor' ? 'floor' : 'other'
  const middle = y + ROW / 2 - 2
  return `<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${escaped(titles[row.contender])}</text><rect class="${kind}" x="${LEFT}" y="${y + 2}" width="${(x(median) - LEFT).toFixed(1)}" height="${ROW - 7}" rx="2"/>` +
    `<line class="whisker" x1="${x(least).toFixed(1)}" x2="${x(most).toFixed(1)}" y1="${middle}" y2="${middle}"/><text x="${(x(most) + 6).toFixed(1)}" y="${y + 13}">${median.toFixed(median < 10 ? 2 : 0)} s</text>`
}

/** Where a time in seconds lies on the axis. */
function x(seconds: number): number {
  const part = Math.log10(Math.min(Math.max(seconds, LEAST), MOST) / LEAST) / Math.log10(MOST / LEAST)
  return LEFT + part * (WIDTH - LEFT - RIGHT)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
