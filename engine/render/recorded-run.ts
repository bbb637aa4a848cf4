import type { Event } from '../model/event.ts'

type Of<Type extends Event['type']> = Extract<Event, { type: Type }>

/** A run as a report tells it when it is over. */
export interface RecordedRun {
  readonly started: Of<'run-started'>
  /** `undefined` where the recording was cut off. */
  readonly finished: Of<'run-finished'> | undefined
  readonly nodes: readonly RecordedNode[]
  readonly tables: readonly Of<'report-made'>[]
  readonly warnings: readonly Of<'warning'>[]
}

export interface RecordedNode {
  readonly node: string
  readonly play: string
  readonly host: string
  /** Milliseconds since the run began; equal where it never began. */
  readonly from: number
  readonly to: number
  readonly outcome: Of<'node-finished'>['outcome']
  readonly tasks: readonly Of<'task-finished'>[]
}

/** Keeps of a stream what a report needs: no frames and no progress, which are most of it. */
export class RunRecorder {
  #events: Event[] = []

  on(event: Event): void {
    if (event.type !== 'frame' && event.type !== 'transfer-progress' && event.type !== 'task-started') this.#events.push(event)
  }

  /** `undefined` where no run began: a mistake was found before. */
  get run(): RecordedRun | undefined {
    const events = this.#events
    const started = events.find(event => event.type === 'run-started')
    if (started === undefined) return undefined
    const begun = new Map(events.flatMap(event => (event.type === 'node-started' ? [[event.node, event.at] as const] : [])))
    const tasks = Map.groupBy(events.filter(event => event.type === 'task-finished'), event => event.node)
    return {
      started,
      finished: events.findLast(event => event.type === 'run-finished'),
      nodes: events.flatMap(event => (event.type === 'node-finished' ? [{ ...event, from: begun.get(event.node) ?? event.at, to: event.at, tasks: tasks.get(event.node) ?? [] }] : [])),
      tables: events.filter(event => event.type === 'report-made'),
      warnings: events.filter(event => event.type === 'warning'),
    }
  }
}
