import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { askpass } from './askpass.ts'
import { failure } from './failure.ts'
import { asks, masterArguments } from './openssh-arguments.ts'
import { short, sshFailure } from './openssh-failure.ts'
import type { Attempt } from './retry.ts'
import { sshQuestions } from './ssh-questions.ts'
import type { Target } from './target.ts'

/** An ssh that holds an authenticated connection, over which others run commands. */
export interface Master {
  readonly socket: string
  /** How it ended, if it did or is about to; `undefined` while it lives. */
  readonly lately: () => Promise<string | undefined>
  /** Settles with why when it is gone. */
  readonly closed: Promise<string>
  readonly close: () => Promise<void>
}

interface Start {
  readonly folder: string
  /** A name that nothing else in the folder has. */
  readonly name: string
  /** Milliseconds. */
  readonly remaining: number
  readonly signal: AbortSignal | undefined
  /** The program that is the line to the host, where that is not for ssh to find. */
  readonly through: readonly string[] | undefined
}

/** One try to connect and log in. */
export async function startMaster(target: Target, { folder, name, remaining, signal, through }: Start): Promise<Attempt<Master>> {
  const socket = `${folder}/${name}.s`
  const { promise, resolve } = Promise.withResolvers<Attempt<Master>>()
  const questions = sshQuestions(target, () => resolve({ type: 'done', result: failure('authentication', `${target.name} did not accept ${target.user} with the password`, 'Give the right password (one attempt was made).') }))
  const ask = asks(target) ? await askpass({ folder, name, answer: questions.answer }) : undefined
  // A session of its own: a Ctrl-C at the terminal is not meant for it, and there is no terminal to ask on. Its environment is the user's, as agents and
  // programs that the user's ssh_config names expect it.
  const child = spawn('ssh', masterArguments({ target, socket, timeout: remaining, through }), { stdio: ['ignore', 'ignore', 'pipe'], detached: true, env: { ...(target.sshConfig?.environment ?? process.env), ...ask?.environment } })
  const transcript = new Transcript()
  const { promise: ended, resolve: end } = Promise.withResolvers<string>()
  child.stderr.on('data', (chunk: Buffer) => {
    transcript.add(chunk)
    // Said when the socket for others is there; a banner may say it too.
    if (transcript.entered && existsSync(socket)) resolve({ type: 'done', result: master })
  })
  child.stderr.on('error', () => undefined)
  child.once('error', error => {
    end(error.message)
    resolve({ type: 'done', result: failure('unreachable', `the system's ssh cannot be run: ${error.message}`, 'Install OpenSSH, or leave the connection to `auto`.') })
  })
  child.once('close', (code, signalled) => {
    const said = transcript.said
    end(short(said.words) || (signalled ? `ssh was ended by ${signalled}` : `ssh ended with ${code}`))
    void sshFailure({ ...said, told: questions.told, opened: questions.opened }, target).then(resolve)
  })
  const interrupt = (): void => resolve({ type: 'again', why: 'interrupted' })
  signal?.addEventListener('abort', interrupt, { once: true })
  const timer = setTimeout(() => resolve({ type: 'again', why: short(transcript.said.words) || 'no answer in the ssh handshake' }), remaining)
  const master: Master = {
    socket,
    closed: ended,
    lately: async () => {
      const { promise: later, resolve: now } = Promise.withResolvers<undefined>()
      const wait = setTimeout(() => now(undefined), 500)
      const how = await Promise.race([ended, later])
      clearTimeout(wait)
      return how
    },
    close: async () => {
      child.kill('SIGTERM')
      const kill = setTimeout(() => child.kill('SIGKILL'), 2000)
      await ended
      clearTimeout(kill)
    },
  }
  const outcome = await promise
  clearTimeout(timer)
  signal?.removeEventListener('abort', interrupt)
  if (outcome.type === 'again' || outcome.result !== master) await master.close()
  await ask?.close()
  return outcome
}

/** What an ssh says: its own lines of progress apart from the rest, the beginning and the end of both. */
class Transcript {
  #rest = ''
  #words = ''
  #debug = ''
  /** Whether it has logged in. */
  entered = false

  add(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('utf8')).split('\n')
    // A flood without a line's end is cut.
    this.#rest = (lines.pop() ?? '').slice(-4096)
    for (const line of lines) this.#line(line.replace(/\r$/, ''))
  }

  get said(): { readonly words: string; readonly debug: string } {
    return { words: this.#words + this.#rest, debug: this.#debug }
  }

  #line(line: string): void {
    if (line.startsWith('debug1: Entering interactive session')) this.entered = true
    if (/^debug\d: /.test(line)) this.#debug = (this.#debug + `${line.slice(0, 400)}\n`).slice(-32_768)
    else if (!/^OpenSSH_|^Authenticated to |^Authenticating to /.test(line)) this.#words = (this.#words + `${line.slice(0, 400)}\n`).slice(-8192)
  }
}
