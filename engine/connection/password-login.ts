import type { AnyAuthMethod, AuthenticationType } from 'ssh2'
import { Secret } from '../model/secret.ts'

interface PasswordLogin {
  readonly username: string
  readonly password: Secret<string>
  /** The kinds of login that the host names. */
  readonly offered: readonly AuthenticationType[]
  /** Hears what else the host wanted to know. */
  readonly tell: (note: string) => void
}

/** A login by password, by the one of its two ways that the host names: both would count as two wrong passwords. `undefined`: the host takes none. */
export function passwordLogin({ username, password, offered, tell }: PasswordLogin): AnyAuthMethod | undefined {
  const word = Secret.reveal(password)
  if (offered.includes('password')) return { type: 'password', username, password: word }
  if (!offered.includes('keyboard-interactive')) return undefined
  let told = false
  return {
    type: 'keyboard-interactive',
    username,
    // One hidden question is the password's, once. Another one (a code, a new password) is not ours to answer, and the password is no answer to it.
    prompt: (_name, _text, _language, prompts, finish) => {
      const mine = !told && prompts.length === 1 && prompts[0]?.echo !== true
      if (mine) told = true
      else tell(`(it asks for more than a password: ${prompts.map(({ prompt }) => shown(prompt)).join(' ')})`)
      finish(prompts.map(() => (mine ? word : '')))
    },
  }
}

function shown(question: string): string {
  // oxlint-disable-next-line no-control-regex -- what a host says must not steer a terminal
  return JSON.stringify(question.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim().slice(-80))
}
