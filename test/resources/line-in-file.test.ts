import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Task } from '../../engine/model/task.ts'
import { hostsEntry } from '../../engine/resources/hosts-entry.ts'
import { lineInFile } from '../../engine/resources/line-in-file.ts'
import { hostileNames } from './support/hostile-names.ts'
import { survivesBeingKilled } from './support/interruption.ts'
import { obeysTheLaws, type Case } from './support/laws.ts'
import { localHost } from './support/local-host.ts'
import { toolsOfProbe } from './support/probe-cost.ts'
import { needsRoot, scratch } from './support/scratch.ts'
import { anyShell } from './support/shells.ts'

const NOBODY = 65534
const path = (folder: string): string => join(folder, 'sshd_config')
const holds = (content: string | Buffer, mode = 0o640) => (folder: string): void => {
  writeFileSync(path(folder), content)
  chmodSync(path(folder), mode)
}
const reads = (content: string) => (folder: string): void => expect(readFileSync(path(folder), 'utf8')).toBe(content)
const wanted = (folder: string): Task => lineInFile({ path: path(folder), line: 'PermitRootLogin no', match: '^#?PermitRootLogin ' })

obeysTheLaws('line-in-file', [
  { given: 'the line', arrange: holds('a\nPermitRootLogin no\n'), task: wanted, differs: [] },
  { given: 'a line that matches', arrange: holds('a\n#PermitRootLogin yes\nb'), task: wanted, differs: ['content'], afterwards: reads('a\nPermitRootLogin no\nb\n') },
  { given: 'an empty file', arrange: holds(''), task: wanted, differs: ['content'], afterwards: reads('PermitRootLogin no\n') },
  {
    given: 'a file of another user with an odd mode', skip: needsRoot, task: wanted, differs: ['content'],
    arrange: folder => (holds('', 0o604)(folder), chownSync(path(folder), NOBODY, NOBODY)),
    afterwards: folder => expect(statSync(path(folder))).toMatchObject({ uid: NOBODY, gid: NOBODY, mode: 0o100604 }),
  },
  {
    given: 'the line in a file of a user\'s home', skip: needsRoot, differs: [],
    arrange: folder => (holds('PermitRootLogin no\n')(folder), chownSync(path(folder), NOBODY, NOBODY), chownSync(folder, NOBODY, NOBODY)), task: wanted,
  },
  { given: 'the line and another mode', arrange: holds('x\n', 0o600), task: folder => lineInFile({ path: path(folder), line: 'x', mode: 0o644 }), differs: ['mode'], afterwards: reads('x\n') },
  { given: 'no file where one may be made', task: folder => lineInFile({ path: path(folder), line: 'x', create: true }), differs: ['content', 'mode'], afterwards: reads('x\n') },
  { given: 'lines that are to go', arrange: holds('a=1\nb\na=2\n'), task: folder => lineInFile({ path: path(folder), match: '^a=', state: 'absent' }), differs: ['content'], afterwards: reads('b\n') },
  { given: 'no line that is to go', arrange: holds('b'), task: folder => lineInFile({ path: path(folder), line: 'a', state: 'absent' }), differs: [], afterwards: reads('b') },
  { given: 'no file of the line that is to go', task: folder => lineInFile({ path: path(folder), line: 'a', state: 'absent' }), differs: [] },
])

obeysTheLaws('line-in-file', hostileNames.flatMap(([what, name]): Case[] => [
  { given: `${what} in its path`, task: folder => lineInFile({ path: join(folder, name), line: 'x', create: true }), differs: ['content', 'mode'] },
  ...(name.includes('\n') ? [] : [{ given: `${what} in its line`, arrange: holds('a\n'), task: (folder: string) => lineInFile({ path: path(folder), line: name }), differs: ['content'], afterwards: reads(`a\n${name}\n`) }]),
]), [anyShell])

const hosts = (folder: string): string => join(folder, 'hosts')
const debian = (folder: string): void => writeFileSync(hosts(folder), '127.0.0.1\tlocalhost\n127.0.1.1\tnode1\n', { mode: 0o644 })
const entry = (folder: string): Task => hostsEntry({ address: '10.0.0.1', names: ['node1.lab', 'node1'], file: hosts(folder) })

obeysTheLaws('hosts-entry', [
  { given: 'a name at another address', arrange: debian, task: entry, differs: ['content'], afterwards: folder => expect(readFileSync(hosts(folder), 'utf8')).toBe('127.0.0.1\tlocalhost\n10.0.0.1\tnode1.lab node1\n') },
  { given: 'the entry', arrange: folder => writeFileSync(hosts(folder), '10.0.0.1   node1.lab node1 # x'), task: entry, differs: [] },
  { given: 'no file', task: entry, differs: ['content', 'mode'], afterwards: folder => expect(statSync(hosts(folder)).mode & 0o777).toBe(0o644) },
  { given: 'an entry that is to go', arrange: debian, task: folder => hostsEntry({ address: '127.0.1.1', names: ['node1'], file: hosts(folder), state: 'absent' }), differs: ['content'] },
  { given: 'no entry that is to go', arrange: debian, task: folder => hostsEntry({ address: '127.0.1.2', names: ['node1'], file: hosts(folder), state: 'absent' }), differs: [] },
])

survivesBeingKilled('line-in-file', [{ given: 'a line that matches', arrange: holds('a\n#PermitRootLogin yes\nb'), task: wanted, differs: [] }])

const host = (folder: string) => localHost({ shell: anyShell, scratch: folder })
async function stderrOf(folder: string, task: Task): Promise<string> {
  const look = await host(folder).look(task)
  return look.type === 'failed' ? look.result.stderr : 'it could look'
}

describe('a line in a file', () => {
  test('costs two tools to look at', async () => {
    const folder = scratch()
    holds('PermitRootLogin no\n')(folder)
    expect(await toolsOfProbe(wanted(folder))).toEqual(['stat', 'cat'])
  })

  test('is not written over what somebody else wrote meanwhile', async () => {
    const folder = scratch()
    holds('old\n')(folder)
    const look = await host(folder).look(wanted(folder))
    holds('theirs\n')(folder)
    const result = look.type === 'seen' ? await host(folder).apply(wanted(folder), look.apply()) : undefined
    expect(result).toMatchObject({ status: 1, stderr: 'sshd_config was changed by somebody else meanwhile, so nothing was written. Run again.\n' })
    reads('theirs\n')(folder)
  })

  test('needs its file, unless it may make it', async () => {
    const folder = scratch()
    expect(await stderrOf(folder, wanted(folder))).toBe(`${path(folder)} does not exist. Bring it about before this task, or say create: true.\n`)
    expect(await stderrOf(folder, lineInFile({ path: join(folder, 'no/such'), line: 'x' }))).toMatch(/no\/such does not exist/)
  })

  test('is edited in the file itself, not in a link to it', async () => {
    const folder = scratch()
    symlinkSync('elsewhere', path(folder))
    expect(await stderrOf(folder, wanted(folder))).toBe(`${path(folder)} is a symbolic link to elsewhere. Name the file itself.\n`)
  })

  test('is edited in text only, and not in large files', async () => {
    const folder = scratch()
    holds(Buffer.from([97, 255, 10]))(folder)
    await expect(host(folder).look(wanted(folder))).rejects.toThrow('the file is not UTF-8 text')
    holds('x'.repeat(1_100_000))(folder)
    expect(await stderrOf(folder, wanted(folder))).toBe('the file has 1100000 bytes, more than the 1048576 that are edited line by line\n')
    mkdirSync(join(folder, 'd'))
    expect(await stderrOf(folder, lineInFile({ path: join(folder, 'd'), line: 'x' }))).toMatch(/is a directory, not a file/)
  })

  test.each([
    [() => lineInFile({ path: '/x', line: 'a\nb' }), 'line must be one line without NUL bytes, got "a\\nb"'],
    [() => lineInFile({ path: '/x', line: 'bar', match: '^foo' }), 'match must match the line too, or a second run would not find it: /^foo/ does not match "bar"'],
    [() => lineInFile({ path: '/x', line: 'a', match: '(' }), /Invalid regular expression/],
    [() => lineInFile({ path: '/x', line: 'a', after: 'x', before: 'y' }), 'after and before cannot both be given'],
    [() => hostsEntry({ address: '10.0.0', names: ['a'] }), 'address must be an IPv4 or IPv6 address, got "10.0.0"'],
    [() => hostsEntry({ address: '10.0.0.1', names: [] }), 'names must not be empty for 10.0.0.1'],
    [() => hostsEntry({ address: '10.0.0.1', names: ['a b'] }), 'names must be names of hosts, got "a b"'],
    [() => hostsEntry({ address: '10.0.0.1', names: ['a\n0.0.0.0 b'] }), /names must be names of hosts/],
  ])('with a spec that cannot be meant is refused before any connection', (make, message) => {
    expect(make).toThrow(message)
  })
})
