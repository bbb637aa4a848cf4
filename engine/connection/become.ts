import { randomBytes } from 'node:crypto'
import { quote } from '../model/command.ts'
import { Secret } from '../model/secret.ts'
import type { ConnectFailure } from '../model/session.ts'
import type { Channel } from './channel.ts'
import { failure } from './failure.ts'
import { STAGE_ZERO } from './shell-loop.ts'

/** Who to become, and what sudo may be told. */
export interface BecomeRequest {
  readonly user: string
  readonly host: string
  readonly loginUser: string
  readonly password: Secret<string> | undefined
  readonly interpreter: string
  /** Milliseconds. */
  readonly timeout: number
}

/**
 * Turns a stage-zero shell of the login user into one of another user, by sudo (root without sudo uses su).
 *
 * The password is written only after a prompt with a token that this call made up, so no banner can fish for it; once, so a wrong one costs one
 * attempt; and never where sudo does not ask. After a failure the channel is of no use, and destroying it keeps sudo from asking again.
 */
export async function becomeUser(channel: Channel, request: BecomeRequest): Promise<ConnectFailure | undefined> {
  const { user, host, password } = request
  if (!/^[^-#\s:][^\s:]*$/.test(user) || user.includes('\0')) return failure('become', `${JSON.stringify(user)} cannot be a user name on ${host}`, 'Correct the become user of the play or task.')
  if (password && ['\n', '\0'].some(character => Secret.reveal(password).includes(character))) return failure('become', `the become password for ${host} holds a line break or NUL, which sudo cannot read`, 'Correct the password.')
  const prompt = randomBytes(16).toString('hex')
  const up = randomBytes(16).toString('hex')
  const heard = { output: '', errors: '' }
  const { promise, resolve } = Promise.withResolvers<ConnectFailure | undefined>()
  let asked = 0
  const onOutput = (chunk: Buffer): void => {
    heard.output = (heard.output + chunk.toString('latin1')).slice(-8192)
    if (heard.output.includes(`\n${up}\n`)) resolve(undefined)
  }
  const onErrors = (chunk: Buffer): void => {
    heard.errors += chunk.toString('latin1')
    for (let at = heard.errors.indexOf(prompt); at >= 0; at = heard.errors.indexOf(prompt)) {
      heard.errors = heard.errors.slice(0, at) + heard.errors.slice(at + prompt.length)
      asked += 1
      if (asked === 1 && password) channel.input.write(`${Secret.reveal(password)}\n`)
      else resolve(failure('become', `sudo on ${host} did not accept the password for ${request.loginUser}`, 'Give the right become password (one attempt was made).'))
    }
    heard.errors = heard.errors.slice(-8192)
  }
  channel.output.on('data', onOutput)
  channel.errors.on('data', onErrors)
  const timer = setTimeout(() => resolve(failure('become', `sudo on ${host} was not done after ${request.timeout / 1000} s${said(heard.errors)}`, 'Check what sudo asks for on that host.')), request.timeout)
  void channel.closed.then(() => resolve(explain(heard.errors, request)))
  channel.input.write(`${becomeLine({ ...request, prompt, up })}\n`)
  const outcome = await promise
  clearTimeout(timer)
  channel.output.off('data', onOutput)
  channel.errors.off('data', onErrors)
  return outcome
}

/** The line for the login user's stage-zero shell. Without a password sudo is told not to ask (`-n`), so that no attempt is counted. */
export function becomeLine({ user, password, prompt, up, interpreter }: { user: string; password: unknown; prompt: string; up: string; interpreter: string }): string {
  const stage = quote(`echo; echo ${up}; ${STAGE_ZERO}`)
  const ask = password === undefined ? '-n' : `-S -p ${prompt}`
  const sudo = `exec sudo ${ask} -H -u ${quote(user)} -- ${interpreter} -c ${stage}`
  const su = `exec su -s /bin/sh -c ${stage} ${quote(user)}`
  return `LC_ALL=C; export LC_ALL; unset LANGUAGE; if command -v sudo >/dev/null; then ${sudo}; elif [ "$(id -u)" = 0 ]; then ${su}; else echo 'sudo: command not found' >&2; exit 127; fi`
}

/** sudo's own words, put into the user's next step. */
function explain(errors: string, { user, host, loginUser }: BecomeRequest): ConnectFailure {
  const fail = (message: string, remedy: string): ConnectFailure => failure('become', message, remedy)
  if (/must have a tty/.test(errors)) return fail(`sudo on ${host} wants a terminal (requiretty)`, `Add "Defaults:${loginUser} !requiretty" to that host's sudoers.`)
  if (/password is required|authentication is required|no password was provided|terminal is required/.test(errors)) return fail(`sudo on ${host} asks for a password`, 'Use -K to be asked for it, or allow NOPASSWD on the host.')
  if (/not in the sudoers|is not allowed|may not run sudo/.test(errors)) return fail(`${loginUser} may not become ${user} on ${host}${said(errors)}`, `Let sudoers on ${host} allow it.`)
  if (/unknown user|does not exist/.test(errors)) return fail(`there is no user ${user} on ${host}`, 'Correct the become user, or create the user in an earlier play.')
  if (/command not found/.test(errors)) return fail(`there is no sudo on ${host}`, 'Install sudo, or log in as the user that is wanted.')
  return fail(`sudo on ${host} ended without a shell for ${user}${said(errors)}`, `Try "sudo -u ${user} true" on the host.`)
}

function said(errors: string): string {
  // oxlint-disable-next-line no-control-regex -- what a host says must not steer a terminal
  const text = Buffer.from(errors, 'latin1').toString('utf8').replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
  return text === '' ? '' : `: ${text.slice(-300)}`
}
