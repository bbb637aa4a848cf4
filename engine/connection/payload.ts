import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Secret } from '../model/secret.ts'
import type { Payload, Section } from '../model/session.ts'

/** Bytes with a name that both ends know: a part of a frame. */
export interface Blob {
  /** File name in the host's private folder. */
  readonly name: string
  /** Bytes; what `chunks` yields has exactly this length. */
  readonly size: number
  /** In memory, or streamed from disk. */
  readonly content: Uint8Array | (() => AsyncIterable<Uint8Array>)
}

/** A payload as a blob. The name is given by its size: see `stdinFile`. */
export function payloadBlob(payload: Payload, name: (size: number) => string): Blob {
  if (payload instanceof Secret) return bytesBlob(Buffer.from(Secret.reveal(payload), 'utf8'), name)
  if (typeof payload === 'string') return bytesBlob(Buffer.from(payload, 'utf8'), name)
  if (payload instanceof Uint8Array) return bytesBlob(payload, name)
  const { path, size, content } = payload
  if (content) return bytesBlob(content, name)
  return { name: name(size), size, content: () => fileChunks(path, size) }
}

function bytesBlob(bytes: Uint8Array, name: (size: number) => string): Blob {
  return { name: name(bytes.length), size: bytes.length, content: bytes }
}

/** What is wrong with a frame's files, found before the host hears of them; `undefined` when nothing is. */
export async function changedSource(sections: readonly Section[]): Promise<string | undefined> {
  for (const { stdin } of sections) {
    if (stdin === undefined || typeof stdin === 'string' || stdin instanceof Uint8Array || stdin instanceof Secret || stdin.content) continue
    const size = await stat(stdin.path).then(found => found.size, () => undefined)
    if (size !== stdin.size) return size === undefined ? `${stdin.path} cannot be read any more` : `${stdin.path} had ${stdin.size} bytes when it was planned and has ${size} now`
  }
  return undefined
}

/** @throws Error when the file does not have the promised size any more: the frame was announced with it. */
async function* fileChunks(path: string, size: number): AsyncIterable<Uint8Array> {
  if (size === 0) return
  let sent = 0
  for await (const chunk of createReadStream(path, { start: 0, end: size - 1, highWaterMark: 256 * 1024 })) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a file stream without encoding yields bytes')
    sent += chunk.length
    yield chunk
  }
  if (sent !== size) throw new Error(`${path} shrank from ${size} to ${sent} bytes while it was sent`)
}
