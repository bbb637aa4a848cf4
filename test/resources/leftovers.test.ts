import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sh } from '../../engine/model/command.ts'
import { file } from '../../engine/resources/file.ts'
import { stagingTag } from '../../engine/resources/staged-file.ts'
import { converge } from './support/laws.ts'
import { localHost } from './support/local-host.ts'
import { scratch } from './support/scratch.ts'
import { anyShell } from './support/shells.ts'
import { toolShim } from './support/tool-shim.ts'
import { leftovers } from './support/tree.ts'

describe('a change', () => {
  test.each([['its own', 0o755, 2], ['that others write', 0o777, 1]] as const)('removes what a killed run of the same file left behind, and nothing else, in a directory %s', async (_, mode, at) => {
    const folder = scratch()
    chmodSync(folder, mode)
    const path = join(folder, 'x')
    const shim = toolShim({ folder: scratch(), shell: anyShell, happening: { at, when: 'after' } })
    const task = file({ path, content: 'new' })
    const host = localHost({ shell: anyShell, scratch: folder })
    const look = await host.look(task)
    if (look.type === 'seen') await localHost({ shell: anyShell, scratch: folder, tools: shim.tools }).apply(task, look.apply())
    expect(leftovers(folder)).toHaveLength(1)
    mkdirSync(join(folder, '.ts-play.other.123456'), { mode: 0o700 })
    mkdirSync(join(folder, 'elsewhere'), { mode: 0o700 })
    writeFileSync(join(folder, 'elsewhere/precious'), '')
    const [stale = ''] = leftovers(folder)
    symlinkSync('elsewhere', join(folder, `${stale.slice(0, -6)}AAAAAA`))
    symlinkSync('elsewhere/precious', join(folder, `${stale.slice(0, -6)}BBBBBB`))
    await converge(host, task)
    expect(leftovers(folder).toSorted()).toEqual([`${stale.slice(0, -6)}AAAAAA`, `${stale.slice(0, -6)}BBBBBB`, '.ts-play.other.123456'].toSorted())
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual(['precious'])
  })

  test.each([['short', undefined], ['judged by a program', sh`test -s`]] as const)('removes what a killed run left behind in whichever way that wrote it, before a file that is %s', async (_, validate) => {
    const folder = scratch()
    const tag = stagingTag('x')
    mkdirSync(join(folder, `.ts-play.${tag}.AbCdEf`), { mode: 0o700 })
    writeFileSync(join(folder, `.ts-play.${tag}.AbCdEf/x`), 'half')
    writeFileSync(join(folder, `.ts-play.${tag}.0123456789abcdef`), 'half')
    await converge(localHost({ shell: anyShell, scratch: folder }), file({ path: join(folder, 'x'), content: 'new', ...(validate && { validate }) }))
    expect(leftovers(folder)).toEqual([])
    expect(readFileSync(join(folder, 'x'), 'utf8')).toBe('new')
  })
})
