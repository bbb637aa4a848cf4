import type { Failure } from '../model/failure.ts'
import type { Changer, ConnectFailure, Frame, Section, SectionResult, Session } from '../model/session.ts'
import type { RunContext } from './context.ts'
import { Locks } from './lock.ts'

export type FramePurpose = 'facts' | 'probe' | 'apply' | 'output'
export type Reply = { readonly type: 'results'; readonly results: readonly SectionResult[] } | { readonly type: 'failure'; readonly failure: Failure }

/** Where a frame is for: it labels events. */
export interface FrameFor {
  readonly node: string
  readonly play: string
  readonly host: string
  readonly purpose: FramePurpose
}

/** Milliseconds that read-only sections may take together: what connections allow a query. */
const QUERY_DEADLINE = 60_000

/** The hosts of a run: one session each, made when first asked for, with every frame counted and limited. */
export class Hosts {
  readonly #context: RunContext
  readonly #sessions = new Map<string, Promise<Session | ConnectFailure>>()
  /** Hosts whose connection broke: nothing more is sent to them in this run. */
  readonly #lost = new Set<string>()
  readonly #locks: Locks
  readonly #touched = new Set<string>()

  constructor(context: RunContext) {
    this.#context = context
    this.#locks = new Locks(context)
  }

  /** Runs read-only sections as a user and gives their results, or why there are none. */
  query(at: FrameFor, user: string | undefined, sections: readonly Section[]): Promise<Reply> {
    const lock = this.#locks.section(at, user, false)
    if (lock) return this.#locked(at, user, { sections: [lock, ...sections], deadline: QUERY_DEADLINE, killable: true })
    return this.#send(at, user, { sections: sections.length, deadline: QUERY_DEADLINE }, shell => shell.query(sections, this.#context.killing))
  }

  /** Runs a frame that may change the host. */
  apply(at: FrameFor, user: string | undefined, frame: Frame): Promise<Reply> {
    const lock = this.#locks.section(at, user, true)
    if (lock) return this.#locked(at, user, { ...frame, sections: [lock, ...frame.sections] })
    return this.#send(at, user, { sections: frame.sections.length, deadline: frame.deadline }, shell => shell.apply(frame, this.#context.killing))
  }

  /** Whether a frame that may have changed its host was sent for a node. */
  touched(node: string): boolean {
    return this.#touched.has(node)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(async connecting => {
      const session = await connecting
      if (!('type' in session)) await session.close()
    }))
  }

  /** Sends a frame whose first section takes the host's lock. */
  async #locked(at: FrameFor, user: string | undefined, frame: Frame): Promise<Reply> {
    const refused = this.#locks.refusal(at.host)
    if (refused) return failed(refused)
    const reply = await this.#send(at, user, { sections: frame.sections.length, deadline: frame.deadline }, shell => shell.apply(frame, this.#context.killing))
    if (reply.type === 'failure') return reply
    const failure = this.#locks.settle(at, user, reply.results[0])
    return failure ? failed(failure) : { type: 'results', results: reply.results.slice(1) }
  }

  async #send(at: FrameFor, user: string | undefined, { sections, deadline }: { sections: number; deadline: number }, use: (shell: Changer) => ReturnType<Changer['query']>): Promise<Reply> {
    if (this.#lost.has(at.host)) return failed(lost(at.host, 'its connection broke earlier in this run'))
    const shell = await this.#shell(at.host, user)
    if ('type' in shell) return failed({ reason: shell.reason, message: shell.message, remedy: shell.remedy })
    const started = this.#context.now()
    if (at.purpose === 'apply') this.#touched.add(at.node)
    const reply = await this.#context.slots.add(() => use(shell))
    this.#context.emit({ type: 'frame', node: at.node, play: at.play, host: at.host, sections, milliseconds: this.#context.now() - started, purpose: at.purpose })
    switch (reply.type) {
      case 'replied':
        return { type: 'results', results: reply.results }
      case 'timed-out':
        this.#locks.doubt(at.host, user)
        return failed({
          reason: 'timed-out',
          message: `${at.host} did not finish within ${Math.round(deadline / 1000)} s; the host ended it`,
          remedy: 'give the task a longer `timeout`, or find out on the host what it waits for',
          stderr: reply.results.map(result => result.stderr).filter(text => text !== '').join('\n'),
        })
      case 'lost':
        this.#lost.add(at.host)
        return failed(lost(at.host, reply.message))
    }
  }

  async #shell(host: string, user: string | undefined): Promise<Changer | ConnectFailure> {
    const session = await this.#connect(host)
    return 'type' in session ? session : session.shell(user)
  }

  #connect(host: string): Promise<Session | ConnectFailure> {
    const known = this.#sessions.get(host)
    if (known) return known
    const { slots, connect, emit, now } = this.#context
    const connecting = slots.add(async () => {
      const started = now()
      const session = await connect(host)
      if (!('type' in session)) emit({ type: 'host-connected', host, milliseconds: now() - started })
      return session
    })
    this.#sessions.set(host, connecting)
    return connecting
  }
}

function failed(failure: Failure): Reply {
  return { type: 'failure', failure }
}

function lost(host: string, message: string): Failure {
  return { reason: 'connection-lost', message: `the connection to ${host} was lost: ${message}`, remedy: 'run again: the state of the host is probed anew, nothing is assumed' }
}
