import { Secret } from '../model/secret.ts'
import type { Target } from './target.ts'

/** What became of the questions that an ssh asked. */
export interface Questions {
  readonly answer: (question: string) => string | undefined
  /** Whether a password was told. */
  readonly told: boolean
  /** The key whose passphrase was told. */
  readonly opened: string | undefined
}

/**
 * Answers ssh's questions: the passphrase of the key that it belongs to, and the password to this user's password question, each once.
 *
 * @param onSecondPassword called when the password is asked for again: it was wrong, and no answer at all would count as another attempt
 */
export function sshQuestions({ user, password, passphrase, privateKeyFile }: Target, onSecondPassword: () => void): Questions {
  let told = false
  let opened: string | undefined
  return {
    get told() {
      return told
    },
    get opened() {
      return opened
    },
    answer: question => {
      const key = /^Enter passphrase for (?:key '(.+)'|(.+)): $/.exec(question)
      if (key) {
        const file = key[1] ?? key[2] ?? ''
        if (!passphrase || opened !== undefined || file !== privateKeyFile) return undefined
        opened = file
        return Secret.reveal(passphrase)
      }
      // `user@host's password: `, or what the host itself asks, which ssh marks with `(user@host) `.
      const asks = new RegExp(String.raw`^(?:\(${escaped(user)}@[^)]*\) |${escaped(user.slice(0, 30))}@\S+'s password: $)`)
      if (password === undefined || !asks.test(question)) return undefined
      if (told) {
        onSecondPassword()
        return undefined
      }
      told = true
      return Secret.reveal(password)
    },
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
}
