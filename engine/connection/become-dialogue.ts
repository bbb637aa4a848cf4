import { randomBytes } from 'node:crypto'
import { quote } from '../model/command.ts'
import { Secret } from '../model/secret.ts'
import { stage, type BecomeRequest, type Way } from './become-method.ts'
import type { Channel } from './channel.ts'

/** How a dialogue ended, and what the host said in it, control characters left out. */
export interface Ended {
  readonly type: 'up' | 'refused' | 'asked-again' | 'asked-in-vain' | 'late'
  readonly words: string
  /** Whether the password was given. */
  readonly told: boolean
  /** The program's process on the host; `undefined` when it never came to that. */
  readonly pid: string | undefined
  /** Who the shell that is up says it runs as; `undefined` where it cannot tell yet. */
  readonly user: string | undefined
}

/**
 * Has a program on the host turn a stage-zero shell of the login user into one of another user.
 *
 * Nothing is taken for a prompt before a marker that this call made up: the line prints it right before it is replaced by the program, when the login
 * user's profile and banner have had their say. The password is written once, so a wrong one costs one attempt, and never where nothing asks for it.
 * After anything but `up` the channel is of no use.
 */
export async function becomeDialogue(channel: Channel, way: Way, request: BecomeRequest): Promise<Ended> {
  const [token, mark, up] = [hex(), hex(), hex()]
  const { password, interpreter } = request
  const prompt = way.prompt(token)
  const heard = { output: '', errors: '' }
  const { promise, resolve } = Promise.withResolvers<Ended['type']>()
  let told = false
  const isUp = new RegExp(`\\n${up}(?: ([^\\r\\n]*))?\\r?\\n`)
  const marked = new RegExp(`\\n${mark} (\\d+)\\r?\\n`)
  const listen = (stream: keyof typeof heard) => (chunk: Buffer): void => {
    heard[stream] = (heard[stream] + chunk.toString('latin1')).slice(-65_536)
    if (stream === 'output' && isUp.test(heard.output)) return resolve('up')
    const start = marked.exec(heard[stream])
    const asked = start && prompt.exec(heard[stream].slice(start.index + start[0].length))
    if (!start || !asked) return
    if (!password || told) return resolve(told ? 'asked-again' : 'asked-in-vain')
    told = true
    // What was asked is answered: the same words are another question if they come again.
    heard[stream] = `${heard[stream].slice(0, start.index + start[0].length + asked.index)}${heard[stream].slice(start.index + start[0].length + asked.index + asked[0].length)}`
    channel.input.write(`${Secret.reveal(password)}\n`)
  }
  const [onOutput, onErrors] = [listen('output'), listen('errors')]
  channel.output.on('data', onOutput)
  channel.errors.on('data', onErrors)
  const timer = setTimeout(() => resolve('late'), request.timeout)
  void channel.closed.then(() => resolve('refused'))
  const first = quote(stage({ up, terminal: way.terminal, interpreter }))
  // A terminal must show neither what it is given nor its own idea of a line's end.
  const quiet = way.terminal ? 'stty -echo -onlcr; ' : ''
  channel.input.write(`${quiet}LC_ALL=C; export LC_ALL; unset LANGUAGE; echo; echo ${mark} $$; { echo; echo ${mark} $$; } >&2; ${way.line({ user: request.user, interpreter, stage: first, ask: password !== undefined, token })}\n`)
  const type = await promise
  clearTimeout(timer)
  channel.output.off('data', onOutput)
  channel.errors.off('data', onErrors)
  const after = (text: string): string => text.slice(marked.exec(text)?.index ?? text.length).replace(marked, '')
  const words = clear([after(heard.errors), after(heard.output)].join('\n')) || clear([heard.errors, heard.output].join('\n').replaceAll(new RegExp(`${mark} \\d+`, 'g'), ''))
  return { type, told, words, pid: marked.exec(heard.output)?.[1] ?? marked.exec(heard.errors)?.[1], user: isUp.exec(heard.output)?.[1] }
}

function hex(): string {
  return randomBytes(16).toString('hex')
}

/** What a host says must not steer a terminal. */
function clear(text: string): string {
  // oxlint-disable-next-line no-control-regex -- see above
  return Buffer.from(text, 'latin1').toString('utf8').replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
}
