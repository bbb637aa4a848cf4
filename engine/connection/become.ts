import { setTimeout as sleep } from 'node:timers/promises'
import type { BecomeMethodName } from '../model/host.ts'
import { Secret } from '../model/secret.ts'
import type { ConnectFailure } from '../model/session.ts'
import { becomeDialogue, type Ended } from './become-dialogue.ts'
import { doas } from './become-doas.ts'
import type { BecomeMethod, BecomeRequest, Explanation, Way } from './become-method.ts'
import { su } from './become-su.ts'
import { sudo } from './become-sudo.ts'
import type { Channel } from './channel.ts'
import { failure, isFailure } from './failure.ts'

const METHODS: Readonly<Record<BecomeMethodName, BecomeMethod>> = { sudo, su, doas }

/** A channel whose stage-zero shell is the login user's; `terminal`: one that is a terminal. */
export type OpenChannel = (terminal: boolean) => Promise<Channel | ConnectFailure>

/** A channel whose shell reads one line and evaluates it. */
export interface StageZero {
  readonly channel: Channel
  /** Whether its user is known to be the one that was asked for. */
  readonly known: boolean
}

/** A stage-zero shell of another user, by sudo unless another method is named. The password is told at most once, whatever ways have to be tried. */
export async function becomeUser(open: OpenChannel, name: BecomeMethodName, request: BecomeRequest): Promise<StageZero | ConnectFailure> {
  const method = METHODS[name]
  const { user, host } = request
  if (!/^[^-#\s:/][^\s:/]*$/.test(user) || user.includes('\0')) return failure('become', `${JSON.stringify(user)} cannot be a user name on ${host}`, 'Correct the become user of the play or task.')
  for (let way: Way = method.way; ; ) {
    const unfit = unfitPassword(way, method, request)
    if (unfit) return unfit
    const channel = await open(way.terminal)
    if (isFailure(channel)) return channel
    const ended = await becomeDialogue(channel, way, request)
    if (ended.type === 'up') return { channel, known: ended.user === user }
    // An end of input is another failed attempt to sudo with faillock. Until it is let through it is the login user's process, too.
    if (ended.type !== 'refused' && ended.pid !== undefined) await kill(open, ended.pid, request.timeout)
    channel.destroy()
    const other: Way | undefined = ended.type === 'refused' && !ended.told ? way.instead(ended.words, request) : undefined
    if (!other) {
      const { reason = 'become', message, remedy } = explain(ended, method, request)
      return failure(reason, message, remedy)
    }
    way = other
  }
}

/** @param within milliseconds; where it takes longer another attempt is counted, and the failure is told all the same */
async function kill(open: OpenChannel, pid: string, within: number): Promise<void> {
  const channel = await open(false)
  if (isFailure(channel)) return
  // A channel of ssh2 closes when all that it said was read.
  for (const stream of [channel.output, channel.errors]) stream.resume()
  channel.input.write(`kill -KILL ${pid}; exit\n`)
  await Promise.race([channel.closed, sleep(within, undefined, { ref: false })])
  channel.destroy()
}

/** A line's end would cut the password in two; a terminal takes every control character for a key. */
function unfitPassword({ terminal }: Way, { name }: BecomeMethod, { password, host }: BecomeRequest): ConnectFailure | undefined {
  if (!password) return undefined
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  const unfit = terminal ? /[\u0000-\u001f\u007f]/ : /[\n\r\0]/
  const what = terminal ? 'a control character, which its terminal would take for a key' : 'a line break or NUL'
  return unfit.test(Secret.reveal(password)) ? failure('become', `the become password for ${host} holds ${what}: ${name} cannot read it`, 'Correct the password.') : undefined
}

/** The program's own words, put into the user's next step. */
function explain({ type, words, told }: Ended, method: BecomeMethod, request: BecomeRequest): Explanation {
  const { user, host, loginUser, timeout, password } = request
  const { name } = method
  // A host that shows what it is given must not have it repeated by us.
  const safe = password ? words.replaceAll(Secret.reveal(password), '***') : words
  const said = safe === '' ? '' : `: ${safe.slice(-300)}`
  const wrong = { message: `${name} on ${host} did not accept the password ${method.account(request)}`, remedy: 'Give the right become password (one attempt was made).' }
  if (/expired|(?:new|current) password/i.test(words)) return { message: `the password ${method.account(request)} on ${host} has expired${said}`, remedy: 'Log in there and change it.' }
  switch (type) {
    case 'up':
    case 'refused':
      break
    case 'asked-again':
      return wrong
    case 'asked-in-vain':
      return { message: `${name} on ${host} asks for a password`, remedy: 'Use -K to be asked for it.' }
    case 'late':
      return { message: `${name} on ${host} was not done after ${timeout / 1000} s${said}`, remedy: `Check what ${name} asks for on that host.` }
  }
  if (told && /authentication fail|incorrect|sorry, try again/i.test(words)) return wrong
  if (told && /permission denied/i.test(words)) return { ...wrong, message: `${wrong.message}, or ${loginUser} may not become ${user}${said}` }
  const particular = method.explain(words, request)
  if (particular) return particular
  if (/not in the sudoers|is not allowed|may not run|permission denied|can't do that/i.test(words)) return { message: `${loginUser} may not become ${user} on ${host}${said}`, remedy: `Let ${method.rules} on ${host} allow it.` }
  if (/unknown user|unknown id|does not exist|user .*not found|no passwd entry/i.test(words)) return { reason: 'no-such-user', message: `there is no user ${user} on ${host}`, remedy: 'Correct the become user, or create the user in an earlier play.' }
  if (/command not found/.test(words)) return { message: `there is no ${name} on ${host}`, remedy: `Install ${name}, or log in as the user that is wanted.` }
  return { message: `${name} on ${host} ended without a shell for ${user}${said}`, remedy: `Try "${method.trial(user)}" on the host.` }
}
