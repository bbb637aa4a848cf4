import { createInterface } from 'node:readline/promises'
import type { Step } from '../run/context.ts'
import { changeSummary } from '../render/change-summary.ts'
import { oneLine } from '../render/escape.ts'

/** `--step`: asks before each change, one question at a time; `c` asks no more. Ctrl-C is a no, and ends the run. */
export function stepper({ stdin, stderr }: Pick<NodeJS.Process, 'stdin' | 'stderr'>, signal: AbortSignal): (step: Step) => Promise<boolean> {
  let all = false
  let turn: Promise<boolean> = Promise.resolve(true)
  const ask = async ({ host, play, title, changes }: Step): Promise<boolean> => {
    if (all) return true
    if (signal.aborted) return false
    const what = changes.length > 0 ? `: ${changeSummary(changes)}` : ''
    // `terminal: false` leaves Ctrl-C to the terminal, which makes a signal of it.
    const reader = createInterface({ input: stdin, output: stderr, terminal: false })
    try {
      const answer = await reader.question(`[${oneLine(host)}] ${oneLine(play)} : ${oneLine(title)}${what}\n  (N)o/(y)es/(c)ontinue: `, { signal })
      all = /^c(ontinue)?$/i.test(answer.trim())
      return all || /^y(es)?$/i.test(answer.trim())
    } catch {
      return false
    } finally {
      reader.close()
    }
  }
  return step => (turn = turn.then(() => ask(step)))
}
