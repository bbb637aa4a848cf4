import { createHash } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Spooled } from '../run/context.ts'

/** Writes what comes to a file in a folder that only this user can enter, with bounded memory. Nothing is left of it when that fails. */
export async function spool(chunks: AsyncIterable<Uint8Array>): Promise<Spooled> {
  const folder = await mkdtemp(join(tmpdir(), 'ts-play-fetch-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    const path = join(folder, 'file')
    const hash = createHash('sha256')
    let size = 0
    await using written = await open(path, 'wx', 0o600)
    for await (const chunk of chunks) {
      await written.writeFile(chunk)
      hash.update(chunk)
      size += chunk.length
    }
    return { file: { type: 'source-file', path, size, sha256: hash.digest('hex') }, remove }
  } catch (error) {
    await remove()
    throw error
  }
}
