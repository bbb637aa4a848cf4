import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Task } from '../../engine/model/task.ts'
import { unarchive } from '../../engine/resources/unarchive.ts'
import { hostileNames } from './support/hostile-names.ts'
import { survivesBeingKilled } from './support/interruption.ts'
import { arranged, converge, differences, obeysTheLaws, type Case } from './support/laws.ts'
import { controllerFile, localHost } from './support/local-host.ts'
import { needsRoot, root, scratch } from './support/scratch.ts'
import { anyShell, shells } from './support/shells.ts'
import { treeOf } from './support/tree.ts'

const NOBODY = 65534
const archive = (folder: string): string => join(folder, 'tool.tar')
const place = (folder: string): string => join(folder, 'opt')

const packs = new Map<string, string>()

/** A small release with a setuid program and a link, packed by another user, with the mtime of its version; each is packed once. */
function pack(folder: string, { version = 1, flags = '-z' }: { version?: number; flags?: string } = {}): void {
  const key = `${version}${flags}`
  const made = packs.get(key) ?? makePack(version, flags)
  packs.set(key, made)
  copyFileSync(made, archive(folder))
}

function makePack(version: number, flags: string): string {
  const tree = scratch()
  const top = join(tree, 'tool')
  for (const path of ['bin', 'lib/deep', 'empty']) mkdirSync(join(top, path), { recursive: true })
  writeFileSync(join(top, 'bin/tool'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 })
  for (const name of ['a', '.hidden', '..odd', 'deep/b c']) writeFileSync(join(top, 'lib', name), `${name} ${version}\n`)
  symlinkSync('bin', join(top, 'current'))
  chmodSync(join(top, 'bin/tool'), 0o4777)
  execFileSync('tar', ['-c', flags, '-f', archive(tree), '--owner=1234', '--group=1234', `--mtime=@170000000${version}`, '--sort=name', '-C', tree, 'tool'], { stdio: 'ignore' })
  return archive(tree)
}
const packed = (folder: string): void => (mkdirSync(place(folder)), pack(folder))
const wanted = (folder: string): Task => unarchive({ source: archive(folder), path: place(folder), stripComponents: 1 })

/** The release unpacked, then something done to it. */
const unpacked = (folder: string): Promise<void> => {
  packed(folder)
  return converge(localHost({ shell: anyShell, scratch: folder }), wanted(folder)).then(() => undefined)
}
const after = (doing: (place: string) => void) => (folder: string): Promise<void> => unpacked(folder).then(() => doing(place(folder)))
const isWhole = (folder: string): void => {
  expect(readdirSync(place(folder)).toSorted()).toEqual(['bin', 'current', 'empty', 'lib'])
  expect(readFileSync(join(place(folder), 'lib/deep/b c'), 'utf8')).toBe('deep/b c 1\n')
  expect(readlinkSync(join(place(folder), 'current'))).toBe('bin')
  expect(statSync(join(place(folder), 'bin/tool')).mode & 0o7777).toBe(0o755)
  if (root) expect(statSync(join(place(folder), 'bin/tool')).uid).toBe(0)
}

obeysTheLaws('unarchive', [
  { given: 'an empty directory', arrange: packed, task: wanted, differs: ['content'], afterwards: isWhole },
  { given: 'what was unpacked', arrange: unpacked, task: wanted, differs: [], afterwards: isWhole },
  { given: 'a link that points elsewhere since', arrange: after(path => (rmSync(join(path, 'current')), symlinkSync('lib', join(path, 'current')))), task: wanted, differs: ['files'], afterwards: isWhole },
  ...Object.entries({ 'no compression': '-v', xz: '-J', bzip2: '-j' }).map(([given, flags]): Case => ({
    given, arrange: folder => (mkdirSync(place(folder)), pack(folder, { flags })), task: wanted, differs: ['content'], afterwards: isWhole,
  })),
])

obeysTheLaws('unarchive', [
  { given: 'a file edited since', arrange: after(path => writeFileSync(join(path, 'lib/a'), 'edited')), task: wanted, differs: ['files'], afterwards: isWhole },
  { given: 'another mode since', arrange: after(path => chmodSync(join(path, 'bin/tool'), 0o700)), task: wanted, differs: ['files'], afterwards: isWhole },
  { given: 'another owner since', skip: needsRoot, arrange: after(path => chownSync(join(path, 'bin/tool'), NOBODY, 0)), task: wanted, differs: ['files'], afterwards: isWhole },
  { given: 'a file removed since', arrange: after(path => rmSync(join(path, 'lib/..odd'))), task: wanted, differs: ['files'], afterwards: isWhole },
  { given: 'an empty directory removed since', arrange: after(path => rmSync(join(path, 'empty'), { recursive: true })), task: wanted, differs: ['files'], afterwards: isWhole },
  {
    given: 'something beside what was unpacked', arrange: after(path => writeFileSync(join(path, 'lib/beside'), '')), task: wanted, differs: [],
  },
  {
    given: 'an older release, with something beside it', differs: ['content'], task: wanted,
    arrange: async folder => (await after(path => writeFileSync(join(path, 'lib/beside'), ''))(folder), pack(folder, { version: 2 })),
    afterwards: folder => {
      expect(readFileSync(join(place(folder), 'bin/tool'), 'utf8')).toContain('echo 2')
      expect(existsSync(join(place(folder), 'lib/beside'))).toBe(true)
    },
  },
  { given: 'other directories left out', arrange: unpacked, task: folder => unarchive({ source: archive(folder), path: place(folder) }), differs: ['content'], afterwards: folder => expect(readdirSync(place(folder))).toContain('tool') },
  { given: 'an archive of the target', arrange: packed, task: folder => unarchive({ archive: archive(folder), path: place(folder), stripComponents: 1 }), differs: ['content'], afterwards: isWhole },
  {
    given: 'an archive of the target that is gone after it was unpacked', differs: [],
    arrange: async folder => {
      packed(folder)
      const { sha256 } = controllerFile(archive(folder))
      await converge(localHost({ shell: anyShell, scratch: folder }), unarchive({ archive: archive(folder), path: place(folder), sha256 }))
      writeFileSync(join(folder, 'sum'), sha256)
      rmSync(archive(folder))
    },
    task: folder => unarchive({ archive: archive(folder), path: place(folder), sha256: readFileSync(join(folder, 'sum'), 'utf8') }),
  },
], [anyShell])

obeysTheLaws('unarchive', hostileNames.filter(([what]) => !what.includes('newline')).flatMap(([what, name]): Case[] => [
  {
    given: `${what} in its place and its archive's name`, differs: ['content'],
    arrange: folder => (pack(folder), execFileSync('mv', ['--', archive(folder), join(folder, `${name.slice(0, 250)}.tar`)]), mkdirSync(join(folder, name))),
    task: folder => unarchive({ archive: join(folder, `${name.slice(0, 250)}.tar`), path: join(folder, name) }),
    afterwards: folder => expect(readdirSync(join(folder, name))).toEqual(['tool']),
  },
  {
    given: `${what} in the names inside`, differs: ['content'],
    arrange: folder => {
      const tree = scratch()
      mkdirSync(join(tree, name))
      writeFileSync(join(tree, name, name), 'x')
      mkdirSync(place(folder))
      execFileSync('tar', ['-czf', archive(folder), '--mtime=@1700000000', '-C', tree, '.'])
    },
    task: folder => unarchive({ source: archive(folder), path: place(folder) }),
    afterwards: folder => expect(readdirSync(join(place(folder), name))).toEqual([name]),
  },
]), [anyShell])

survivesBeingKilled('unarchive', [
  { given: 'an older release', arrange: async folder => (await unpacked(folder), pack(folder, { version: 2 })), task: wanted, differs: [], observed: place, inSteps: true },
])

/** An archive with members that no honest tar would write. */
function forge(folder: string, members: readonly { name: string; link?: string; hard?: boolean }[]): void {
  mkdirSync(place(folder))
  const blocks = members.flatMap(({ name, link = '', hard = false }) => {
    const header = Buffer.alloc(512)
    const size = link ? 0 : 2
    header.write(name, 0)
    header.write('0000644\0' + '0000000\0' + '0000000\0' + size.toString(8).padStart(11, '0') + '\0' + '14524770400\0', 100)
    header.write('        ', 148)
    header.write(link ? (hard ? '1' : '2') : '0', 156)
    header.write(link, 157)
    header.write('ustar\0' + '00', 257)
    header.write(header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0') + '\0 ', 148)
    return link ? [header] : [header, Buffer.alloc(512, 'x\n\0'.slice(0, 2).padEnd(512, '\0'))]
  })
  writeFileSync(archive(folder), Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

async function refusalOf(folder: string, task: Task): Promise<string> {
  const host = localHost({ shell: anyShell, scratch: folder })
  const look = await host.look(task)
  if (look.type === 'failed') return look.result.stderr
  const result = await host.apply(task, look.apply())
  expect(result.status).not.toBe(0)
  return result.stderr
}

describe.each(shells)('an archive with $name', shell => {
  test.each([
    ['a name that climbs', [{ name: 'a/../../victim/x' }], /lead(s)? out of its directory.*\. Nothing was unpacked/],
    ['an absolute name', [{ name: '/tmp/ts-play-forged' }], /lead(s)? out of its directory/],
    ['a link out and a file behind it', [{ name: 'a', link: '../victim' }, { name: 'a/x' }], /./],
    ['an absolute link out and a file behind it', [{ name: 'a', link: '/tmp' }, { name: 'a/ts-play-forged' }], /./],
    ['a hard link out', [{ name: 'a', link: '../victim/secret', hard: true }], /./],
    ['a hard link out through a link', [{ name: 'l', link: '../victim' }, { name: 'h', link: 'l/secret', hard: true }], /./],
  ])('with %s changes nothing', async (_, members, message) => {
    const folder = scratch()
    forge(folder, members)
    mkdirSync(join(folder, 'victim'))
    writeFileSync(join(folder, 'victim/secret'), 'x')
    const before = [...treeOf(join(folder, 'victim'))]
    const task = unarchive({ source: archive(folder), path: place(folder) })
    const host = localHost({ shell, scratch: folder })
    const look = await host.look(task)
    const result = look.type === 'seen' ? await host.apply(task, look.apply()) : undefined
    expect(result?.status).not.toBe(0)
    expect(result?.stderr).toMatch(message)
    expect(treeOf(join(folder, 'victim'))).toEqual(before)
    expect(readdirSync(place(folder))).toEqual([])
    expect(existsSync('/tmp/ts-play-forged')).toBe(false)
  })
})

describe('an archive', () => {
  test('is looked through by us too, where tar says nothing of a name that climbs', async () => {
    const folder = scratch()
    forge(folder, [{ name: 'a/../../victim/x' }])
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/tar'), '#!/bin/sh\nPATH=/usr/bin:/bin\ntar -P "$@" 2>/dev/null\n', { mode: 0o755 })
    const host = localHost({ shell: anyShell, scratch: folder, tools: [join(folder, 'bin')] })
    const task = unarchive({ source: archive(folder), path: place(folder) })
    const look = await host.look(task)
    const result = look.type === 'seen' ? await host.apply(task, look.apply()) : undefined
    expect(result?.stderr).toBe('the archive holds a/../../victim/x, which leads out of its directory. Nothing was unpacked.\n')
    expect(existsSync(join(folder, 'victim'))).toBe(false)
  })

  test('tells which files are not as they were unpacked, twenty at most', async () => {
    const folder = scratch()
    await after(path => (writeFileSync(join(path, 'lib/deep/b c'), 'edited'), rmSync(join(path, 'bin/tool'))))(folder)
    expect(await differences(localHost({ shell: anyShell, scratch: folder }), wanted(folder))).toEqual([
      { effect: 'modifies', attribute: 'files', from: { type: 'value', value: 'changed or missing: bin/tool, lib/deep/b c' }, to: { type: 'value', value: 'as unpacked' } },
    ])
  })

  test('moves over nothing of another type, and before it moves anything', async () => {
    const folder = scratch()
    packed(folder)
    mkdirSync(join(place(folder), 'lib/a'), { recursive: true })
    expect(await refusalOf(folder, wanted(folder))).toMatch(/opt\/lib\/a is a directory, and the archive holds a file of that name\. Nothing was unpacked/)
    expect(readdirSync(place(folder))).toEqual(['lib'])
    rmSync(join(place(folder), 'lib'), { recursive: true })
    symlinkSync('../elsewhere', join(place(folder), 'lib'))
    expect(await refusalOf(folder, wanted(folder))).toMatch(/opt\/lib is no directory, and the archive holds one of that name/)
  })

  test('puts a file in the place of a link, not through it', async () => {
    const folder = scratch()
    packed(folder)
    mkdirSync(join(place(folder), 'lib'))
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), join(place(folder), 'lib/a'))
    await converge(localHost({ shell: anyShell, scratch: folder }), wanted(folder))
    expect(lstatSync(join(place(folder), 'lib/a')).isFile()).toBe(true)
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([])
  })

  test('is not unpacked where another user can exchange names', async context => {
    context.skip(needsRoot !== undefined, needsRoot)
    const { folder, task } = await arranged({ arrange: packed, task: wanted }, anyShell)
    chownSync(place(folder), NOBODY, NOBODY)
    expect(await refusalOf(folder, task)).toBe(`others can exchange names in ${place(folder)}, so nothing is unpacked there as this user. Run the task as its owner (become), or let only the owner write.\n`)
    expect(readdirSync(place(folder))).toEqual([])
  })

  test.each([
    ['a zip', Buffer.from('PK\u0003\u0004xxxxxxxxxx'), /a zip archive: only tar is unpacked/],
    ['no archive at all', Buffer.from('hello, world'), /tar: /],
  ])('that is %s is refused', async (_, content, message) => {
    const folder = scratch()
    mkdirSync(place(folder))
    writeFileSync(archive(folder), content)
    expect(await refusalOf(folder, wanted(folder))).toMatch(message)
    expect(readdirSync(place(folder))).toEqual([])
  })

  test('on the target has to be there, and is refused when it is not the one that was meant', async () => {
    const folder = scratch()
    mkdirSync(place(folder))
    expect(await refusalOf(folder, unarchive({ archive: '/no/such.tar', path: place(folder) }))).toMatch(/\/no\/such\.tar is no file\. Bring it about before this task: download/)
    pack(folder)
    expect(await refusalOf(folder, unarchive({ archive: archive(folder), path: place(folder), sha256: 'a'.repeat(64) }))).toMatch(/expected sha256 a{64}, got [0-9a-f]{64}/)
  })

  test.each([
    [() => unarchive({ source: 'x', path: '/x' }), 'source must be an absolute path on the controller, got "x"'],
    [() => unarchive({ source: '/x', path: '/x', stripComponents: -1 }), 'stripComponents must be a whole number from 0, got -1'],
    [() => unarchive({ archive: '/x', path: '/x', sha256: 'x' }), 'sha256 must have 64 hexadecimal digits, got "x"'],
  ])('with a spec that cannot be meant is refused before any connection', (make, message) => {
    expect(make).toThrow(message)
  })
})
