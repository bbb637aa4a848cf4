import { ByteQueue } from './byte-queue.ts'
import { Tail } from './channel.ts'
import { assemble, OUTPUT_LIMIT, parseHeader, parseReady, streamCount, type Reply, type ReplyHeader, type Stream } from './frame-codec.ts'

/** No line of ours is longer; noise that is gets dropped. */
const LINE_LIMIT = 1024 * 1024

type Step =
  | { readonly at: 'line' }
  | { readonly at: 'sizes'; readonly head: ReplyHeader; readonly sizes: readonly number[] }
  | { readonly at: 'block'; readonly head: ReplyHeader; readonly sizes: readonly number[] }
  | { readonly at: 'size'; readonly head: ReplyHeader; readonly streams: readonly Stream[] }
  | { readonly at: 'bytes'; readonly head: ReplyHeader; readonly streams: readonly Stream[]; readonly size: number }
  | { readonly at: 'end'; readonly head: ReplyHeader; readonly streams: readonly Stream[] }
  | { readonly at: 'resync'; readonly head: ReplyHeader }

/**
 * Finds the loop's replies in what comes from a host. Lines without the nonce are noise (banners, profiles) and are remembered only as a tail for
 * messages. Inside a reply lengths rule, so no output can look like a reply.
 */
export class ReplyReader {
  readonly #nonce: string
  readonly noise = new Tail()
  readonly #bytes = new ByteQueue(LINE_LIMIT)
  #step: Step = { at: 'line' }

  constructor(nonce: string) {
    this.#nonce = nonce
  }

  /** Takes what came and gives the replies that are complete with it. */
  push(chunk: Uint8Array): Reply[] {
    this.#bytes.push(chunk)
    const replies: Reply[] = []
    for (let progress = true; progress; ) {
      const step = this.#step
      const reply = this.#advance()
      if (reply) replies.push(reply)
      progress = reply !== undefined || step !== this.#step
    }
    return replies
  }

  #advance(): Reply | undefined {
    const step = this.#step
    switch (step.at) {
      case 'line':
        return this.#line()
      case 'sizes': {
        const line = this.#bytes.takeLine()
        if (line === undefined) return undefined
        const sizes = [...step.sizes, parseSize(line)]
        const streams = streamCount(step.head)
        // `wc` adds a line of totals for more than one file.
        this.#step = sizes.length < (streams > 1 ? streams + 1 : streams) ? { ...step, sizes } : { at: 'block', head: step.head, sizes: sizes.slice(0, streams) }
        return undefined
      }
      case 'block': {
        const lengths = step.sizes.map(size => Math.min(size, OUTPUT_LIMIT))
        const block = this.#bytes.take(lengths.reduce((sum, length) => sum + length, 0))
        if (!block) return undefined
        let from = 0
        const streams = lengths.map((length, index) => ({ size: step.sizes[index] ?? 0, bytes: block.subarray(from, (from += length)) }))
        this.#step = { at: 'end', head: step.head, streams }
        return undefined
      }
      case 'size': {
        if (step.streams.length === streamCount(step.head)) {
          this.#step = { ...step, at: 'end' }
          return undefined
        }
        const line = this.#bytes.takeLine()
        if (line !== undefined) this.#step = { ...step, at: 'bytes', size: parseSize(line) }
        return undefined
      }
      case 'bytes': {
        const bytes = this.#bytes.take(Math.min(step.size, OUTPUT_LIMIT))
        if (bytes) this.#step = { at: 'size', head: step.head, streams: [...step.streams, { size: step.size, bytes }] }
        return undefined
      }
      case 'end':
        return this.#end(step.head, step.streams)
      case 'resync': {
        const marker = this.#endMark(step.head)
        const all = this.#bytes.peek()
        const at = all.indexOf(marker)
        // Bounded: `head` cuts each file, and only the marker's own length has to be kept.
        this.#bytes.drop(at < 0 ? Math.max(0, all.length - marker.length) : at + marker.length)
        if (at < 0) return undefined
        this.#step = { at: 'line' }
        return { type: 'torn', id: step.head.id }
      }
    }
  }

  #line(): Reply | undefined {
    const line = this.#bytes.takeLine()
    if (line === undefined) return undefined
    this.#step = { at: 'line' }
    const words = line.toString('utf8').split(' ')
    if (words[0] !== this.#nonce) {
      this.noise.add(line)
      this.noise.add(Buffer.from('\n'))
      return undefined
    }
    if (words[1] === 'failed') return { type: 'failed', reason: words.slice(2).join(' ') }
    if (words[1] === 'ready') {
      const capabilities = parseReady(words.slice(2))
      return capabilities ? { type: 'ready', capabilities } : { type: 'failed', reason: `an unusable ready line: ${words.slice(2).join(' ')}` }
    }
    const head = parseHeader(words.slice(1))
    if (!head) return undefined
    if (streamCount(head) === 0) this.#step = { at: 'end', head, streams: [] }
    else this.#step = head.form === 'R' ? { at: 'sizes', head, sizes: [] } : { at: 'size', head, streams: [] }
    return undefined
  }

  #end(head: ReplyHeader, streams: readonly Stream[]): Reply | undefined {
    const marker = this.#endMark(head)
    if (this.#bytes.length < marker.length) return undefined
    if (!this.#bytes.peek().subarray(0, marker.length).equals(marker)) {
      this.#step = { at: 'resync', head }
      return undefined
    }
    this.#bytes.drop(marker.length)
    this.#step = { at: 'line' }
    return { type: 'results', id: head.id, ended: head.ended, results: assemble(head, streams) }
  }

  #endMark(head: ReplyHeader): Buffer {
    return Buffer.from(`\n${this.#nonce} E ${head.id}\n`)
  }
}

function parseSize(line: Buffer): number {
  return Number(/^\s*(\d+)/.exec(line.toString('latin1'))?.[1] ?? 0)
}
