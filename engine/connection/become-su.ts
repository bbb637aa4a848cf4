import { quote } from '../model/command.ts'
import { SAFE_PATH, PASSWORD_PROMPT, type BecomeMethod, type BecomeWords, type Way } from './become-method.ts'

/**
 * su keeps the environment that it finds, and with it the login user's PATH: it is started with a clean one.
 *
 * It cannot be told not to ask. Asked in vain it counts an attempt, so without a password it is started for root only.
 */
function line({ user, stage, ask }: BecomeWords): string {
  const su = `exec env -i LC_ALL=C PATH=${SAFE_PATH} USER=${quote(user)} LOGNAME=${quote(user)} su -s /bin/sh -c ${stage} ${quote(user)}`
  const found = `command -v su >/dev/null || { echo 'su: command not found' >&2; exit 127; }`
  return ask ? `${found}; ${su}` : `${found}; [ "$(id -u)" = 0 ] || { echo 'su: a password is required' >&2; exit 1; }; ${su}`
}

const inTerminal: Way = { terminal: true, line, prompt: () => PASSWORD_PROMPT, instead: () => undefined }

/** util-linux and busybox read the password from stdin, byte by byte; shadow's su insists on a terminal. */
const onPipes: Way = { ...inTerminal, terminal: false, instead: words => (/must be run from a terminal|must have a tty/.test(words) ? inTerminal : undefined) }

/** su: it asks for the password of the other user. */
export const su: BecomeMethod = {
  name: 'su',
  rules: '/etc/pam.d/su',
  trial: user => `su ${user} -c true`,
  way: onPipes,
  account: ({ user }) => `of ${user}`,
  explain: (words, { user, host }) => {
    if (/a password is required/.test(words)) return { message: `su on ${host} asks for the password of ${user}`, remedy: 'Use -K to be asked for it.' }
    if (/not available|nologin|restricted shell/.test(words)) return { message: `${user} on ${host} has no login shell, and su lets only root do without`, remedy: 'Use sudo or doas on that host, or become root.' }
    return undefined
  },
}
