import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readSource } from '../../engine/cli/source.ts'
import { Sources } from '../../engine/run/sources.ts'
import { sha256 } from '../../engine/resources/staged-file.ts'
import { copy } from '../../engine/index.ts'

const KIB = 1024

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'ts-play-sources-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test.each([0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 3 * KIB * KIB + 5])('a file of %i bytes has its sum, and its content if it is small', async size => {
  const path = join(folder(), 'file')
  const bytes = Buffer.from(Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) % 256))
  writeFileSync(path, bytes)
  const file = await readSource(path)
  expect(file).toMatchObject({ path, size, sha256: sha256(bytes) })
  if (size < 64 * KIB) expect(file.content && bytes.equals(file.content)).toBe(true)
  else expect(file.content).toBeUndefined()
})

test('a run keeps 16 MiB of content, and reads no file twice', async () => {
  const read: string[] = []
  const content = new Uint8Array(60 * KIB)
  const sources = new Sources({ readSource: async path => (read.push(path), { type: 'source-file', path, size: content.length, sha256: 'x', content }) })
  const paths = Array.from({ length: 300 }, (_, index) => `/from/${index}`)
  const tasks = paths.map(source => copy({ source, path: '/to' }))
  const of = await sources.of(tasks)
  const kept = paths.filter(path => of(path).content !== undefined)
  expect(kept).toHaveLength(Math.floor((16 * KIB * KIB) / content.length))
  expect((await sources.of(tasks))(paths[299]!).sha256).toBe('x')
  expect(read).toHaveLength(300)
})
