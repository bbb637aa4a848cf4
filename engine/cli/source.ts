import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { SourceFile } from '../model/session.ts'

/** Reads size and hash of a controller file, with bounded memory. `~` is the home folder. @throws with the path when it is no readable file. */
export async function readSource(path: string): Promise<SourceFile> {
  const absolute = path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(path)
  const hash = createHash('sha256')
  let size = 0
  try {
    await pipeline(createReadStream(absolute), async function (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk)
        size += chunk.length
      }
    })
  } catch (error) {
    throw new Error(`${absolute} on this machine cannot be read: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`, { cause: error })
  }
  return { type: 'source-file', path: absolute, size, sha256: hash.digest('hex') }
}
