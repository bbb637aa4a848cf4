/** Lets at most `limit` nodes of a play run at once, in inventory order among those ready. A failure stops those that follow. */
export class SerialGate {
  readonly #limit: number
  #running = 0
  #stoppedBy: string | undefined
  readonly #waiting: { readonly order: number; readonly start: () => void }[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Waits for a turn. Gives the node whose failure stopped the play, if one did. */
  async enter(order: number): Promise<string | undefined> {
    const turn = new Promise<void>(start => this.#waiting.push({ order, start }))
    // Those that get ready in the same turn of the event loop are sorted, not served as they came.
    setImmediate(() => this.#admit())
    await turn
    return this.#stoppedBy
  }

  /** Ends a turn. `stoppedBy` is the node, when its failure has to stop the play. */
  leave(stoppedBy: string | undefined): void {
    this.#stoppedBy ??= stoppedBy
    this.#running--
    this.#admit()
  }

  #admit(): void {
    this.#waiting.sort((left, right) => left.order - right.order)
    while (this.#running < this.#limit) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#running++
      next.start()
    }
  }
}
