import { quote } from '../model/command.ts'
import type { BecomeMethodName } from '../model/host.ts'
import type { Secret } from '../model/secret.ts'
import { STAGE_ZERO } from './shell-loop.ts'

/** Who to become, and what may be told for it. */
export interface BecomeRequest {
  readonly user: string
  readonly host: string
  readonly loginUser: string
  readonly password: Secret<string> | undefined
  readonly interpreter: string
  /** Milliseconds. */
  readonly timeout: number
}

/** What a line is made of; tokens are hex, made up for this line alone. */
export interface BecomeWords {
  readonly user: string
  /** The host's POSIX shell: words. */
  readonly interpreter: string
  /** sh for the other user's shell, quoted as one word. */
  readonly stage: string
  /** Whether there is a password to give. Without one the program must be kept from asking, so that no attempt is counted. */
  readonly ask: boolean
  /** For programs that can be told what to ask with. */
  readonly token: string
}

/** A program that makes another user of us. */
export interface BecomeMethod {
  readonly name: BecomeMethodName
  /** What is tried first. */
  readonly way: Way
  /** Where the host says who may become whom. */
  readonly rules: string
  /** What a person may type to see it fail. */
  readonly trial: (user: string) => string
  /** Whose password it asks for. */
  readonly account: (request: BecomeRequest) => string
  /** What its last words mean, in the words of the next step; `undefined` where they say nothing in particular. */
  readonly explain: (words: string, request: BecomeRequest) => Explanation | undefined
}

/** One way to ask such a program. */
export interface Way {
  /** Whether the channel has to be a terminal. */
  readonly terminal: boolean
  /** sh that ends in the program (`exec`): it replaces the login user's stage-zero shell. */
  readonly line: (words: BecomeWords) => string
  /** How the text ends when it waits for the password. */
  readonly prompt: (token: string) => RegExp
  /** Another way, where these last words refuse only this one: nothing was asked for, and no attempt counted. */
  readonly instead: (words: string, request: BecomeRequest) => Way | undefined
}

export interface Explanation {
  /** Default `become`. */
  readonly reason?: 'no-such-user'
  readonly message: string
  readonly remedy: string
}

/** Where programs live on every Linux; used where the login user's PATH is not to be trusted with another user's shell. */
export const SAFE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * What the other user's shell does first: says `up` and who it is, and takes our line.
 *
 * In a terminal it first makes a plain channel of bytes of it; then it goes on in a session of its own, where the end of the terminal is an end of
 * input and not SIGHUP: a task that runs may end, and the shell cleans up, as without a terminal.
 */
export function stage({ up, terminal, interpreter }: { up: string; terminal: boolean; interpreter: string }): string {
  const says = `echo; echo ${up} $(id -un 2>/dev/null)`
  if (!terminal) return `${says}; ${STAGE_ZERO}`
  return `unset TERM; stty raw -echo; ${says}; if command -v setsid >/dev/null; then setsid ${interpreter} -c ${quote(STAGE_ZERO)}; else trap "" HUP; ${STAGE_ZERO}; fi`
}

/** The password prompt of PAM and of programs that speak like it. */
export const PASSWORD_PROMPT = /password[^\n]{0,80}: ?$/i
