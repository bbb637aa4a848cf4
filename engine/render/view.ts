import type { Event } from '../model/event.ts'
import type { Clock } from './clock.ts'
import { loadCompare } from './diff.ts'
import { jsonView } from './json.ts'
import { plainView } from './plain.ts'

/** A subscriber of the event stream. `on` never throws for what an event holds; `close` resolves when everything is written. */
export interface View {
  on(event: Event): void
  close(): Promise<void>
}

/** What a terminal offers now; asked again at each frame, because it may be resized. */
export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

export interface ViewOptions {
  /** `tree` draws on a terminal, `plain` is a log, `json` is the stream itself, one event a line. */
  readonly kind: 'tree' | 'plain' | 'json'
  readonly write: (text: string) => void
  readonly color: boolean
  /** Show the differences line by line. */
  readonly diff: boolean
  /** Say also what is as wanted or left out. */
  readonly verbose: boolean
  /** Where the user stands: paths below it are shown relative to it. */
  readonly root?: string
  /** Default 80 x 24. */
  readonly size?: () => TerminalSize
  /** Default: the machine's. */
  readonly clock?: Clock
}

/** Makes the view; what it needs (listr2, diff) is loaded here and only if it is used. */
export async function createView(options: ViewOptions): Promise<View> {
  const compare = options.diff && options.kind !== 'json' ? await loadCompare() : undefined
  switch (options.kind) {
    case 'json':
      return jsonView(options)
    case 'plain':
      return plainView(options, compare)
    case 'tree': {
      const { treeView } = await import('./tree.ts')
      return treeView(options, compare)
    }
  }
}
