import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { Transform } from 'node:stream'
import type { Channel } from './channel.ts'
import { channelArguments } from './openssh-arguments.ts'
import { short } from './openssh-failure.ts'

interface Opening {
  readonly socket: string
  readonly address: string
  readonly command: string
  readonly terminal: boolean
  /** Milliseconds until the command has to run. */
  readonly timeout: number
  /** How the connection itself ended; `undefined` as long as it did not. */
  readonly connectionEnded: () => Promise<string | undefined>
}

/**
 * One command over the connection of a master. An ssh says nothing when its channel is open, so the command is made to: what comes before that word is
 * kept, for a login shell that is none says there what it has to say.
 *
 * @throws Error when the connection or the server refuses another channel
 */
export async function opensshChannel({ socket, address, command, terminal, timeout, connectionEnded }: Opening): Promise<Channel> {
  const word = randomBytes(16).toString('hex')
  const child = spawn('ssh', channelArguments({ socket, address, terminal, command: `echo ${word}; ${command}` }), { stdio: 'pipe', detached: true })
  const gate = new Gate(word)
  const errors = new Errors()
  child.stdout.pipe(gate)
  child.stderr.pipe(errors)
  for (const stream of [child.stdin, child.stdout, child.stderr, gate, errors]) stream.on('error', () => undefined)
  const { promise: closed, resolve: close } = Promise.withResolvers<string>()
  const { promise: opened, resolve: open, reject } = Promise.withResolvers<void>()
  gate.once('open', () => open())
  child.once('error', error => {
    close(error.message)
    reject(new Error(`ssh cannot be run: ${error.message}`))
  })
  child.once('close', (code, signal) => {
    const how = signal ? `ended by ${signal}` : `exit status ${code}`
    if (code !== 255) {
      open()
      if (gate.readableEnded) return close(how)
      // What it said is still to be read by whoever asked for the channel.
      const late = setTimeout(() => close(how), 500)
      gate.once('end', () => {
        clearTimeout(late)
        close(how)
      })
      return
    }
    // 255 is ssh's own number for a broken connection, and the master knows more about that.
    void connectionEnded().then(why => {
      close(why ?? how)
      reject(new Error(why ?? (short(errors.early) || how)))
    })
  })
  const destroy = (): void => {
    for (const stream of [child.stdin, child.stdout, child.stderr, gate, errors]) stream.destroy()
    child.kill('SIGTERM')
  }
  const timer = setTimeout(() => {
    reject(new Error(`no answer for ${timeout / 1000} s`))
    destroy()
  }, timeout)
  await opened.finally(() => clearTimeout(timer))
  errors.late()
  return { input: child.stdin, output: gate, errors, closed, destroy }
}

/** Passes everything on but the first line that is the word. */
class Gate extends Transform {
  readonly #word: Buffer
  #held: Buffer | undefined = Buffer.alloc(0)

  constructor(word: string) {
    super()
    this.#word = Buffer.from(word)
  }

  override _transform(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.#held === undefined) {
      this.push(chunk)
      return done()
    }
    this.#held = Buffer.concat([this.#held, chunk])
    const at = this.#held.indexOf(this.#word)
    const end = at < 0 ? -1 : this.#held.indexOf(0x0a, at)
    if (end >= 0) {
      this.push(this.#held.subarray(0, at))
      this.push(this.#held.subarray(end + 1))
      this.#held = undefined
      this.emit('open')
    } else if (this.#held.length > 65_536) {
      // A login that floods: only what may still become the word is kept.
      this.push(this.#held.subarray(0, -1024))
      this.#held = this.#held.subarray(-1024)
    }
    done()
  }

  override _flush(done: () => void): void {
    if (this.#held !== undefined) this.push(this.#held)
    done()
  }
}

/** stderr, of which the beginning is remembered until the channel is open. */
class Errors extends Transform {
  early = ''
  #open = false

  late(): void {
    this.#open = true
    this.early = ''
  }

  override _transform(chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.#open) this.early = (this.early + chunk.toString('latin1')).slice(0, 4096)
    this.push(chunk)
    done()
  }
}
