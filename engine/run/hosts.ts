import type { Failure } from '../model/failure.ts'
import type { Changer, ConnectFailure, Frame, Section, SectionResult, SourceFile } from '../model/session.ts'
import type { RunContext } from './context.ts'
import { lost, ofDelegate, timedOut, unknownHost } from './host-failures.ts'
import { Locks } from './lock.ts'
import { placeKey, samePlace, type Place } from './place.ts'
import { Sessions } from './sessions.ts'
import { Turns } from './turns.ts'
import { uploadTo } from './upload.ts'

export type FramePurpose = 'facts' | 'probe' | 'apply' | 'output'
export type Reply = { readonly type: 'results'; readonly results: readonly SectionResult[] } | { readonly type: 'failure'; readonly failure: Failure }

/** What a frame is for: it labels events. */
export interface FrameFor {
  readonly node: string
  readonly play: string
  readonly host: string
  readonly purpose: FramePurpose
  /** The node's own place on a host: its lock there is what keeps other controllers away. */
  readonly home: (host: string) => Place
}

/** Milliseconds that read-only sections may take together: what connections allow a query. */
const QUERY_DEADLINE = 60_000

/** The hosts of a run: one session each, made when first asked for, with every frame counted and limited. */
export class Hosts {
  readonly #context: RunContext
  readonly #sessions: Sessions
  readonly #locks: Locks
  readonly #touched = new Set<string>()
  /** How often something that may have changed a host began or ended. */
  readonly #changes = new Map<string, number>()
  /** One frame at a time to a shell: those that wait for it hold no slot. */
  readonly #shells = new Turns()
  readonly #hosts = new Turns()

  constructor(context: RunContext) {
    this.#context = context
    this.#locks = new Locks(context)
    this.#sessions = new Sessions(context, host => {
      this.#locks.gone(host)
      this.#changed(host)
    })
  }

  /** Runs read-only sections and gives their results, or why there are none. What only looks is asked again over a new connection when the old one breaks. */
  async query(at: FrameFor, place: Place, sections: readonly Section[]): Promise<Reply> {
    for (;;) {
      const reply = await this.#ask(at, place, sections)
      if (reply.type === 'results' || reply.failure.reason !== 'connection-lost' || !looks(at) || this.#sessions.isLost(place.host)) return reply
    }
  }

  /** Brings a controller's file to a host ahead of the frame that reads it. */
  upload(at: FrameFor, place: Place, file: SourceFile): Promise<Failure | undefined> {
    return uploadTo(this.#sessions, this.#context, { at, place, file })
  }

  #ask(at: FrameFor, place: Place, sections: readonly Section[]): Promise<Reply> {
    const lock = this.#locks.section(at, place, false)
    if (lock) return this.#locked(at, place, { sections: [lock, ...sections], deadline: QUERY_DEADLINE, killable: true, looks: true }, () => this.query(at, place, sections))
    return this.#send(at, place, { sections: sections.length, deadline: QUERY_DEADLINE }, shell => shell.query(sections, this.#context.killing))
  }

  /** Runs a frame that may change the host; only within `exclusively`. */
  async apply(at: FrameFor, place: Place, frame: Frame): Promise<Reply> {
    const lock = this.#locks.section(at, place, true)
    this.#changed(place.host)
    const send = (): Promise<Reply> => this.#send(at, place, { sections: frame.sections.length, deadline: frame.deadline }, shell => shell.apply(frame, this.#context.killing))
    const reply = lock ? await this.#locked(at, place, { ...frame, sections: [lock, ...frame.sections] }, send) : await send()
    this.#changed(place.host)
    return reply
  }

  /** One at a time changes a host, whatever node and user it is for: two of them must not race a package manager. */
  exclusively<T>(host: string, use: () => Promise<T>): Promise<T> {
    return this.#hosts.take(host, use)
  }

  /** A number that is another one once something may have changed on a host: what was seen before is then not to be relied on. */
  changes(host: string): number {
    return this.#changes.get(host) ?? 0
  }

  /** Whether a frame that may have changed its host was sent for a node. */
  touched(node: string): boolean {
    return this.#touched.has(node)
  }

  close(): Promise<void> {
    return this.#sessions.close()
  }

  #changed(host: string): void {
    this.#changes.set(host, this.changes(host) + 1)
  }

  /** Sends a frame whose first section takes the host's lock. Where a task's user has no folder for one, the node's lock has to do, and the frame goes `again`. */
  async #locked(at: FrameFor, place: Place, frame: Frame, again: () => Promise<Reply>): Promise<Reply> {
    const refused = this.#locks.refusal(place.host)
    if (refused) return failed(refused)
    const reply = await this.#send(at, place, { sections: frame.sections.length, deadline: frame.deadline }, shell => shell.apply(frame, this.#context.killing))
    if (reply.type === 'failure') return reply
    const home = at.home(place.host)
    const settled = this.#locks.settle(place, reply.results[0], samePlace(home, place))
    if (settled === 'taken') return { type: 'results', results: reply.results.slice(1) }
    if (settled !== 'homeless') return failed(settled)
    const guarded = this.#locks.section(at, home, true) === undefined ? undefined : await this.query(at, home, [])
    return guarded?.type === 'failure' ? guarded : again()
  }

  async #send(at: FrameFor, place: Place, { sections, deadline }: { sections: number; deadline: number }, use: (shell: Changer) => ReturnType<Changer['query']>): Promise<Reply> {
    const { host } = place
    const fail = (failure: Failure): Reply => failed(host === at.host ? failure : ofDelegate(failure, place.host, at.host))
    if (!this.#context.knows(host)) return failed(unknownHost(host))
    if (this.#sessions.isLost(host)) return fail(lost(host, 'its connection broke earlier in this run'))
    const session = await this.#sessions.of(host)
    if ('type' in session) return fail(refused(session))
    const shell = await session.shell(place.user, 'early')
    if ('type' in shell) return fail(refused(shell))
    if (at.purpose === 'apply') this.#touched.add(at.node)
    let milliseconds = 0
    const reply = await this.#shells.take(placeKey(place), () => this.#context.slots.add(async () => {
      const started = this.#context.now()
      const replied = await use(shell)
      milliseconds = this.#context.now() - started
      return replied
    }))
    this.#context.emit({ type: 'frame', node: at.node, play: at.play, host: at.host, ...(host === at.host ? {} : { on: host }), sections, milliseconds, purpose: at.purpose })
    switch (reply.type) {
      case 'replied':
        return { type: 'results', results: reply.results }
      case 'timed-out':
        this.#locks.doubt(place)
        return failed(timedOut(host, { deadline, results: reply.results }))
      case 'refused':
        return fail(refused(reply.failure))
      case 'lost':
        if (!looks(at) || !this.#sessions.renew(host, session, reply.message)) this.#sessions.lose(host)
        return fail(lost(host, reply.message))
    }
  }
}

function refused({ reason, message, remedy }: ConnectFailure): Failure {
  return { reason, message, remedy }
}

/** Whether a frame changes nothing, so that it may be sent again. Outputs may be minted. */
function looks({ purpose }: FrameFor): boolean {
  return purpose === 'facts' || purpose === 'probe'
}

function failed(failure: Failure): Reply {
  return { type: 'failure', failure }
}
