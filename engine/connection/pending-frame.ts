import type { FrameReply } from '../model/session.ts'

/** Milliseconds that a timer can hold. */
const LONGEST = 2 ** 31 - 1

/** A frame under way. */
export class PendingFrame {
  readonly id: number
  readonly reply: Promise<FrameReply>
  /** Whether all of it was written. */
  sent = false
  readonly #settle: (reply: FrameReply) => void
  readonly #timers: NodeJS.Timeout[] = []
  #over = false

  constructor(id: number) {
    this.id = id
    const { promise, resolve } = Promise.withResolvers<FrameReply>()
    this.reply = promise
    this.#settle = resolve
  }

  /** Does something if there is no reply in time, in milliseconds. */
  unlessWithin(milliseconds: number, otherwise: () => void): void {
    // The answer may come before the last write is known to be done.
    if (this.#over) return
    this.#timers.push(setTimeout(otherwise, Math.min(milliseconds, LONGEST)))
  }

  settle(reply: FrameReply): void {
    this.#over = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#settle(reply)
  }
}
