/** Lets at most `limit` nodes of a play run at once, in inventory order among those ready. A failure after a change stops those that follow. */
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
    if (this.#running < this.#limit && this.#waiting.length === 0) this.#running++
    else await new Promise<void>(start => this.#waiting.push({ order, start }))
    return this.#stoppedBy
  }

  /** Ends a turn. `stoppedBy` is the node, when it failed after it had changed something. */
  leave(stoppedBy: string | undefined): void {
    this.#stoppedBy ??= stoppedBy
    this.#waiting.sort((left, right) => left.order - right.order)
    const next = this.#waiting.shift()
    if (next) next.start()
    else this.#running--
  }
}
