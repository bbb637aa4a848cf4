import { percent } from './percent.ts'
import type { Event, Mode, NodeOutcome, PlaySummary, TaskOutcome } from '../model/event.ts'

/** How far a play is. */
export interface PlayProgress {
  readonly name: string
  readonly total: number
  readonly begun: number
  readonly done: number
  /** Nodes that run now, oldest first, with their task where one is known. */
  readonly running: ReadonlyMap<string, string | undefined>
  /** What hosts say they wait for, by host. */
  readonly waiting: ReadonlyMap<string, string>
  readonly counts: Readonly<Record<Count, number>>
  /** When its first node began and its last one ended. */
  readonly from: number | undefined
  readonly to: number | undefined
}

export type Count = 'changed' | 'would change' | 'unknown' | 'failed' | 'unreachable' | 'blocked' | 'skipped'

interface Play {
  name: string
  total: number
  begun: number
  done: number
  running: Map<string, string | undefined>
  waiting: Map<string, string>
  counts: Record<Count, number>
  from: number | undefined
  to: number | undefined
}

/** The state of a run as the live view shows it: folded from the events, no event is kept. */
export class Progress {
  mode: Mode = 'run'
  #plays = new Map<string, Play>()

  get plays(): readonly PlayProgress[] {
    return [...this.#plays.values()]
  }

  on(event: Event): void {
    if (event.type === 'run-started') {
      this.mode = event.mode
      // A play that only gives outputs has no nodes of its own in the stream.
      this.#plays = new Map(event.plays.filter(play => play.mode === 'full').map(play => [play.name, fresh(play)]))
    }
    const play = 'play' in event ? this.#plays.get(event.play) : undefined
    if (play && 'node' in event) follow(play, event)
  }
}

function fresh({ name, hosts }: PlaySummary): Play {
  const counts = { changed: 0, 'would change': 0, unknown: 0, failed: 0, unreachable: 0, blocked: 0, skipped: 0 }
  return { name, total: hosts.length, begun: 0, done: 0, running: new Map(), waiting: new Map(), counts, from: undefined, to: undefined }
}

function follow(play: Play, event: Extract<Event, { node: string }>): void {
  switch (event.type) {
    case 'node-started':
      play.from ??= event.at
      play.begun += 1
      play.running.set(event.host, undefined)
      play.waiting.delete(event.host)
      return
    case 'node-waiting':
      play.waiting.set(event.host, event.for)
      return
    case 'task-started':
      play.running.set(event.host, event.task.title)
      play.waiting.delete(event.host)
      return
    case 'transfer-progress': {
      // Behind the title of the task that waits for it; what was said a moment ago is replaced.
      const title = play.running.get(event.host)?.replace(/, \d+ %$/, '') ?? event.path
      play.running.set(event.host, `${title}, ${percent(event)}`)
      return
    }
    case 'task-finished':
      if (play.running.has(event.host)) play.running.set(event.host, undefined)
      play.waiting.delete(event.host)
      count(play, event.outcome)
      return
    case 'node-finished':
      play.running.delete(event.host)
      play.waiting.delete(event.host)
      play.done += 1
      if (play.done === play.total) play.to = event.at
      countNode(play, event.outcome)
      return
    case 'task-listed':
    case 'handler-pending':
    case 'output-made':
    case 'output-failed':
    case 'output-revoked':
    case 'frame':
      return
  }
}

function count(play: Play, outcome: TaskOutcome): void {
  if (outcome.type === 'changed' || outcome.type === 'unknown') play.counts[outcome.type] += 1
  if (outcome.type === 'would-change') play.counts['would change'] += 1
}

/** A failure is counted with its node: a task's failure ends the node, and an ignored one is none. */
function countNode(play: Play, { type }: NodeOutcome): void {
  if (type !== 'done') play.counts[type] += 1
}
