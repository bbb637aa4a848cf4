import type { ConnectFailure, Session } from '../model/session.ts'
import type { RunContext } from './context.ts'
import { Renewals } from './renewals.ts'

/** The connections of a run: one to each host, made when first asked for, and made again when it broke under something that only looked. */
export class Sessions {
  readonly #context: RunContext
  readonly #onRenewed: (host: string) => void
  readonly #sessions = new Map<string, Promise<Session | ConnectFailure>>()
  /** Hosts whose connection broke: nothing more is sent to them in this run. */
  readonly #lost = new Set<string>()
  readonly #renewals: Renewals

  /** @param onRenewed told of a host that is to be connected to again: what was seen and locked over the old connection is worth nothing */
  constructor(context: RunContext, onRenewed: (host: string) => void) {
    this.#context = context
    this.#onRenewed = onRenewed
    this.#renewals = new Renewals(context)
  }

  of(host: string): Promise<Session | ConnectFailure> {
    const known = this.#sessions.get(host)
    if (known) return known
    const { slots, connect, emit, now } = this.#context
    const connecting = slots.add(async () => {
      const started = now()
      const session = await connect(host)
      if ('type' in session) return session
      emit({ type: 'host-connected', host, milliseconds: now() - started, ...(session.transport !== undefined && { transport: session.transport }), ...(session.because !== undefined && { because: session.because }) })
      this.#renewals.connected(host, session)
      return session
    })
    this.#sessions.set(host, connecting)
    return connecting
  }

  isLost(host: string): boolean {
    return this.#lost.has(host)
  }

  /** What a change did is not known, and it may still be at it: nothing more is sent there. */
  lose(host: string): void {
    this.#lost.add(host)
  }

  /** Makes room for a new connection in the place of one that broke; false when there shall be none. */
  renew(host: string, gone: Session, why: string): boolean {
    const due = this.#renewals.due(host, gone, why)
    if (due === 'now') {
      this.#sessions.delete(host)
      this.#onRenewed(host)
    }
    return due !== 'never'
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(async connecting => {
      const session = await connecting
      if (!('type' in session)) await session.close()
    }))
    await this.#renewals.ended()
  }
}
