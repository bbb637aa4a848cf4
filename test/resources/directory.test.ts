import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { directory } from '../../engine/resources/directory.ts'
import { hostileNames } from './support/hostile-names.ts'
import { survivesBeingKilled } from './support/interruption.ts'
import { converge, differences, obeysTheLaws, type Case } from './support/laws.ts'
import { localHost } from './support/local-host.ts'
import { toolsOfProbe } from './support/probe-cost.ts'
import { needsRoot, scratch } from './support/scratch.ts'
import { anyShell } from './support/shells.ts'

const NOBODY = 65534
const data = (folder: string): string => join(folder, 'data')
const wanted = (folder: string) => directory({ path: data(folder), mode: 0o750 })
const gone = (folder: string) => directory({ path: data(folder), state: 'absent' })
const present = (mode = 0o750) => (folder: string): void => {
  mkdirSync(data(folder))
  chmodSync(data(folder), mode)
}
const full = (folder: string): void => {
  present()(folder)
  mkdirSync(join(data(folder), 'sub'))
  for (const name of ['a', '.hidden', '..odd', 'sub/b']) writeFileSync(join(data(folder), name), '')
}

obeysTheLaws('directory', [
  { given: 'nothing', task: wanted, differs: ['state', 'mode'] },
  { given: 'the directory as wished', arrange: full, task: wanted, differs: [] },
  { given: 'another mode', arrange: present(0o700), task: wanted, differs: ['mode'] },
  { given: 'setgid where none is wished', arrange: present(0o2750), task: wanted, differs: ['mode'] },
  {
    given: 'a sticky directory for everybody as a wish', differs: ['state', 'mode'], task: folder => directory({ path: data(folder), mode: 0o1777 }),
    afterwards: folder => expect(statSync(data(folder)).mode & 0o7777).toBe(0o1777),
  },
  {
    given: 'not even its parents', differs: ['state', 'mode'], task: folder => directory({ path: join(data(folder), 'a/b'), mode: 0o700 }),
    afterwards: folder => expect(['data', 'data/a', 'data/a/b'].map(path => statSync(join(folder, path)).mode & 0o7777)).toEqual([0o755, 0o755, 0o700]),
  },
  {
    given: 'another owner', skip: needsRoot, differs: ['owner'], arrange: folder => (present()(folder), chownSync(data(folder), NOBODY, 0)),
    task: folder => directory({ path: data(folder), mode: 0o750, owner: 'root', group: 'root' }),
  },
  {
    given: 'another group', skip: needsRoot, differs: ['group'], arrange: folder => (present()(folder), chownSync(data(folder), 0, NOBODY)),
    task: folder => directory({ path: data(folder), mode: 0o750, owner: 0, group: 0 }),
  },
  {
    given: 'a link of our own to a directory', differs: ['mode'], task: wanted,
    arrange: folder => (mkdirSync(join(folder, 'disk')), chmodSync(join(folder, 'disk'), 0o700), symlinkSync('disk', data(folder))),
    afterwards: folder => expect(lstatSync(data(folder)).isSymbolicLink()).toBe(true),
  },
  { given: 'a trailing slash and doubled ones', task: folder => directory({ path: `${folder}//data/./x/` }), differs: ['state', 'mode'] },
  { given: 'an empty directory that is to go', arrange: present(), task: gone, differs: ['state'] },
  { given: 'nothing that is to go', task: gone, differs: [] },
  { given: 'a full directory that is to go with all in it', arrange: full, task: folder => directory({ path: data(folder), state: 'absent', recurse: true }), differs: ['state'] },
])

obeysTheLaws('directory', hostileNames.flatMap(([what, name]): Case[] => [
  {
    given: `${what} in its name and its parent's`, task: folder => directory({ path: join(folder, name, name) }), differs: ['state', 'mode'],
    afterwards: folder => expect(readdirSync(join(folder, name))).toEqual([name]),
  },
  {
    given: `${what} in the name of a full one that is to go`, differs: ['state'],
    arrange: folder => (mkdirSync(join(folder, name)), mkdirSync(join(folder, 'bystander')), writeFileSync(join(folder, name, name), '')),
    task: folder => directory({ path: join(folder, name), state: 'absent', recurse: true }),
    afterwards: folder => expect(readdirSync(folder).toSorted()).toEqual(['bystander', 'cwd']),
  },
]), [anyShell])

survivesBeingKilled('directory', [
  { given: 'nothing', task: folder => directory({ path: join(data(folder), 'a/b'), mode: 0o1777 }), differs: [], inSteps: true },
  { given: 'a full one that is to go', arrange: full, task: folder => directory({ path: data(folder), state: 'absent', recurse: true }), differs: [] },
])

const host = (folder: string, uid?: number) => localHost({ shell: anyShell, scratch: folder, uid })

describe('a directory', () => {
  test('costs one tool to look at', async () => {
    const folder = scratch()
    full(folder)
    expect(await toolsOfProbe(wanted(folder))).toEqual(['stat'])
  })

  test('that is not empty is a destruction that nobody permitted', async () => {
    const folder = scratch()
    full(folder)
    expect(await differences(host(folder), gone(folder))).toEqual([{
      effect: 'destroys', attribute: 'state', from: { type: 'value', value: 'directory with 4 entries' }, to: { type: 'absent' }, permitted: false,
      because: 'it is not empty (4 entries); say recurse: true if all of it may go',
    }])
    expect(await differences(host(folder), directory({ path: data(folder), state: 'absent', recurse: true }))).toMatchObject([{ effect: 'destroys', permitted: true }])
  })

  test('that was empty when looked at and is not any more stays', async () => {
    const folder = scratch()
    present()(folder)
    const look = await host(folder).look(gone(folder))
    writeFileSync(join(data(folder), 'just-written'), '')
    const result = look.type === 'seen' ? await host(folder).apply(gone(folder), look.apply()) : undefined
    expect(result?.status).toBe(1)
    expect(readdirSync(data(folder))).toEqual(['just-written'])
  })

  test.each([
    ['a file where it should be', (folder: string) => writeFileSync(data(folder), ''), wanted, /data is not a directory/],
    ['a file where nothing should be', (folder: string) => writeFileSync(data(folder), ''), gone, /data is a file, not a directory/],
    ['a link where nothing should be', (folder: string) => symlinkSync('x', data(folder)), gone, /data is a symlink, not a directory/],
  ])('given %s, is a failed look', async (_, arrange, make, message) => {
    const folder = scratch()
    arrange(folder)
    const look = await host(folder).look(make(folder))
    expect(look.type === 'failed' && look.result.stderr).toMatch(message)
  })

  test('of the system is never removed', () => {
    expect(() => directory({ path: '/etc/', state: 'absent', recurse: true })).toThrow('/etc is a directory of the system and is never removed')
    expect(() => directory({ path: '/', state: 'absent' })).toThrow(TypeError)
  })

  test('keeps the content of what is there when its mode is mended', async () => {
    const folder = scratch()
    full(folder)
    chmodSync(data(folder), 0o700)
    await converge(host(folder), wanted(folder))
    expect(readdirSync(data(folder))).toHaveLength(4)
  })
})
