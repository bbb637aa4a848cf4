import type { Event, Mode } from '../model/event.ts'
import { machineClock } from './clock.ts'
import type { Compare } from './diff.ts'
import { LiveBlock } from './live-block.ts'
import { log } from './log.ts'
import { paint } from './paint.ts'
import { PlayList } from './play-list.ts'
import { Progress } from './progress.ts'
import { recap } from './recap.ts'
import { finalScreen, screen } from './screen.ts'
import type { TerminalSize, View, ViewOptions } from './view.ts'

/** A live view on a terminal: one row per play at the bottom, what needs a reader's eye scrolls above it, the recap comes last. */
export function treeView({ write, color, verbose, root = '', size, clock = machineClock, diff }: ViewOptions, compare: Compare | undefined): View {
  const brush = paint(color)
  const progress = new Progress()
  const block = new LiveBlock(write)
  let list: PlayList | undefined
  let live = false
  let above: string[] = []
  let ending: string[] = []
  let frame = 0
  let last = { at: 0, heard: 0 }

  const moment = () => ({ size: sane(size?.()), brush, at: last.at + clock.now() - last.heard, frame })
  const draw = (rows: typeof screen): void => {
    const now = moment()
    frame += 1
    block.draw(rows(progress.plays, now), { above, size: now.size })
    above = []
  }
  const end = (): void => {
    draw(finalScreen)
    live = false
  }
  const say = (lines: readonly string[]): void => {
    if (live) above.push(...lines)
    else if (lines.length > 0) write(`${lines.join('\n')}\n`)
  }

  return {
    on(event) {
      last = { at: event.at, heard: clock.now() }
      progress.on(event)
      if (event.type === 'run-finished') ending = recap(event, { mode: progress.mode, color, root })
      if (worthALine(event, { verbose, diff, mode: progress.mode })) say(log(event, { color, verbose, compare }))
      if (event.type === 'run-started') {
        live = true
        list = new PlayList(progress.plays, { clock, draw: () => draw(screen), end })
      }
      list?.follow(progress.plays)
    },
    async close() {
      await list?.close()
      say(ending)
      ending = []
    },
  }
}

/** The rows tell how many tasks changed and what is waited for; a line is for what they cannot tell. */
function worthALine(event: Event, { verbose, diff, mode }: { verbose: boolean; diff: boolean; mode: Mode }): boolean {
  if (verbose) return true
  if (event.type === 'node-waiting') return false
  // In a run its own line follows.
  if (event.type === 'handler-pending') return mode === 'check'
  if (diff || event.type !== 'task-finished' || event.outcome.type !== 'changed') return true
  return event.outcome.changes.some(change => change.effect === 'destroys')
}

/** A pty without a size says 0 (docker -t, expect), a pipe says nothing. */
function sane(given: Partial<TerminalSize> | undefined): TerminalSize {
  const positive = (number: number | undefined, otherwise: number): number => (number !== undefined && Number.isInteger(number) && number > 0 ? number : otherwise)
  return { columns: positive(given?.columns, 80), rows: positive(given?.rows, 24) }
}
