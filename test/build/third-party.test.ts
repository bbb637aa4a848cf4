import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { noticeOf, packageFolder, page } from '../../.ci/build/third-party.ts'

describe('the notices of others', () => {
  test.each([
    ['/a/node_modules/yaml/dist/index.js', '/a/node_modules/yaml'],
    ['/a/node_modules/@b/c/index.js', '/a/node_modules/@b/c'],
    ['/a/node_modules/b/node_modules/c/index.js', '/a/node_modules/b/node_modules/c'],
    ['/a/engine/index.ts', undefined],
  ])('%s belongs to %s', (module, folder) => {
    expect(packageFolder(module)).toBe(folder)
  })

  test('a package without its license along is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ts-play-notice-'))
    try {
      await writeFile(join(folder, 'package.json'), '{ "name": "bare", "version": "1.0.0", "license": "MIT" }')
      expect(() => noticeOf(folder)).toThrow('bare 1.0.0 has no license along')
      await writeFile(join(folder, 'LICENCE.txt'), 'do as you like\n')
      expect(noticeOf(folder)).toEqual({ name: 'bare', version: '1.0.0', license: 'MIT', text: 'do as you like' })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('stand in order, each with its text', () => {
    const text = page([{ name: 'b', version: '2.0.0', license: 'ISC', text: 'of b' }, { name: 'a', version: '1.0.0', license: 'MIT', text: 'of a' }])
    expect(text).toMatch(/\| a \| 1\.0\.0 \| MIT \|\n\| b \| 2\.0\.0 \| ISC \|\n[^]*of a[^]*of b/)
  })
})
