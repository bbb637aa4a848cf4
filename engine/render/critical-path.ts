import type { Event } from '../model/event.ts'

/** A stretch of the critical path: one node, from the end of what let it begin to its own end. Times are milliseconds since the run began. */
export interface Stretch {
  readonly node: string
  readonly from: number
  readonly to: number
  /** Frames: what the host took, and the way there and back. */
  readonly remote: number
  readonly connecting: number
  /** Until a gate, a slot or an input let it go on, and pauses between retries. */
  readonly waiting: number
  /** The rest: our own time. */
  readonly engine: number
  readonly slowest: { readonly title: string; readonly milliseconds: number } | undefined
}

interface Interval {
  readonly from: number
  readonly to: number
}
interface Span extends Interval {
  readonly node: string
  readonly play: string
  readonly host: string
}

/** The engine does not pause that long by itself; a longer gap between frames is a wait. */
const LONGEST_OWN = 250
/** Ends within this many milliseconds before a start may all have caused it; events are rounded to one. */
const TOGETHER = 5

/**
 * The chain of nodes that the run took as long as: back from the last one to end, each time to the one whose end let it begin. The stream does not
 * name that one; a node begins at once when the last one it waits for has ended, so it is the latest end before the start, its own host's first.
 */
export function criticalPath(events: readonly Event[]): readonly Stretch[] {
  const spans = spansOf(events)
  const path: Stretch[] = []
  const left = new Set(spans)
  let current = spans.toSorted((one, other) => other.to - one.to)[0]
  while (current) {
    const node: Span = current
    left.delete(node)
    const before = releasedBy(node, left)
    path.unshift(stretch(node, Math.min(before?.to ?? 0, node.from), events))
    current = before
  }
  return path
}

function spansOf(events: readonly Event[]): readonly Span[] {
  const started = new Map(events.flatMap(event => (event.type === 'node-started' ? [[event.node, event.at] as const] : [])))
  return events.flatMap(event => {
    const from = event.type === 'node-finished' ? started.get(event.node) : undefined
    return event.type === 'node-finished' && from !== undefined ? [{ node: event.node, play: event.play, host: event.host, from, to: event.at }] : []
  })
}

function releasedBy(node: Span, others: ReadonlySet<Span>): Span | undefined {
  const ended = [...others].filter(other => other.to <= node.from)
  const latest = Math.max(...ended.map(other => other.to))
  const together = ended.filter(other => other.to >= latest - TOGETHER)
  return together.find(other => other.host === node.host) ?? together.find(other => other.play === node.play) ?? together.find(other => other.to === latest)
}

function stretch(node: Span, from: number, events: readonly Event[]): Stretch {
  const whole = { from, to: node.to }
  const remote = within(whole, events.flatMap(event => (event.type === 'frame' && (event.node === node.node || event.purpose === 'output') ? [interval(event)] : [])))
  const connects = within(whole, events.flatMap(event => (event.type === 'host-connected' && event.host === node.host ? [interval(event)] : [])))
  const before = length(gaps({ from, to: node.from }, [...remote, ...connects]))
  const idle = gaps({ from: node.from, to: node.to }, [...remote, ...connects])
  const pauses = length(idle.filter(gap => gap.to - gap.from >= LONGEST_OWN))
  const busy = length(remote)
  const free = before + length(idle)
  return { node: node.node, ...whole, remote: busy, connecting: Math.max(0, node.to - from - busy - free), waiting: before + pauses, engine: length(idle) - pauses, slowest: slowest(node.node, events) }
}

function interval({ at, milliseconds }: { at: number; milliseconds: number }): Interval {
  return { from: at - milliseconds, to: at }
}

/** The parts of intervals that lie within a whole, overlaps joined. */
function within(whole: Interval, intervals: readonly Interval[]): Interval[] {
  const joined: { from: number; to: number }[] = []
  for (const { from, to } of intervals.toSorted((one, other) => one.from - other.from)) {
    const part = { from: Math.max(from, whole.from), to: Math.min(to, whole.to) }
    const last = joined.at(-1)
    if (part.to <= part.from) continue
    if (last && part.from <= last.to) last.to = Math.max(last.to, part.to)
    else joined.push(part)
  }
  return joined
}

function gaps(whole: Interval, busy: readonly Interval[]): Interval[] {
  const edges = [{ from: whole.from, to: whole.from }, ...within(whole, busy), { from: whole.to, to: whole.to }]
  return edges.slice(1).map((edge, index) => ({ from: edges[index]?.to ?? whole.from, to: edge.from })).filter(gap => gap.to > gap.from)
}

function length(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { from, to }) => sum + to - from, 0)
}

function slowest(node: string, events: readonly Event[]): Stretch['slowest'] {
  const tasks = events.flatMap(event => (event.type === 'task-finished' && event.node === node ? [{ title: event.task.title, milliseconds: event.milliseconds }] : []))
  return tasks.toSorted((one, other) => other.milliseconds - one.milliseconds)[0]
}
