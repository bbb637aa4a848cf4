import type { Turn } from '../plan/graph.ts'

interface Guest {
  /** Nodes of the host that have not ended. */
  left: number
  inside: boolean
  touched: boolean
  failed: string | undefined
}

/** What the end of a host's turn means for the others. */
export type TurnEnd = 'goes-on' | 'passed-over' | 'stopped'

/**
 * Lets at most `limit` hosts be in a turn at once, in inventory order among those ready. A host keeps its place until its last node has ended.
 * A failure after the first change counts, because then the host is not what it was; one before it leaves everything as it is.
 */
export class TurnGate {
  readonly #turn: Turn
  readonly #pause: () => Promise<void>
  readonly #guests: ReadonlyMap<string, Guest>
  readonly #waiting: { readonly order: number; readonly start: () => void }[] = []
  #running = 0
  #failures = 0
  #stoppedBy: string | undefined

  constructor(turn: Turn, pause: () => Promise<void>) {
    this.#turn = turn
    this.#pause = pause
    this.#guests = new Map([...turn.nodes].map(([host, left]) => [host, { left, inside: false, touched: false, failed: undefined }]))
  }

  /** Waits for the host's turn. Gives the node whose failure ended the turns of those that did not have theirs. */
  async enter(host: string, order: number): Promise<string | undefined> {
    const guest = this.#guest(host)
    if (guest.inside) return undefined
    const turn = new Promise<void>(start => this.#waiting.push({ order, start }))
    // Those that get ready in the same turn of the event loop are sorted, not served as they came.
    setImmediate(() => this.#admit())
    await turn
    guest.inside = true
    return this.#stoppedBy
  }

  /** A node has ended, whether it had its turn or not. `failed` is its id if it failed itself. */
  ended(host: string, { failed, touched }: { readonly failed: string | undefined; readonly touched: boolean }): TurnEnd {
    const guest = this.#guest(host)
    guest.left--
    guest.touched ||= touched
    guest.failed ??= failed
    if (guest.left > 0) return 'goes-on'
    const end = this.#judge(guest)
    if (guest.inside) {
      guest.inside = false
      void this.#leave()
    }
    return end
  }

  #judge(guest: Guest): TurnEnd {
    if (guest.failed === undefined) return 'goes-on'
    if (!guest.touched) return 'passed-over'
    this.#failures++
    if (this.#turn.maxFailures === undefined || this.#failures <= this.#turn.maxFailures) return 'goes-on'
    this.#stoppedBy ??= guest.failed
    return 'stopped'
  }

  async #leave(): Promise<void> {
    if (this.#turn.pause > 0 && this.#stoppedBy === undefined && this.#waiting.length > 0) await this.#pause()
    this.#running--
    this.#admit()
  }

  #admit(): void {
    this.#waiting.sort((left, right) => left.order - right.order)
    while (this.#running < this.#turn.limit) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#running++
      next.start()
    }
  }

  #guest(host: string): Guest {
    const guest = this.#guests.get(host)
    if (!guest) throw new Error(`${host} has no turn in ${this.#turn.name}`)
    return guest
  }
}
