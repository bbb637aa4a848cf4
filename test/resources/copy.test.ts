import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sh } from '../../engine/model/command.ts'
import { copy } from '../../engine/resources/copy.ts'
import { hostileNames } from './support/hostile-names.ts'
import { survivesBeingKilled } from './support/interruption.ts'
import { differences, obeysTheLaws, type Case } from './support/laws.ts'
import { localHost } from './support/local-host.ts'
import { toolsOfProbe } from './support/probe-cost.ts'
import { needsRoot, scratch } from './support/scratch.ts'
import { anyShell } from './support/shells.ts'

const NOBODY = 65534
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 256))
const source = (folder: string): string => join(folder, 'source.bin')
const path = (folder: string): string => join(folder, 'copied.bin')
const sent = (folder: string): void => writeFileSync(source(folder), bytes)
/** Of every byte there is, and of no whole number of three. */
const few = bytes.subarray(0, 4099)
const small = (folder: string): void => writeFileSync(source(folder), few)
const there = (content: Buffer | string = bytes, mode = 0o644) => (folder: string): void => {
  sent(folder)
  writeFileSync(path(folder), content)
  chmodSync(path(folder), mode)
}
const wanted = (folder: string) => copy({ source: source(folder), path: path(folder) })

obeysTheLaws('copy', [
  { given: 'nothing', arrange: sent, task: wanted, differs: ['content', 'mode'], afterwards: folder => expect(readFileSync(path(folder)).equals(bytes)).toBe(true) },
  { given: 'the file as wished', arrange: there(), task: wanted, differs: [] },
  { given: 'other content', arrange: there('old'), task: wanted, differs: ['content'] },
  { given: 'one byte more', arrange: there(Buffer.concat([bytes, bytes.subarray(0, 1)])), task: wanted, differs: ['content'] },
  { given: 'another mode', arrange: there(bytes, 0o755), task: wanted, differs: ['mode'] },
  { given: 'an empty source', arrange: folder => writeFileSync(source(folder), ''), task: wanted, differs: ['content', 'mode'] },
  { given: 'nothing, and a small source', arrange: small, task: wanted, differs: ['content', 'mode'], afterwards: folder => expect(readFileSync(path(folder)).equals(few)).toBe(true) },
  { given: 'nothing, and a small source of text', arrange: folder => writeFileSync(source(folder), "it's 100 % \\n $HOME `id`\n\n"), task: wanted, differs: ['content', 'mode'], afterwards: folder => expect(readFileSync(path(folder), 'utf8')).toBe("it's 100 % \\n $HOME `id`\n\n") },
  { given: 'a small file as wished', arrange: folder => (small(folder), writeFileSync(path(folder), few), chmodSync(path(folder), 0o644)), task: wanted, differs: [] },
  { given: 'other content than that of a small source', arrange: folder => (small(folder), writeFileSync(path(folder), 'old'), chmodSync(path(folder), 0o644)), task: wanted, differs: ['content'] },
  { given: 'a small source and something to judge it', arrange: small, task: folder => copy({ source: source(folder), path: path(folder), validate: sh`test -s` }), differs: ['content', 'mode'] },
  { given: 'a small source, in a directory that others write', odd: true, arrange: folder => (small(folder), chmodSync(folder, 0o1777)), task: wanted, differs: ['content', 'mode'], afterwards: folder => expect(readFileSync(path(folder)).equals(few)).toBe(true) },
  {
    given: 'another owner and group', skip: needsRoot, differs: ['owner', 'group'],
    arrange: folder => (there()(folder), chownSync(path(folder), NOBODY, NOBODY)),
    task: folder => copy({ source: source(folder), path: path(folder), owner: 'root', group: 'root' }),
  },
  {
    given: 'another mode in a directory of another user', skip: needsRoot, differs: ['mode'],
    arrange: folder => {
      sent(folder)
      mkdirSync(join(folder, 'home'))
      writeFileSync(join(folder, 'home/x'), bytes)
      for (const theirs of ['home', 'home/x']) chownSync(join(folder, theirs), NOBODY, NOBODY)
    },
    task: folder => copy({ source: source(folder), path: join(folder, 'home/x'), mode: 0o600 }),
    afterwards: folder => expect(statSync(join(folder, 'home/x'))).toMatchObject({ uid: NOBODY, gid: NOBODY }),
  },
])

obeysTheLaws('copy', hostileNames.flatMap(([what, name]): Case[] => [
  { given: `${what} in its path`, arrange: sent, task: folder => copy({ source: source(folder), path: join(folder, name), validate: sh`test -s` }), differs: ['content', 'mode'] },
  { given: `${what} in its source`, arrange: folder => writeFileSync(join(folder, name), 'x'), task: folder => copy({ source: join(folder, name), path: path(folder) }), differs: ['content', 'mode'] },
]), [anyShell])

survivesBeingKilled('copy', [
  { given: 'nothing', arrange: sent, task: wanted, differs: [] },
  { given: 'other content', arrange: there('old'), task: wanted, differs: [] },
  { given: 'a small source', arrange: folder => (there('old')(folder), small(folder)), task: wanted, differs: [] },
])

describe('a copy', () => {
  test('that is as wished sends no bytes of content, and costs two tools', async () => {
    const folder = scratch()
    there()(folder)
    expect(wanted(folder).probe.stdin).toBeUndefined()
    expect(await toolsOfProbe(wanted(folder))).toEqual(['stat', 'sha256sum'])
  })

  test('is shown by its sums', async () => {
    const folder = scratch()
    there('old')(folder)
    const sum = { type: 'value', value: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) }
    expect(await differences(localHost({ shell: anyShell, scratch: folder }), wanted(folder))).toEqual([{ effect: 'modifies', attribute: 'content', from: sum, to: sum }])
  })

  test('of a file that changes while it is sent leaves the old one', async () => {
    const folder = scratch()
    there('old')(folder)
    const host = localHost({ shell: anyShell, scratch: folder })
    const look = await host.look(wanted(folder))
    if (look.type === 'failed') throw new Error(look.result.stderr)
    const script = look.apply()
    writeFileSync(source(folder), 'something else')
    const result = await host.apply(wanted(folder), script)
    expect(result.stderr).toMatch(/^the content did not arrive whole: expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}\n$/)
    expect(readFileSync(path(folder), 'utf8')).toBe('old')
  })

  test('of a small file sends what was looked at', async () => {
    const folder = scratch()
    small(folder)
    const host = localHost({ shell: anyShell, scratch: folder })
    const look = await host.look(wanted(folder))
    if (look.type === 'failed') throw new Error(look.result.stderr)
    const script = look.apply()
    writeFileSync(source(folder), 'something else')
    expect(await host.apply(wanted(folder), script)).toMatchObject({ status: 0, stderr: '' })
    expect(readFileSync(path(folder)).equals(few)).toBe(true)
  })

  test('needs an absolute source', () => {
    expect(() => copy({ source: 'x', path: '/x' })).toThrow('source must be an absolute path on the controller, got "x"')
  })
})
