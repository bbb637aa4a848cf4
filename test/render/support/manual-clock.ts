import type { Clock } from '../../../engine/render/clock.ts'

/** Time that goes on when the test says so. */
export class ManualClock implements Clock {
  #now = 0
  readonly #timers = new Set<{ every: number; due: number; tick: () => void }>()

  now(): number {
    return this.#now
  }

  every(milliseconds: number, tick: () => void): () => void {
    const timer = { every: milliseconds, due: this.#now + milliseconds, tick }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  get timers(): number {
    return this.#timers.size
  }

  /** Goes to a moment, timers ringing on the way. */
  to(moment: number): void {
    for (;;) {
      const next = [...this.#timers].toSorted((one, other) => one.due - other.due)[0]
      if (!next || next.due > moment) break
      this.#now = next.due
      next.due += next.every
      next.tick()
    }
    this.#now = moment
  }
}
