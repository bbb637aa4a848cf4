import { machineClock } from './clock.ts'
import type { Compare } from './diff.ts'
import { elapsed } from './duration.ts'
import { oneLine } from './escape.ts'
import { log } from './log.ts'
import { byTask } from './play-row.ts'
import { Progress } from './progress.ts'
import { recap } from './recap.ts'
import type { View, ViewOptions } from './view.ts'

/** A log that is silent for longer looks dead, and some CI services kill it. */
const SILENCE = 60_000

/** A log for pipes and CI: lines in the order of the events, a sign of life when nothing happens, then the recap. */
export function plainView({ write, color, verbose, root = '', clock = machineClock }: ViewOptions, compare: Compare | undefined): View {
  const progress = new Progress()
  let spoken = clock.now()
  let last = { at: 0, heard: clock.now() }
  const say = (lines: readonly string[]): void => {
    if (lines.length === 0) return
    write(`${lines.join('\n')}\n`)
    spoken = clock.now()
  }
  const stop = clock.every(SILENCE / 4, () => {
    if (clock.now() - spoken >= SILENCE) say(stillRunning(progress, last.at + clock.now() - last.heard))
  })
  return {
    on(event) {
      last = { at: event.at, heard: clock.now() }
      progress.on(event)
      if (event.type === 'run-finished') stop()
      say(event.type === 'run-finished' ? recap(event, { mode: progress.mode, color, root }) : log(event, { color, verbose, compare }))
    },
    close() {
      stop()
      return Promise.resolve()
    },
  }
}

function stillRunning({ plays }: Progress, at: number): string[] {
  return plays.filter(play => play.running.size > 0).map(play => `still running after ${elapsed(at)}: ${oneLine(play.name)} : ${byTask(play.running).join('; ')}`)
}
