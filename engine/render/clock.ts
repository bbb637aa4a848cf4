/** Time as a live view needs it; tests bring their own. */
export interface Clock {
  /** Milliseconds from some fixed moment. */
  now(): number
  /** Calls `tick` again and again; the result stops it. */
  every(milliseconds: number, tick: () => void): () => void
}

/** The machine's clock. Its timer never keeps the process alive: a view is not a reason to stay. */
export const machineClock: Clock = {
  now: () => performance.now(),
  every(milliseconds, tick) {
    const timer = setInterval(tick, milliseconds)
    timer.unref()
    return () => clearInterval(timer)
  },
}
