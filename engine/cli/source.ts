import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { SourceFile } from '../model/session.ts'

/** Bytes read at a time. */
const PIECE = 1024 * 1024

/** A file of fewer bytes is kept as it was read. */
const SMALL = 64 * 1024

/** Reads size and hash of a controller file, with bounded memory, and the content of a small one. `~` is the home folder. @throws with the path when it is no readable file. */
export async function readSource(path: string): Promise<SourceFile> {
  const absolute = path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(path)
  const hash = createHash('sha256')
  let size = 0
  let piece = Buffer.allocUnsafeSlow(SMALL)
  try {
    await using file = await open(absolute)
    for (let at = 0; ; ) {
      const { bytesRead } = await file.read(piece, at, piece.length - at)
      if (bytesRead === 0) break
      hash.update(piece.subarray(at, at + bytesRead))
      size += bytesRead
      at += bytesRead
      if (at < piece.length) continue
      // One buffer for all the rest: a new one for each piece would keep the garbage collector busy for as long as the hash takes.
      if (piece.length < PIECE) piece = Buffer.allocUnsafeSlow(PIECE)
      at = 0
    }
  } catch (error) {
    throw new Error(`${absolute} on this machine cannot be read: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`, { cause: error })
  }
  return { type: 'source-file', path: absolute, size, sha256: hash.digest('hex'), ...(size < SMALL ? { content: new Uint8Array(piece.subarray(0, size)) } : {}) }
}
