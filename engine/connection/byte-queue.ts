const NEWLINE = 10

/** Bytes that came in pieces and are taken in others. */
export class ByteQueue {
  readonly #lineLimit: number
  #chunks: Buffer[] = []
  #length = 0

  /** @param lineLimit bytes after which a line without an end is taken for one */
  constructor(lineLimit: number) {
    this.#lineLimit = lineLimit
  }

  get length(): number {
    return this.#length
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this.#length += chunk.byteLength
  }

  /** All that is there, which stays. */
  peek(): Buffer {
    const all = this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks, this.#length)
    this.#chunks = [all]
    return all
  }

  /** The first bytes; `undefined` while there are fewer. */
  take(length: number): Buffer | undefined {
    if (this.#length < length) return undefined
    const taken = this.peek().subarray(0, length)
    this.drop(length)
    return taken
  }

  /** The first line, without its end; `undefined` while it is incomplete. */
  takeLine(): Buffer | undefined {
    const last = this.#chunks.at(-1)
    // A long line in small pieces must not be searched from its start each time.
    if (!last || (this.#chunks.length > 1 && !last.includes(NEWLINE) && this.#length < this.#lineLimit)) return undefined
    const all = this.peek()
    const end = all.indexOf(NEWLINE)
    if (end < 0 && all.length < this.#lineLimit) return undefined
    const line = Buffer.from(all.subarray(0, end < 0 ? all.length : end))
    this.drop(end < 0 ? all.length : end + 1)
    return line
  }

  drop(length: number): void {
    const rest = this.peek().subarray(length)
    this.#chunks = rest.length === 0 ? [] : [rest]
    this.#length = rest.length
  }
}
