import { Secret } from '../model/secret.ts'
import type { Changer, ConnectFailure, Frame, FrameReply, Section, SourceFile } from '../model/session.ts'
import type { Channel } from './channel.ts'
import { messageOf } from './failure.ts'
import type { Capabilities, Reply } from './frame-codec.ts'
import { composeFrame, type FrameMessage, type Order } from './frame-message.ts'
import { LoopStart, type Beginning } from './loop-start.ts'
import { changedSource } from './payload.ts'
import { PendingFrame } from './pending-frame.ts'
import type { ReplyReader } from './reply-reader.ts'
import type { FrameTrace } from './target.ts'
import { writeFrame } from './write-frame.ts'

/** Milliseconds a reply may be later than the host's own deadline. */
const GRACE = 15_000

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

/**
 * The controller's end of a framed shell. Frames go one at a time in the order they were asked for. A shell that lost a frame takes no more:
 * what that frame did is unknown, so everything after it would be too.
 *
 * The first frame need not wait for the loop to begin: it lies behind the loop's own text in the channel, and costs no round trip of its own. One with a
 * secret waits, as what reads it may be no shell of ours.
 */
export class FramedShell implements Changer {
  readonly #settings: Settings
  readonly #start: LoopStart
  #helpers: ReadonlyMap<string, number> = new Map()
  readonly #heartbeat: NodeJS.Timeout
  #turn: Promise<unknown> = Promise.resolve()
  #pending: PendingFrame | undefined
  #lastId = 0
  #received = 0
  #lost: string | undefined
  readonly #ended = new AbortController()

  constructor(settings: Settings) {
    this.#settings = settings
    const { channel, patience, beginning } = settings
    this.#start = new LoopStart(beginning, failure => this.#refuse(failure))
    channel.output.on('data', (chunk: Buffer) => this.#take(chunk))
    void channel.closed.then(how => this.#gone(how))
    this.#heartbeat = setInterval(() => this.#beat(), (patience * 1000) / 3).unref()
  }

  /** Settles when the loop has begun, or with why there is none. */
  get begun(): Promise<ConnectFailure | undefined> {
    return this.#start.begun
  }

  /** Why this shell is of no use any more; `undefined` while it is. */
  get lost(): string | undefined {
    return this.#lost
  }

  /** What the host's loop can do. @throws Error before it has begun */
  get capabilities(): Capabilities {
    const { capabilities } = this.#start
    if (!capabilities) throw new Error(`the shell of ${this.#settings.label} has not begun`)
    return capabilities
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
    if (this.#start.refused) return { type: 'refused', failure: this.#start.refused }
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
    const pending = (this.#pending = new PendingFrame(id))
    const abort = (): void => this.#interrupt(pending)
    signal.addEventListener('abort', abort, { once: true })
    await this.#send(message, pending, frame.deadline)
    const reply = await pending.reply
    signal.removeEventListener('abort', abort)
    this.#settings.trace({ sections: frame.sections.length, bytesSent: message.bytes, bytesReceived: this.#received - received, milliseconds: performance.now() - began, reply: reply.type })
    return reply
  }

  async #send(message: FrameMessage, pending: PendingFrame, deadline: number): Promise<void> {
    try {
      await writeFrame(this.#settings.channel, message, this.#ended.signal)
      pending.sent = true
      pending.unlessWithin(deadline + GRACE, () => this.#lose(`no answer ${Math.round(GRACE / 1000)} s after the deadline`))
    } catch (thrown) {
      // A program that is no shell of ours is about to end, and has better words than EPIPE.
      const refused = await this.begun
      if (refused) this.#refuse(refused)
      else this.#lose(messageOf(thrown))
    }
  }

  #interrupt(pending: PendingFrame): void {
    // Half a payload cannot be called back; half a frame never runs.
    if (!pending.sent) return this.#lose('interrupted while it was sent: nothing of it ran')
    this.#settings.channel.input.write(`K ${pending.id}\n`)
    pending.unlessWithin(GRACE, () => this.#lose('interrupted, and the host did not say that it ended the task'))
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
        const wrong = this.#start.ready(reply.capabilities)
        return wrong && this.#refuse(wrong)
      }
      case 'failed': {
        const missed = this.#start.missed(reply.reason)
        return missed ? this.#refuse(missed) : this.#lose(`the shell of ${this.#settings.label} gave up: ${reply.reason}`)
      }
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
    const missed = this.#start.missed(how)
    if (missed) this.#refuse(missed)
    else this.#lose(`the connection ended (${how})`)
  }

  /** There is no loop, so nothing ran. */
  #refuse(failure: ConnectFailure): void {
    this.#lose(this.#start.refuse(failure).message)
  }

  #lose(message: string): void {
    this.#lost ??= message
    this.#start.end()
    this.#ended.abort(new Error(this.#lost))
    clearInterval(this.#heartbeat)
    this.#settings.channel.destroy()
    const pending = this.#pending
    this.#pending = undefined
    const { refused } = this.#start
    pending?.settle(refused ? { type: 'refused', failure: refused } : { type: 'lost', message: this.#lost })
  }
}
