import type { Emit } from '../run/context.ts'

export interface Interrupts extends Disposable {
  /** Start nothing new. */
  readonly finishing: AbortSignal
  /** Stop waiting for what runs. */
  readonly killing: AbortSignal
}

/** Ctrl-C and SIGTERM as two signals: the first lets running tasks end, the second does not wait for them. */
export function interrupts(emit: Emit): Interrupts {
  const finishing = new AbortController()
  const killing = new AbortController()
  const onSignal = (): void => {
    const level = finishing.signal.aborted ? 'kill' : 'finish-running'
    emit({ type: 'interrupted', level })
    if (level === 'kill') killing.abort()
    else finishing.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    finishing: finishing.signal,
    killing: killing.signal,
    [Symbol.dispose]() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
