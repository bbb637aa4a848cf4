import type { Emit } from '../run/context.ts'

/** Ctrl-C and SIGTERM as two signals: the first starts nothing new, the second stops waiting for what runs. */
export function interrupts(emit: Emit) {
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
