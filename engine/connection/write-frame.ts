import { once } from 'node:events'
import type { Channel } from './channel.ts'
import type { FrameMessage } from './frame-message.ts'

/** Milliseconds in which a host that is alive takes at least some bytes. */
const STALL = 60_000
/** Milliseconds from a failed write until the end of its channel is told. */
const MOMENT = 200

/**
 * Writes a frame: what is in memory in one piece, files as fast as the host takes them and no faster.
 *
 * @param ended aborted when the channel is of no use any more
 * @throws the reason of `ended`, or Error when a file shrank or the host takes no bytes for 60 s
 */
export async function writeFrame(channel: Channel, { head, blobs, tail }: FrameMessage, ended: AbortSignal): Promise<void> {
  let parts: Uint8Array[] = [Buffer.from(head)]
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(parts)
    parts = []
    await writeBytes(channel, bytes, ended)
  }
  for (const { content } of blobs) {
    if (typeof content !== 'function') parts.push(content)
    else {
      await flush()
      for await (const chunk of content()) await writeBytes(channel, chunk, ended)
    }
  }
  parts.push(Buffer.from(tail))
  await flush()
}

/** Writes bytes when the host takes them. @throws as `writeFrame` */
export async function writeBytes({ input }: Channel, bytes: Uint8Array, ended: AbortSignal): Promise<void> {
  ended.throwIfAborted()
  if (bytes.length === 0 || input.write(bytes)) return
  const stalled = AbortSignal.timeout(STALL)
  try {
    await once(input, 'drain', { signal: AbortSignal.any([ended, stalled]) })
  } catch (thrown) {
    ended.throwIfAborted()
    throw stalled.aborted ? new Error(`the host took no bytes for ${STALL / 1000} s`) : thrown
  }
}

/** Writes bytes and waits until nothing of them is needed any more: their buffer may then be used again. @throws as `writeFrame` */
export async function writeWhole({ input }: Channel, bytes: Uint8Array, ended: AbortSignal): Promise<void> {
  ended.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(() => reject(new Error(`the host took no bytes for ${STALL / 1000} s`)), STALL)
  const fail = (): void => reject(ended.reason instanceof Error ? ended.reason : new Error('the channel was closed'))
  ended.addEventListener('abort', fail, { once: true })
  input.write(bytes, error => {
    // Why the channel ended is told a moment later, in better words.
    if (error) setTimeout(() => reject(new Error(error.message)), MOMENT)
    else resolve()
  })
  try {
    await promise
  } finally {
    clearTimeout(timer)
    ended.removeEventListener('abort', fail)
  }
}
