import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectFailure } from '../model/session.ts'

/** What one try came to: an answer, or a reason to try again. */
export type Attempt<T> = { readonly type: 'done'; readonly result: T | ConnectFailure } | { readonly type: 'again'; readonly why: string }

interface Retrying<T> {
  /** Milliseconds for all tries together. */
  readonly timeout: number
  readonly signal?: AbortSignal
  /** Waits until a try may begin; what it waits counts for nobody's time. Default: at once. */
  readonly turn?: <R>(attempt: () => Promise<R>) => Promise<R>
  /** @param remaining milliseconds left */
  readonly attempt: (remaining: number) => Promise<Attempt<T>>
  readonly giveUp: (why: string) => ConnectFailure
}

/**
 * Tries until there is an answer or the time is up, with pauses that double from 250 ms to 4 s. The jitter keeps many hosts behind one sshd from
 * coming back together; the doubling keeps sshd (9.8 and later) from taking the tries for an attack.
 */
export async function retrying<T>({ timeout, signal, turn = run => run(), attempt, giveUp }: Retrying<T>): Promise<T | ConnectFailure> {
  let until = performance.now() + timeout
  const whys: string[] = []
  for (let tries = 0; ; tries++) {
    if (signal?.aborted) return giveUp('interrupted')
    const asked = performance.now()
    const outcome = await turn<Attempt<T>>(async () => {
      until += performance.now() - asked
      // Interrupted while it waited.
      if (signal?.aborted) return { type: 'again', why: 'interrupted' }
      return attempt(Math.max(1, until - performance.now()))
    })
    if (outcome.type === 'done') return outcome.result
    const pause = Math.min(4000, 250 * 2 ** tries) * (0.5 + Math.random())
    const left = until - performance.now()
    // The last try may have been cut short by the end of the time, and know nothing.
    const before = whys.findLast(why => why !== outcome.why)
    if (pause >= left) return giveUp(`${outcome.why} (${tries + 1} ${tries === 0 ? 'try' : 'tries'} in ${Math.ceil((timeout - left) / 1000)} s${before === undefined ? '' : `; before: ${before}`})`)
    whys.push(outcome.why)
    await sleep(pause, undefined, { signal }).catch(() => undefined)
  }
}
