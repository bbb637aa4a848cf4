import { quote } from '../model/command.ts'
import { PASSWORD_PROMPT, type BecomeMethod, type BecomeWords, type Way } from './become-method.ts'

function line({ user, interpreter, stage }: BecomeWords, option: string): string {
  return `command -v doas >/dev/null || { echo 'doas: command not found' >&2; exit 127; }; exec doas ${option}-u ${quote(user)} ${interpreter} -c ${stage}`
}

/** doas reads a password from its terminal only. */
const inTerminal: Way = { terminal: true, line: words => line(words, ''), prompt: () => PASSWORD_PROMPT, instead: () => undefined }

const WANTS_PASSWORD = /auth\w* required|tty is required/i

/** Told not to ask: whoever is permitted with `nopass`, or by `persist` a moment ago, needs neither password nor terminal. */
const unasked: Way = { terminal: false, line: words => line(words, '-n '), prompt: () => PASSWORD_PROMPT, instead: (words, { password }) => (password && WANTS_PASSWORD.test(words) ? inTerminal : undefined) }

/** doas of OpenBSD as it is on Linux (opendoas). */
export const doas: BecomeMethod = {
  name: 'doas',
  rules: 'doas.conf',
  trial: user => `doas -u ${user} true`,
  way: unasked,
  account: ({ loginUser }) => `for ${loginUser}`,
  explain: (words, { user, host, loginUser }) => {
    if (WANTS_PASSWORD.test(words)) return { message: `doas on ${host} asks for a password`, remedy: 'Use -K to be asked for it, or permit nopass on the host.' }
    if (/not enabled|not permitted/i.test(words)) return { message: `${loginUser} may not become ${user} on ${host}`, remedy: `Let doas.conf on ${host} permit it.` }
    return undefined
  },
}
