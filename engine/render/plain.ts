import type { Mode } from '../model/event.ts'
import type { Compare } from './diff.ts'
import { log } from './log.ts'
import { recap } from './recap.ts'
import type { View, ViewOptions } from './view.ts'

/** A log for pipes and CI: lines in the order of the events, then the recap. */
export function plainView({ write, color, verbose, root = '' }: ViewOptions, compare: Compare | undefined): View {
  let mode: Mode = 'run'
  return {
    on(event) {
      if (event.type === 'run-started') mode = event.mode
      const lines = event.type === 'run-finished' ? recap(event, { mode, color, root }) : log(event, { color, verbose, compare })
      if (lines.length > 0) write(`${lines.join('\n')}\n`)
    },
    close: () => Promise.resolve(),
  }
}
