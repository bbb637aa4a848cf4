import { Secret } from '../model/secret.ts'
import type { Target } from './target.ts'

/** What became of the questions that an ssh asked. */
export interface Questions {
  readonly answer: (question: string) => string | undefined
  /** Whether a password was told. */
  readonly told: boolean
  /** Keys whose passphrase was told. */
  readonly opened: ReadonlySet<string>
}

/**
 * Answers ssh's questions: the passphrase of a key that it belongs to, and the password to this user's password question, each once.
 *
 * @param onSecondPassword called when the password is asked for again: it was wrong, and no answer at all would count as another attempt
 */
export function sshQuestions({ user, password, passphrase, passphrases, privateKeyFile }: Target, onSecondPassword: () => void): Questions {
  let told = false
  const opened = new Set<string>()
  return {
    get told() {
      return told
    },
    opened,
    answer: question => {
      const key = /^Enter passphrase for (?:key '(.+)'|(.+)): $/.exec(question)
      if (key) {
        const file = key[1] ?? key[2] ?? ''
        const phrase = passphrases?.get(file) ?? (file === privateKeyFile ? passphrase : undefined)
        if (!phrase || opened.has(file)) return undefined
        opened.add(file)
        return Secret.reveal(phrase)
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
