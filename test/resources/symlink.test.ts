import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { symlink } from '../../engine/resources/symlink.ts'
import { hostileNames } from './support/hostile-names.ts'
import { survivesBeingKilled } from './support/interruption.ts'
import { obeysTheLaws, type Case } from './support/laws.ts'
import { localHost } from './support/local-host.ts'
import { toolsOfProbe } from './support/probe-cost.ts'
import { scratch } from './support/scratch.ts'
import { anyShell } from './support/shells.ts'

const current = (folder: string): string => join(folder, 'current')
const wanted = (folder: string) => symlink({ path: current(folder), target: 'releases/2' })
const gone = (folder: string) => symlink({ path: current(folder), state: 'absent' })

obeysTheLaws('symlink', [
  { given: 'nothing', task: wanted, differs: ['target'], afterwards: folder => expect(readlinkSync(current(folder))).toBe('releases/2') },
  { given: 'the link as wished', arrange: folder => symlinkSync('releases/2', current(folder)), task: wanted, differs: [] },
  { given: 'another target', arrange: folder => symlinkSync('releases/1', current(folder)), task: wanted, differs: ['target'] },
  {
    given: 'a target that is a directory', task: wanted, differs: ['target'],
    arrange: folder => (mkdirSync(join(folder, 'releases/1'), { recursive: true }), symlinkSync('releases/1', current(folder))),
    afterwards: folder => expect(readdirSync(join(folder, 'releases/1'))).toEqual([]),
  },
  { given: 'a link that is to go', arrange: folder => symlinkSync('x', current(folder)), task: gone, differs: ['target'] },
  { given: 'nothing that is to go', task: gone, differs: [] },
])

obeysTheLaws('symlink', hostileNames.flatMap(([what, name]): Case[] => [
  { given: `${what} in its path`, task: folder => symlink({ path: join(folder, name), target: 'x' }), differs: ['target'], afterwards: folder => expect(readlinkSync(join(folder, name))).toBe('x') },
  { given: `${what} in its target`, task: folder => symlink({ path: current(folder), target: name }), differs: ['target'], afterwards: folder => expect(readlinkSync(current(folder))).toBe(name) },
]), [anyShell])

survivesBeingKilled('symlink', [
  { given: 'nothing', task: wanted, differs: [] },
  { given: 'another target', arrange: folder => symlinkSync('releases/1', current(folder)), task: wanted, differs: [] },
  { given: 'a link that is to go', arrange: folder => symlinkSync('x', current(folder)), task: gone, differs: [] },
])

describe('a symbolic link', () => {
  test('costs two tools to look at', async () => {
    const folder = scratch()
    symlinkSync('releases/2', current(folder))
    expect(await toolsOfProbe(wanted(folder))).toEqual(['stat', 'readlink'])
  })

  test.each([
    ['file', (path: string) => writeFileSync(path, '')],
    ['directory', (path: string) => mkdirSync(path)],
  ])('is not put in the place of a %s, nor is that removed', async (type, arrange) => {
    const folder = scratch()
    arrange(current(folder))
    for (const task of [wanted(folder), gone(folder)]) {
      const look = await localHost({ shell: anyShell, scratch: folder }).look(task)
      expect(look.type === 'failed' && look.result.stderr).toBe(`${current(folder)} is a ${type}, not a symbolic link. Remove it first, or name another path.\n`)
    }
  })

  test('needs a target', () => {
    expect(() => symlink({ path: '/x', target: '' })).toThrow('target must not be empty')
  })
})
