import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isFailure } from '../../engine/connection/failure.ts'
import { localTransport } from '../../engine/connection/local.ts'
import { openShell } from '../../engine/connection/open-shell.ts'
import { secret } from '../../engine/model/secret.ts'
import type { Task } from '../../engine/model/task.ts'
import { copy } from '../../engine/resources/copy.ts'
import { directory } from '../../engine/resources/directory.ts'
import { file } from '../../engine/resources/file.ts'
import { lineInFile } from '../../engine/resources/line-in-file.ts'
import { fileShell, sha256 } from '../../engine/resources/staged-file.ts'
import { symlink } from '../../engine/resources/symlink.ts'
import { systemdUnit } from '../../engine/resources/systemd-unit.ts'
import { probeSection } from '../../engine/run/scope.ts'
import { shells } from '../connection/machine.ts'
import { calm, results, shellHere, target } from '../connection/open.ts'
import { needsRoot, root, scratch } from './support/scratch.ts'
import { anyShell } from './support/shells.ts'
import { toolShim } from './support/tool-shim.ts'

// Below directories that others write, such as /tmp, nothing is told.
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(root ? '/run' : homedir(), 'ts-play-paths-'))
  chmodSync(folder, 0o755)
  for (const name of ['safe', 'shared', 'sticky', 'foreign', 'shared/below', 'safe/below']) mkdirSync(join(folder, name), { mode: 0o755 })
  for (const name of ['safe', 'shared', 'sticky', 'foreign', 'shared/below', 'safe/below']) writeFileSync(join(folder, name, 'f'), `of ${name}`)
  writeFileSync(join(folder, 'safe/large'), '')
  truncateSync(join(folder, 'safe/large'), 8 * 1024 * 1024 + 1)
  symlinkSync('safe', join(folder, 'link'))
  symlinkSync('f', join(folder, 'safe/link'))
  chmodSync(join(folder, 'shared'), 0o775)
  chmodSync(join(folder, 'sticky'), 0o1777)
  if (root) chownSync(join(folder, 'foreign'), 65_534, 65_534)
})
afterAll(() => rmSync(folder, { recursive: true }))

const sumOf = (name: string): string => sha256(`of ${name}`)
/** What `tsp_paths` tells of a path: nothing, that it is there, or its hash or target too. */
const cases: readonly (readonly [what: string, path: string, told: string, onlyRoot?: true])[] = [
  ['a file in directories of our own', 'safe/f', sumOf('safe')],
  ['one deeper', 'safe/below/f', sumOf('safe/below')],
  ['a directory', 'safe/below', 'there'],
  ['a directory that others write', 'shared', 'there'],
  ['a link', 'safe/link', 'f'],
  ['a file too large to be hashed along', 'safe/large', 'there'],
  ['nothing', 'safe/none', ''],
  ['nothing in no directory', 'safe/none/none', ''],
  ['a name behind a file', 'safe/f/none', ''],
  ['a file in a directory that a group writes', 'shared/f', ''],
  ['a file in a directory that everybody writes', 'sticky/f', ''],
  ['a file in a safe directory below such a one', 'shared/below/f', ''],
  ['a file behind a link', 'link/f', ''],
  ['a file in a directory of somebody else', 'foreign/f', '', true],
]

describe.each(shells.filter(({ installed }) => installed))('in $name', ({ command }) => {
  test('one look at many paths tells of those that nobody else can exchange, and of no other', async () => {
    await using shell = await shellHere({ interpreter: command })
    const mine = cases.filter(([, , , onlyRoot]) => root || !onlyRoot)
    const script = `tsp_paths ${mine.map(([, path]) => `h${join(folder, path)}`).join(' ')} a/ a/etc\n${mine.map((_, index) => `echo "\${tsp_path_${index}:+there} $tsp_more_${index}"\n`).join('')}echo "$tsp_path_${mine.length + 1}"\n`
    const [found] = results(await shell.query([{ script, helpers: fileShell }], calm))
    const lines = (found?.stdout ?? '').split('\n')
    const told = mine.map(([what], index) => [what, (lines[index] ?? '').trim().split(' ').at(-1)])
    expect(told).toEqual(mine.map(([what, , tells]) => [what, tells]))
    expect(lines[mine.length], 'words without a hash are told of as well').toMatch(/^\/etc 4/)
    expect(found).toMatchObject({ status: 0, stderr: '' })
  })
})

describe.each(shells.filter(({ installed }) => installed))('in $name', ({ command }) => {
  test.skipIf(needsRoot)('what one look at all told needs no look of its own, unless something is missing, of another type, large, or in the hands of others', async () => {
    await using shell = await shellHere({ interpreter: command })
    const at = (name: string): string => join(folder, name)
    const told = [file({ path: at('safe/f'), content: 'of safe' }), file({ path: at('safe/below/f'), state: 'absent' }), directory({ path: at('safe/below') }), symlink({ path: at('safe/link'), target: 'x' }), file({ path: at('safe/link'), content: '' }), copy({ source: at('safe/f'), path: at('safe/below/f') })]
    const looked = [
      file({ path: at('safe/f'), content: 'its text is wanted' }), file({ path: at('safe/none'), content: '' }), symlink({ path: at('safe/f'), target: 'x' }), file({ path: at('safe/below'), content: '' }), directory({ path: at('link') }), directory({ path: at('shared') }),
      file({ path: at('sticky/f'), content: '' }), copy({ source: at('safe/f'), path: at('safe/large') }), file({ path: at('safe/f'), content: secret`of safe` }), lineInFile({ path: at('safe/f'), line: 'x' }), systemdUnit({ name: 'x', content: '' }),
    ]
    const sections = [...told, ...looked].map(task => ({ ...probeSection(task), script: 'exit 9' }))
    expect(results(await shell.query(sections, calm)).map(({ status }) => status)).toEqual([...told.map(() => 0), ...looked.map(() => 9)])
  })
})

describe.each(shells.filter(({ installed }) => installed))('in $name', ({ command }) => {
  test.skipIf(needsRoot)('between changes what is ours, or not there, is told without a process of its own to look, and all else is looked at', async () => {
    await using shell = await shellHere({ interpreter: command })
    const at = (name: string): string => join(folder, name)
    const told = [
      file({ path: at('safe/f'), content: 'of safe' }), copy({ source: at('safe/f'), path: at('safe/f') }), file({ path: at('safe/none'), content: '' }), file({ path: at('safe/below/f'), state: 'absent' }), directory({ path: at('safe/below') }), directory({ path: at('safe/none') }),
      symlink({ path: at('safe/none'), target: 'x' }), file({ path: at('shared/none'), content: '' }), file({ path: '/ts-play-none', content: '' }),
    ]
    const looked = [
      file({ path: at('safe/f'), content: 'its text is wanted' }), symlink({ path: at('safe/link'), target: 'x' }), file({ path: at('safe/link'), content: '' }), symlink({ path: at('safe/f'), target: 'x' }), file({ path: at('safe/below'), content: '' }), directory({ path: at('link') }), directory({ path: at('shared') }),
      file({ path: at('sticky/f'), content: 'of sticky' }), file({ path: at('foreign/f'), content: 'of foreign' }), file({ path: at('link/f'), content: 'of safe' }), file({ path: at('link/none'), content: '' }), file({ path: at('no/none'), content: '' }), directory({ path: at('no/none') }), directory({ path: at('link/below') }),
      copy({ source: at('safe/f'), path: at('safe/large') }), file({ path: at('safe/f'), content: secret`of safe` }), lineInFile({ path: at('safe/f'), line: 'x' }), systemdUnit({ name: 'x', content: '' }),
    ]
    const sections = [...told, ...looked].map(task => ({ ...probeSection(task), script: 'exit 9' }))
    expect(results(await shell.apply({ sections, deadline: 10_000 }, calm)).map(({ status, stderr }) => [status, stderr])).toEqual([...told.map(() => [0, '']), ...looked.map(() => [9, ''])])
  })
})

test.skipIf(needsRoot)('a directory that its owner may not enter is refused, however many look', async () => {
  const home = mkdtempSync(join('/run', 'ts-play-paths-'))
  chmodSync(home, 0o755)
  const own = join(home, 'own')
  mkdirSync(own)
  chownSync(own, 65_534, 65_534)
  chmodSync(own, 0o644)
  const shell = await openShell(localTransport(), { target: target(), user: 'nobody', options: {} })
  if (isFailure(shell)) throw new Error(shell.message)
  try {
    const sections = [directory({ path: own }), directory({ path: home }), directory({ path: own })].map(probeSection)
    for (const reply of [await shell.query(sections, calm), await shell.apply({ sections, deadline: 10_000 }, calm)])
      expect(results(reply).map(({ status, stderr }) => [status, stderr])).toEqual([[1, `${own}: this user may not enter it\n`], [0, ''], [1, `${own}: this user may not enter it\n`]])
  } finally {
    await shell.close()
    rmSync(home, { recursive: true })
  }
})

test.skipIf(needsRoot)('a hundred things to look at cost four processes', async () => {
  const shim = toolShim({ folder: scratch(), shell: anyShell })
  await using shell = await shellHere({ environment: { PATH: [...shim.tools, anyShell.path].join(':') } })
  const cost = async (tasks: readonly Task[]): Promise<readonly string[]> => {
    const before = shim.used().length
    expect(results(await shell.query(tasks.map(probeSection), calm)).map(({ status }) => status)).toEqual(tasks.map(() => 0))
    return shim.used().slice(before).filter(tool => ['stat', 'sha256sum', 'cat', 'readlink'].includes(tool))
  }
  const place = join(folder, 'many')
  mkdirSync(place)
  const names = Array.from({ length: 30 }, (_, index) => join(place, String(index)))
  const source = join(folder, 'safe/f')
  for (const name of names) {
    writeFileSync(name, 'text\n')
    mkdirSync(`${name}.d`)
    symlinkSync('x', `${name}.l`)
  }
  expect(await cost(names.flatMap(name => [file({ path: name, content: 'text\n' }), directory({ path: `${name}.d` }), copy({ source, path: name }), symlink({ path: `${name}.l`, target: 'x' })]))).toEqual(['stat', 'stat', 'sha256sum', 'readlink'])
  expect(await cost([lineInFile({ path: join(place, '0'), line: 'a' })]), 'what is edited line by line').toEqual(['stat', 'cat'])
})
