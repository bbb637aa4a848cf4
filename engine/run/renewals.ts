import type { Session } from '../model/session.ts'
import type { RunContext } from './context.ts'

/** Times that a host is connected to again in one run. */
const MOST = 3

/** The connections of a run that broke and are made again. */
export class Renewals {
  readonly #context: RunContext
  readonly #current = new Map<string, Session>()
  readonly #times = new Map<string, number>()
  readonly #closing: Promise<void>[] = []

  constructor(context: RunContext) {
    this.#context = context
  }

  connected(host: string, session: Session): void {
    this.#current.set(host, session)
  }

  /** Whether a session that broke is to be replaced `now`, was `already`, or `never` will be: after Ctrl-C, or after too many. */
  due(host: string, gone: Session, why: string): 'now' | 'already' | 'never' {
    const { emit, finishing, killing } = this.#context
    if (killing.aborted || finishing.aborted) return 'never'
    if (this.#current.get(host) !== gone) return 'already'
    const times = (this.#times.get(host) ?? 0) + 1
    if (times > MOST) return 'never'
    this.#times.set(host, times)
    this.#current.delete(host)
    this.#closing.push(gone.close())
    emit({ type: 'warning', host, message: `the connection was lost (${why}) and is made again` })
    return 'now'
  }

  async ended(): Promise<void> {
    await Promise.all(this.#closing)
  }
}
