import type { Readable } from 'node:stream'

/** Milliseconds between questions that a live peer answers at once: what a transport sets its keepalives to. */
export const KEEPALIVE = 4000
/** Seconds without a byte after which a peer that is asked every 4 s counts as dead. */
const SILENCE = 16

/**
 * Tells a dead host from a slow one: any byte from it is a sign of life. Answers to keepalives alone would not do, as on a slow line those wait behind
 * a payload for longer than this; but then the host tells what it has taken of that.
 *
 * @param line where bytes of the host come in, already flowing
 * @param onDead called once, with the reason; the caller ends the connection
 * @returns ends the watch
 */
export function watchLife(line: Readable, onDead: (why: string) => void): () => void {
  let silent = 0
  const heard = (): void => void (silent = 0)
  line.on('data', heard)
  // Counted in our own ticks: while we were stopped or suspended ourselves nothing could be heard.
  const timer = setInterval(() => {
    silent += 1
    if (silent < SILENCE) return
    stop()
    onDead(`no sign of life for ${SILENCE} s`)
  }, 1000).unref()
  const stop = (): void => {
    clearInterval(timer)
    line.off('data', heard)
  }
  return stop
}
