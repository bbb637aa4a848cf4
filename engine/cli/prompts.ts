import { createInterface, type Interface } from 'node:readline'
import { Secret } from '../model/secret.ts'

/** A secret that somebody gave, or why there is none. */
export type Answer = { readonly secret: Secret<string> } | { readonly problem: string; readonly hint: string }

/** Asks whoever runs the program. */
export interface Prompts extends Disposable {
  /** Whether a question is shown to a person. Otherwise each answer is a line of stdin, in the order of the questions. */
  readonly person: boolean
  /** @param fallback what an empty answer means; without it, it is none */
  ask(what: string, fallback?: Secret<string>): Promise<Answer>
  /** A line for the person. */
  say(text: string): void
}

/** On a terminal nothing of an answer is shown; without one, stdin is read as far as the questions go. */
export function openPrompts({ stdin, stderr }: Pick<NodeJS.Process, 'stdin' | 'stderr'>): Prompts {
  let reader: Interface | undefined
  let lines: AsyncIterator<string> | undefined
  const nextLine = async (): Promise<string | undefined> => {
    reader ??= createInterface({ input: stdin, crlfDelay: Infinity })
    lines ??= reader[Symbol.asyncIterator]()
    const next = await lines.next()
    return next.done === true ? undefined : next.value
  }
  return {
    person: stdin.isTTY,
    async ask(what, fallback) {
      const text = stdin.isTTY ? await typed(what, { stdin, stderr }) : await nextLine()
      if (text !== undefined && text !== '') return { secret: new Secret(text) }
      if (text === '' && fallback) return { secret: fallback }
      return stdin.isTTY ? { problem: `no ${what} was typed`, hint: 'leave the option out where none is needed' } : { problem: `no ${what} was given: stdin is no terminal to ask on, and has no line for it`, hint: 'run it on a terminal, or give the password as a line of stdin' }
    },
    say: text => void stderr.write(`${text}\n`),
    [Symbol.dispose]() {
      reader?.close()
    },
  }
}

async function typed(what: string, { stdin, stderr }: Pick<NodeJS.Process, 'stdin' | 'stderr'>): Promise<string> {
  // Before the question: what is typed the moment it appears must not be echoed.
  stdin.setRawMode(true)
  stderr.write(`${what}: `)
  try {
    return await hiddenLine(stdin)
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}

function hiddenLine(input: NodeJS.ReadStream): Promise<string> {
  return new Promise(resolve => {
    let line = ''
    const onData = (chunk: Buffer): void => {
      for (const character of chunk.toString('utf8')) {
        if (character === '\r' || character === '\n' || character === '\u0004') {
          input.off('data', onData)
          return resolve(line)
        }
        // Raw mode keeps Ctrl-C from being a signal: make it the one it would have been.
        if (character === '\u0003') {
          input.setRawMode(false)
          process.kill(process.pid, 'SIGINT')
        } else if (character === '\u007f' || character === '\b') line = Array.from(line).slice(0, -1).join('')
        else line += character
      }
    }
    input.on('data', onData)
    input.resume()
  })
}
