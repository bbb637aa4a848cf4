import type { Readable, Writable } from 'node:stream'

/** The one primitive that a transport offers: bytes to and from a program on the host. */
export interface Channel {
  readonly input: Writable
  readonly output: Readable
  /** Beside the protocol: sudo's prompts and what a broken login shell has to say. */
  readonly errors: Readable
  /** Settles when the program or the connection is gone, with how it ended in a few words. Never rejects. */
  readonly closed: Promise<string>
  /** Ends the channel at once, without waiting for the program. */
  destroy(): void
}

/** A way to a host: authenticated once, then channels as they are needed. */
export interface Transport {
  /** The user that channels run as. */
  readonly user: string
  /**
   * Runs a command line of the login shell.
   *
   * @param terminal over a terminal of the host's, which it can open as /dev/tty and where stdout and stderr are one; default false
   * @throws Error when the connection or the server refuses another channel, or a terminal.
   */
  open(command: string, terminal?: boolean): Promise<Channel>
  close(): Promise<void>
}

/** The last part of a stream as text, for messages: a bounded memory of what was said. */
export class Tail {
  #text = ''

  add(chunk: Uint8Array): void {
    this.#text = (this.#text + Buffer.from(chunk).toString('latin1')).slice(-4096)
  }

  /** Trimmed; the last few lines, on one line, cleared of control characters. */
  get text(): string {
    const lines = Buffer.from(this.#text, 'latin1').toString('utf8').split(/\r?\n/)
    // oxlint-disable-next-line no-control-regex -- what a host says must not steer a terminal
    return lines.map(line => line.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim()).filter(Boolean).slice(-4).join(' / ')
  }
}
