import { quote } from '../model/command.ts'
import { SAFE_PATH, type BecomeMethod, type BecomeWords, type Way, PASSWORD_PROMPT } from './become-method.ts'

/** Root without sudo has su, which asks root nothing. */
function line({ user, interpreter, stage, ask, token }: BecomeWords, prompt = `-p ${half(token)}`): string {
  const sudo = `exec sudo ${ask ? `-S ${prompt}` : '-n'} -H -u ${quote(user)} -- ${interpreter} -c ${stage}`
  const su = `exec env -i LC_ALL=C PATH=${SAFE_PATH} USER=${quote(user)} LOGNAME=${quote(user)} su -s /bin/sh -c ${stage} ${quote(user)}`
  return `if command -v sudo >/dev/null; then ${sudo}; elif [ "$(id -u)" = 0 ]; then ${su}; else echo 'sudo: command not found' >&2; exit 127; fi`
}

/** A terminal may show the line that it is typed: the token must not stand in it as the prompt does. */
function half(token: string): string {
  return `${token.slice(0, 16)}''${token.slice(16)}`
}

const inTerminal: Way = { terminal: true, line: words => line(words), prompt: token => new RegExp(token), instead: () => undefined }

/** sudo-rs before 0.2.5 asks with words of its own: `[sudo: authenticate] Password: `. */
const unnamed: Way = { terminal: false, line: words => line(words, ''), prompt: () => PASSWORD_PROMPT, instead: () => undefined }

const onPipes: Way = {
  terminal: false,
  line: words => line(words),
  prompt: token => new RegExp(token),
  instead: words => (/must have a tty/.test(words) ? inTerminal : /(?:invalid|unknown|unrecognized) option/.test(words) ? unnamed : undefined),
}

/** sudo and sudo-rs. The prompt is a token that nobody else knows. */
export const sudo: BecomeMethod = {
  name: 'sudo',
  rules: 'sudoers',
  trial: user => `sudo -u ${user} true`,
  way: onPipes,
  account: ({ loginUser }) => `for ${loginUser}`,
  explain: (words, { host, loginUser }) => {
    if (/must have a tty/.test(words)) return { message: `sudo on ${host} wants a terminal (requiretty)`, remedy: `Add "Defaults:${loginUser} !requiretty" to that host's sudoers.` }
    if (/password is required|authentication is required|no password was provided|terminal is required/i.test(words)) return { message: `sudo on ${host} asks for a password`, remedy: 'Use -K to be asked for it, or allow NOPASSWD on the host.' }
    return undefined
  },
}
