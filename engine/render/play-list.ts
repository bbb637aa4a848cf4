import { Listr, type ListrRendererFactory } from 'listr2'
import type { Clock } from './clock.ts'
import { endState, type Ended } from './play-row.ts'
import type { PlayProgress } from './progress.ts'

/** Ten frames a second look alive; more only cost. */
const FRAME = 100

interface Stage {
  readonly clock: Clock
  /** Draws a frame. */
  readonly draw: () => void
  /** Draws the last one; nothing is drawn after it. */
  readonly end: () => void
}

/**
 * The plays as a listr2 list: one task each, settled when its last host is done. listr2 keeps the life of the list; drawing is ours, because its own
 * renderer wraps the whole tree again at every event, takes over the process's stdout and writes to its stderr.
 */
export class PlayList {
  readonly #ends: ReadonlyMap<string, PromiseWithResolvers<Ended>>
  readonly #running: Promise<unknown>

  constructor(plays: readonly PlayProgress[], stage: Stage) {
    const ends = new Map(plays.map(play => [play.name, Promise.withResolvers<Ended>()] as const))
    const tasks = [...ends].map(([title, end]) => ({
      title,
      async task(_context: unknown, row: { skip(): void }) {
        const state = await end.promise
        if (state === 'failed') throw new Error(title)
        if (state === 'left-out') row.skip()
      },
    }))
    this.#ends = ends
    this.#running = new Listr(tasks, { concurrent: true, exitOnError: false, registerSignalListeners: false, renderer: rendererFor(stage) }).run()
  }

  /** Settles the tasks of plays that have ended. */
  follow(plays: readonly PlayProgress[]): void {
    for (const play of plays) if (play.done >= play.total) this.#ends.get(play.name)?.resolve(endState(play))
  }

  /** Ends the list, plays that will not go on included; resolves after the last frame. */
  async close(): Promise<void> {
    for (const end of this.#ends.values()) end.resolve('left-out')
    await this.#running
  }
}

/** Works without a terminal too: whether there is one is not listr2's to decide. */
function rendererFor({ clock, draw, end }: Stage): ListrRendererFactory {
  return class {
    static readonly rendererOptions = {}
    static readonly rendererTaskOptions = {}
    static readonly nonTTY = true
    #stop: () => void = () => undefined

    readonly render = (): void => {
      this.#stop = clock.every(FRAME, draw)
    }

    readonly end = (): void => {
      this.#stop()
      end()
    }
  }
}
