import type { Event } from '../model/event.ts'
import { name, pad, width } from './cells.ts'
import { count } from './count.ts'
import { criticalPath, type Stretch } from './critical-path.ts'
import { duration } from './duration.ts'
import { paint } from './paint.ts'

const LONGEST_NODE = 48
/** Shorter stretches than this part of the whole are counted, not listed. */
const WORTH_LISTING = 0.01

/** Where a run's time went: the critical path, and what each part of it consisted of. Ends with a newline. */
export function profile(events: readonly Event[], { color = false }: { color?: boolean } = {}): string {
  const brush = paint(color)
  const path = criticalPath(events)
  const total = events.at(-1)?.at ?? 0
  const listed = path.filter(stretch => stretch.to - stretch.from >= total * WORTH_LISTING)
  const wide = Math.max(0, ...listed.map(stretch => width(name(stretch.node, LONGEST_NODE))))
  const rest = path.length - listed.length
  return [
    '',
    brush.strong('PROFILE'),
    `${duration(total)}, on the critical path: ${parts(sum(path), total)}`,
    ...listed.map(stretch => {
      const { node, from, to, slowest } = stretch
      const most = slowest && slowest.milliseconds > (to - from) / 2 ? brush.quiet(`, most of it ${name(slowest.title, LONGEST_NODE)}`) : ''
      return `${duration(from).padStart(12)}  ${pad(name(node, LONGEST_NODE), wide)}  ${duration(to - from).padStart(12)}  ${parts(stretch)}${most}`
    }),
    ...(rest > 0 ? [`${' '.repeat(14)}… and ${count(rest, 'short one')}`] : []),
    '',
  ].join('\n')
}

type Parts = Pick<Stretch, 'remote' | 'connecting' | 'waiting' | 'engine'>
const PARTS = ['remote', 'connecting', 'waiting', 'engine'] as const

/** `remote 6.5 s (93 %), engine 120 ms`: what is nothing is left out; shares only where a whole is given. */
function parts(of: Parts, whole?: number): string {
  const said = PARTS.filter(part => Math.round(of[part]) > 0)
  return said.map(part => `${part} ${duration(of[part])}${whole ? ` (${share(of[part] / whole)})` : ''}`).join(', ') || 'nothing'
}

function share(part: number): string {
  return part < 0.01 ? 'under 1 %' : `${Math.round(100 * part)} %`
}

function sum(path: readonly Stretch[]): Parts {
  const total = (part: keyof Parts): number => path.reduce((milliseconds, stretch) => milliseconds + stretch[part], 0)
  return { remote: total('remote'), connecting: total('connecting'), waiting: total('waiting'), engine: total('engine') }
}
