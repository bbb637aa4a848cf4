import { spawn } from 'node:child_process'
import { quote } from '../../../engine/model/command.ts'

/** A program on a terminal of its own, and somebody who types. */
export interface Terminal extends AsyncDisposable {
  /** What is on the screen so far. */
  readonly screen: () => string
  /** Waits until the screen shows it, after what was waited for before. */
  readonly shows: (text: string) => Promise<void>
  readonly type: (keys: string) => void
  /** The program's exit code. */
  readonly ended: Promise<number>
}

/** Starts a program on a pseudo terminal: script(1) of util-linux holds it. */
export function terminal(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Terminal {
  const child = spawn('script', ['-qefc', words.map(quote).join(' '), '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TERM: 'xterm', ...environment } })
  let screen = ''
  let seen = 0
  let changed = Promise.withResolvers<void>()
  const wake = (): void => {
    changed.resolve()
    changed = Promise.withResolvers<void>()
  }
  let over = false
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => {
      over = true
      wake()
      resolve(code ?? -1)
    })
  })
  child.stdout.on('data', chunk => {
    screen += String(chunk)
    wake()
  })
  child.stdin.on('error', () => undefined)
  return {
    // The terminal's end is a hangup to whoever still runs on it.
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
    ended,
    screen: () => screen,
    type: keys => void child.stdin.write(keys),
    async shows(text) {
      for (let at = screen.indexOf(text, seen); ; at = screen.indexOf(text, seen)) {
        if (at >= 0) return void (seen = at + text.length)
        if (over) throw new Error(`the program ended without showing ${JSON.stringify(text)}; it showed:\n${screen.slice(seen)}`)
        await changed.promise
      }
    },
  }
}
