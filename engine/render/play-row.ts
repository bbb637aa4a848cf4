import { name, pad, width, type Cell } from './cells.ts'
import { duration, elapsed } from './duration.ts'
import type { Paint } from './paint.ts'
import type { Count, PlayProgress } from './progress.ts'

/** How many running tasks a row names, and how many hosts of each; more would only be cut. */
const MOST_TASKS = 2
const MOST_HOSTS = 3
const LONGEST_NAME = 24
const LONGEST_TITLE = 40

const TONES: readonly (readonly [Count, keyof Paint])[] = [
  ['failed', 'bad'], ['unreachable', 'bad'], ['changed', 'changed'], ['would change', 'changed'], ['unknown', 'unsure'], ['blocked', 'quiet'], ['skipped', 'quiet'],
]

export type RowState = 'to-come' | 'waiting' | 'running' | Ended
export type Ended = 'done' | 'would-change' | 'unknown' | 'failed' | 'left-out'

/** What a play's icon says. */
export function rowState(play: PlayProgress): RowState {
  const { done, total, begun, running, waiting } = play
  if (done >= total) return endState(play)
  if (running.size > 0) return 'running'
  return waiting.size > 0 || begun > 0 ? 'waiting' : 'to-come'
}

/** The worst that happened in a play. */
export function endState({ total, counts }: PlayProgress): Ended {
  if (counts.failed + counts.unreachable > 0) return 'failed'
  if (counts.unknown > 0) return 'unknown'
  if (counts['would change'] > 0) return 'would-change'
  return counts.blocked + counts.skipped >= total ? 'left-out' : 'done'
}

/** Widths that all rows share. */
export interface RowGrid {
  readonly name: number
  readonly total: number
  readonly time: number
}

export function rowGrid(plays: readonly PlayProgress[], at: number): RowGrid {
  return {
    time: Math.max(4, ...plays.map(play => took(play, at).length)),
    name: Math.min(LONGEST_NAME, Math.max(0, ...plays.map(play => width(name(play.name, LONGEST_NAME))))),
    total: Math.max(1, ...plays.map(play => String(play.total).length)),
  }
}

/** `prereqs  3/5   12 s  4 changed  package containerd on m1, m2`: what is always there first, so that a narrow terminal cuts the rest. */
export function playRow(play: PlayProgress, options: { grid: RowGrid; at: number; brush: Paint }): Cell[] {
  const { grid, at, brush } = options
  const state = rowState(play)
  const tone = state === 'to-come' || state === 'left-out' ? brush.quiet : state === 'failed' ? brush.bad : undefined
  return [
    { text: pad(name(play.name, LONGEST_NAME), grid.name), ...(tone ? { brush: tone } : {}) },
    { text: `  ${String(play.done).padStart(grid.total)}/${String(play.total).padEnd(grid.total)}` },
    { text: `  ${took(play, at).padStart(grid.time)}`, brush: brush.quiet },
    ...counted(play, brush),
    ...busy(play, brush),
  ]
}

/** To the second while it runs, so that a row changes once a second; exact once it is over. */
function took({ from, to }: PlayProgress, at: number): string {
  if (from === undefined) return ''
  return to === undefined ? elapsed(at - from) : duration(to - from)
}

function counted({ counts }: PlayProgress, brush: Paint): Cell[] {
  return TONES.flatMap(([count, tone]) => (counts[count] > 0 ? [{ text: `  ${counts[count]} ${count}`, brush: brush[tone] }] : []))
}

/** A few of the running tasks with their hosts; where nothing runs, what the play waits for. */
function busy({ running, waiting }: PlayProgress, brush: Paint): Cell[] {
  if (running.size > 0) return [{ text: `  ${listed(byTask(running), MOST_TASKS, '; ')}` }]
  const [first] = waiting.values()
  return first === undefined ? [] : [{ text: `  waiting for ${name(first, 2 * LONGEST_TITLE)}`, brush: brush.quiet }]
}

/** Hosts that do the same are said together: `package containerd on m1, m2, m3`; between tasks a host is only named. */
export function byTask(running: ReadonlyMap<string, string | undefined>): string[] {
  const groups = Map.groupBy(running, ([, title]) => title)
  return [...groups].toSorted(([left], [right]) => Number(left === undefined) - Number(right === undefined)).map(([title, nodes]) => {
    const hosts = listed(nodes.map(([host]) => name(host, LONGEST_NAME)), MOST_HOSTS, ', ')
    return title === undefined ? hosts : `${name(title, LONGEST_TITLE)} on ${hosts}`
  })
}

function listed(items: readonly string[], most: number, separator: string): string {
  const more = items.length - most
  return `${items.slice(0, most).join(separator)}${more > 0 ? ` and ${more} more` : ''}`
}
