import { chmod, chown, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { folderWith, LOCAL, SITE, type Folder } from './support.ts'

let folder: Folder
beforeEach(async () => {
  folder = await folderWith({ 'site.ts': SITE, 'inventory.yaml': LOCAL })
})
afterEach(() => folder?.[Symbol.asyncDispose]())

const list = (cache: string) => folder.run('site.ts -i inventory.yaml --list-hosts', { environment: { XDG_CACHE_HOME: cache } })

describe('compiled code', () => {
  test('is kept in the user’s cache folder, which nobody else may enter', async () => {
    const kept = join(folder.path, 'cache', 'ts-play', 'node')
    const first = await list(join(folder.path, 'cache'))
    expect(first.code, first.stderr).toBe(0)
    expect((await stat(kept)).mode & 0o777).toBe(0o700)
    expect(await readdir(kept)).toHaveLength(1)
    expect(await list(join(folder.path, 'cache'))).toEqual(first)
  })

  test('is not kept in a folder that others may write to: what lies there is run', async () => {
    const open = join(folder.path, 'cache', 'ts-play', 'node')
    await mkdir(open, { recursive: true })
    await chmod(open, 0o777)
    expect((await list(join(folder.path, 'cache'))).code).toBe(0)
    expect(await readdir(open)).toEqual([])
  })

  test.each([['others may write to', 0o777, undefined], ['somebody else owns', 0o755, 65534]] as const)('is not kept below a folder that %s: they could exchange it', async (_, mode, owner) => {
    const cache = join(folder.path, 'cache')
    await mkdir(join(cache, 'ts-play', 'node'), { recursive: true, mode: 0o700 })
    await chmod(cache, mode)
    if (owner !== undefined && process.getuid?.() === 0) await chown(cache, owner, owner)
    else if (owner !== undefined) return
    expect((await list(cache)).code).toBe(0)
    expect(await readdir(join(cache, 'ts-play', 'node'))).toEqual([])
  })

  test('is done without where no folder can be made', async () => {
    await writeFile(join(folder.path, 'file'), '')
    expect((await list(join(folder.path, 'file'))).code).toBe(0)
  })
})
