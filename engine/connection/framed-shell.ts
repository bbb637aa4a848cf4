import { Secret } from '../model/secret.ts'
import type { Changer, ConnectFailure, Frame, FrameReply, Section, SourceFile } from '../model/session.ts'
import type { Channel } from './channel.ts'
import { messageOf } from './failure.ts'
import type { Capabilities, Reply } from './frame-codec.ts'
import { composeFrame, type Order } from './frame-message.ts'
import { changedSource } from './payload.ts'
import type { ReplyReader } from './reply-reader.ts'
import type { FrameTrace } from './target.ts'
import { writeFrame } from './write-frame.ts'

/** Milliseconds a reply may be later than the host's own deadline. */
const GRACE = 15_000

/** Milliseconds that a timer can hold. */
const LONGEST = 2 ** 31 - 1

export interface Settings {
  readonly channel: Channel
  readonly reader: ReplyReader
  /** How its loop has begun, or how that is waited for. */
  readonly beginning: Capabilities | Beginning
  /** What this shell is, for messages: `root on cp1`. */
  readonly label: string
  /** Milliseconds. */
  readonly queryDeadline: number
  /** Seconds; see `ConnectOptions`. */
  readonly patience: number
  /** Whether a file was uploaded for this shell's user; it is used up by that. Default: none was. */
  readonly claim?: (file: SourceFile) => boolean
  readonly trace: (frame: Omit<FrameTrace, 'host' | 'user'>) => void
}

/** What a loop that has not spoken yet may come to. */
export interface Beginning {
  /** Milliseconds. */
  readonly within: number
  /** What is wrong with a loop that began; `undefined` when nothing is. */
  readonly judge: (capabilities: Capabilities) => ConnectFailure | undefined
  /** What to say of one that did not. */
  readonly refusal: (why: string) => ConnectFailure
}

/** A frame under way. */
interface Pending {
  readonly id: number
  readonly settle: (reply: FrameReply) => void
  /** Whether all of it was written. */
  sent: boolean
}

/**
 * The controller's end of a framed shell. Frames go one at a time in the order they were asked for. A shell that lost a frame takes no more:
 * what that frame did is unknown, so everything after it would be too.
 *
 * The first frame need not wait for the loop to begin: it lies behind the loop's own text in the channel, and costs no round trip of its own. One with a
 * secret waits, as what reads it may be no shell of ours.
 */
export class FramedShell implements Changer {
  /** Settles when the loop has begun, or with why there is none. */
  readonly begun: Promise<ConnectFailure | undefined>
  readonly #settings: Settings
  #helpers: ReadonlyMap<string, number> = new Map()
  readonly #heartbeat: NodeJS.Timeout
  #turn: Promise<unknown> = Promise.resolve()
  #pending: Pending | undefined
  #lastId = 0
  #received = 0
  #lost: string | undefined
  #capabilities: Capabilities | undefined
  #refused: ConnectFailure | undefined
  readonly #begin: (refused: ConnectFailure | undefined) => void
  readonly #ended = new AbortController()

  constructor(settings: Settings) {
    this.#settings = settings
    const { channel, patience, beginning } = settings
    const { promise, resolve } = Promise.withResolvers<ConnectFailure | undefined>()
    this.begun = promise
    this.#begin = resolve
    if ('judge' in beginning) {
      const late = setTimeout(() => this.#refuse(beginning.refusal(`nothing for ${beginning.within / 1000} s`)), beginning.within)
      void promise.then(() => clearTimeout(late))
    } else {
      this.#capabilities = beginning
      resolve(undefined)
    }
    channel.output.on('data', (chunk: Buffer) => this.#take(chunk))
    void channel.closed.then(how => this.#gone(how))
    this.#heartbeat = setInterval(() => this.#beat(), (patience * 1000) / 3).unref()
  }

  /** Why this shell is of no use any more; `undefined` while it is. */
  get lost(): string | undefined {
    return this.#lost
  }

  /** What the host's loop can do. @throws Error before it has begun */
  get capabilities(): Capabilities {
    if (!this.#capabilities) throw new Error(`the shell of ${this.#settings.label} has not begun`)
    return this.#capabilities
  }

  query(sections: readonly Section[], signal: AbortSignal): Promise<FrameReply> {
    return this.#queue({ sections, deadline: this.#settings.queryDeadline, mode: 'query' }, signal)
  }

  apply(frame: Frame, signal: AbortSignal): Promise<FrameReply> {
    return this.#queue({ ...frame, mode: frame.killable === true ? 'killable' : 'change' }, signal)
  }

  #queue(frame: Order, signal: AbortSignal): Promise<FrameReply> {
    const reply = this.#turn.then(() => this.#exchange(frame, signal))
    // A frame that could not be written down (a NUL in a script) is its caller's bug, not the next frame's.
    this.#turn = reply.catch(() => undefined)
    return reply
  }

  /** Lets the host clean up, and waits for it (2 s at most). */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat)
    const { channel } = this.#settings
    if (channel.input.writable) channel.input.end('Q\n')
    await Promise.race([channel.closed, new Promise(resolve => setTimeout(resolve, 2000).unref())])
    channel.destroy()
    this.#lose('the session was closed')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #exchange(frame: Order, signal: AbortSignal): Promise<FrameReply> {
    if (frame.sections.some(({ stdin }) => stdin instanceof Secret)) await this.begun
    if (this.#refused) return { type: 'refused', failure: this.#refused }
    if (this.#lost !== undefined) return { type: 'lost', message: this.#lost }
    if (frame.sections.length === 0) return { type: 'replied', results: [] }
    const changed = await changedSource(frame.sections)
    if (changed !== undefined) return { type: 'lost', message: `${changed}: nothing of it ran` }
    if (signal.aborted) return { type: 'lost', message: 'interrupted before it was sent: nothing of it ran' }
    const began = performance.now()
    const received = this.#received
    const id = ++this.#lastId
    const message = composeFrame(id, frame, { known: this.#helpers, claim: this.#settings.claim })
    this.#helpers = message.helpers
    const { promise, resolve } = Promise.withResolvers<FrameReply>()
    const pending: Pending = { id, settle: resolve, sent: false }
    this.#pending = pending
    const timers: NodeJS.Timeout[] = []
    const within = (milliseconds: number, message: string): void => {
      timers.push(setTimeout(() => this.#lose(message), Math.min(milliseconds, LONGEST)))
    }
    const abort = (): void => {
      // Half a payload cannot be called back; half a frame never runs.
      if (!pending.sent) return this.#lose('interrupted while it was sent: nothing of it ran')
      this.#settings.channel.input.write(`K ${id}\n`)
      within(GRACE, 'interrupted, and the host did not say that it ended the task')
    }
    signal.addEventListener('abort', abort, { once: true })
    try {
      await writeFrame(this.#settings.channel, message, this.#ended.signal)
      pending.sent = true
      within(frame.deadline + GRACE, `no answer ${Math.round(GRACE / 1000)} s after the deadline`)
    } catch (thrown) {
      // A program that is no shell of ours is about to end, and has better words than EPIPE.
      const refused = await this.begun
      if (refused) this.#refuse(refused)
      else this.#lose(messageOf(thrown))
    }
    const reply = await promise
    signal.removeEventListener('abort', abort)
    for (const timer of timers) clearTimeout(timer)
    this.#settings.trace({ sections: frame.sections.length, bytesSent: message.bytes, bytesReceived: this.#received - received, milliseconds: performance.now() - began, reply: reply.type })
    return reply
  }

  #beat(): void {
    // In the middle of a frame the bytes themselves are the sign of life.
    const sending = this.#pending !== undefined && !this.#pending.sent
    if (!sending && this.#settings.channel.input.writable) this.#settings.channel.input.write('H\n')
  }

  #take(chunk: Buffer): void {
    this.#received += chunk.length
    for (const reply of this.#settings.reader.push(chunk)) this.#answer(reply)
  }

  #answer(reply: Reply): void {
    const pending = this.#pending
    switch (reply.type) {
      case 'ready': {
        const { beginning } = this.#settings
        const wrong = this.#capabilities || !('judge' in beginning) ? undefined : beginning.judge(reply.capabilities)
        if (wrong) return this.#refuse(wrong)
        this.#capabilities ??= reply.capabilities
        return this.#begin(undefined)
      }
      case 'failed':
        if (!this.#capabilities && 'judge' in this.#settings.beginning) return this.#refuse(this.#settings.beginning.refusal(reply.reason))
        return this.#lose(`the shell of ${this.#settings.label} gave up: ${reply.reason}`)
      case 'torn':
        this.#settings.channel.input.write(`A ${reply.id}\n`)
        return
      case 'results': {
        if (pending?.id !== reply.id) return
        this.#pending = undefined
        const { results, ended } = reply
        if (ended === 'ok' || ended === 'output') pending.settle({ type: 'replied', results })
        else if (ended === 'deadline') pending.settle({ type: 'timed-out', results })
        else pending.settle({ type: 'lost', message: 'interrupted: the task was ended on the host before it was done' })
      }
    }
  }

  #gone(how: string): void {
    const { beginning } = this.#settings
    if (!this.#capabilities && 'judge' in beginning) this.#refuse(beginning.refusal(how))
    else this.#lose(`the connection ended (${how})`)
  }

  /** There is no loop, so nothing ran. */
  #refuse(failure: ConnectFailure): void {
    this.#refused ??= failure
    this.#lose(this.#refused.message)
  }

  #lose(message: string): void {
    this.#lost ??= message
    this.#begin(this.#refused)
    this.#ended.abort(new Error(this.#lost))
    clearInterval(this.#heartbeat)
    this.#settings.channel.destroy()
    const pending = this.#pending
    this.#pending = undefined
    pending?.settle(this.#refused ? { type: 'refused', failure: this.#refused } : { type: 'lost', message: this.#lost })
  }
}
