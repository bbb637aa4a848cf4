import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hidden } from '../../engine/model/change.ts'
import { sh } from '../../engine/model/command.ts'
import { secret } from '../../engine/model/secret.ts'
import { file } from '../../engine/resources/file.ts'
import { hostileNames } from './support/hostile-names.ts'
import { survivesBeingKilled } from './support/interruption.ts'
import { differences, obeysTheLaws, type Case } from './support/laws.ts'
import { localHost } from './support/local-host.ts'
import { toolsOfProbe } from './support/probe-cost.ts'
import { needsRoot, scratch } from './support/scratch.ts'
import { anyShell } from './support/shells.ts'

const NOBODY = 65534
const conf = (folder: string): string => join(folder, 'app.conf')
const wanted = (folder: string) => file({ path: conf(folder), content: 'new\n', mode: 0o640 })
const present = (mode = 0o640, content = 'new\n') => (folder: string): void => {
  writeFileSync(conf(folder), content)
  chmodSync(conf(folder), mode)
}

const cases: Case[] = [
  { given: 'nothing', task: wanted, differs: ['content', 'mode'] },
  { given: 'the file as wished', arrange: present(), task: wanted, differs: [] },
  { given: 'other content', arrange: present(0o640, 'old\n'), task: wanted, differs: ['content'] },
  { given: 'another mode', arrange: present(0o600), task: wanted, differs: ['mode'] },
  { given: 'setuid where none is wished', arrange: present(0o4640), task: wanted, differs: ['mode'] },
  {
    given: 'another owner', skip: needsRoot, differs: ['owner'],
    arrange: folder => (present()(folder), chownSync(conf(folder), NOBODY, 0)),
    task: folder => file({ path: conf(folder), content: 'new\n', mode: 0o640, owner: 'root', group: 0 }),
  },
  {
    given: 'another group', skip: needsRoot, differs: ['group'],
    arrange: folder => (present()(folder), chownSync(conf(folder), 0, NOBODY)),
    task: folder => file({ path: conf(folder), content: 'new\n', mode: 0o640, owner: '0', group: 'root' }),
  },
  {
    given: 'nothing where owner and group are wished', skip: needsRoot, differs: ['content', 'mode', 'owner', 'group'],
    task: folder => file({ path: conf(folder), content: 'x', mode: 0o4750, owner: 'nobody', group: 'nogroup' }),
    afterwards: folder => expect(statSync(conf(folder))).toMatchObject({ mode: 0o104750, uid: NOBODY, gid: NOBODY }),
  },
  {
    given: 'the file of another user and no wish for an owner', skip: needsRoot, differs: ['content'],
    arrange: folder => (present(0o640, 'old\n')(folder), chownSync(conf(folder), NOBODY, NOBODY)),
    task: wanted,
    afterwards: folder => expect(statSync(conf(folder))).toMatchObject({ uid: NOBODY, gid: NOBODY }),
  },
  {
    given: 'a symbolic link to a file', differs: ['content', 'mode'], task: wanted,
    arrange: folder => (writeFileSync(join(folder, 'elsewhere'), 'theirs\n'), symlinkSync('elsewhere', conf(folder))),
    afterwards: folder => {
      expect(lstatSync(conf(folder)).isFile()).toBe(true)
      expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('theirs\n')
    },
  },
  {
    given: 'a symbolic link to a directory', differs: ['content', 'mode'], task: wanted,
    arrange: folder => (mkdirSync(join(folder, 'elsewhere')), symlinkSync('elsewhere', conf(folder))),
    afterwards: folder => expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]),
  },
  { given: 'a symbolic link to nothing', arrange: folder => symlinkSync('nowhere', conf(folder)), task: wanted, differs: ['content', 'mode'] },
  { given: 'other content of a secret', arrange: present(0o600, 'old'), task: folder => file({ path: conf(folder), content: secret`s3cret` }), differs: ['content'] },
  { given: 'a secret as wished', arrange: present(0o600, 's3cret'), task: folder => file({ path: conf(folder), content: secret`s3cret` }), differs: [] },
  {
    given: 'a secret that belongs to another user', skip: needsRoot, differs: ['content', 'owner'],
    arrange: folder => (present(0o600, 'old')(folder), chownSync(conf(folder), NOBODY, NOBODY)),
    task: folder => file({ path: conf(folder), content: secret`s3cret` }),
    afterwards: folder => expect(statSync(conf(folder)).uid).toBe(0),
  },
  {
    given: 'a file in a directory that everybody writes', skip: needsRoot, odd: true, differs: ['content', 'owner'],
    arrange: folder => (present(0o640, 'old\n')(folder), chownSync(conf(folder), NOBODY, NOBODY), chmodSync(folder, 0o1777)),
    task: wanted,
    afterwards: folder => expect(statSync(conf(folder)).uid).toBe(0),
  },
  { given: 'no content at all where the file is empty', arrange: present(0o640, ''), task: folder => file({ path: conf(folder), content: '', mode: 0o640 }), differs: [] },
  {
    given: 'content of a megabyte', arrange: present(0o640, 'o'.repeat(1_000_000)), differs: ['content'],
    task: folder => file({ path: conf(folder), content: 'n'.repeat(1_000_000), mode: 0o640 }),
  },
  {
    given: 'bytes that are no text', arrange: folder => (writeFileSync(conf(folder), Buffer.from([0, 255, 10, 13])), chmodSync(conf(folder), 0o640)),
    task: wanted, differs: ['content'],
  },
  {
    given: 'a wish for a backup', arrange: present(0o640, 'old\n'), differs: ['content'],
    task: folder => file({ path: conf(folder), content: 'new\n', mode: 0o640, backup: true }),
    afterwards: folder => {
      const kept = readdirSync(folder).find(name => /^app\.conf\.\d{8}T\d{6}Z~$/.test(name)) ?? 'none'
      expect(readFileSync(join(folder, kept), 'utf8')).toBe('old\n')
    },
  },
  { given: 'a file that is to go', arrange: present(), task: folder => file({ path: conf(folder), state: 'absent' }), differs: ['state'] },
  { given: 'a link that is to go', arrange: folder => symlinkSync('x', conf(folder)), task: folder => file({ path: conf(folder), state: 'absent' }), differs: ['state'] },
  { given: 'nothing that is to go', task: folder => file({ path: conf(folder), state: 'absent' }), differs: [] },
  { given: 'not even the directory of what is to go', task: folder => file({ path: join(folder, 'no/such'), state: 'absent' }), differs: [] },
]

obeysTheLaws('file', cases)

obeysTheLaws('file', hostileNames.map(([what, name]): Case => ({
  given: `${what} in its name, its directory and its content`, arrange: folder => mkdirSync(join(folder, name)), differs: ['content', 'mode'],
  task: folder => file({ path: join(folder, name, name), content: name, validate: sh`test -s` }),
  afterwards: folder => expect(readFileSync(join(folder, name, name), 'utf8')).toBe(name),
})))

survivesBeingKilled('file', [
  { given: 'nothing', task: wanted, differs: [] },
  { given: 'other content', arrange: present(0o600, 'old\n'), task: folder => file({ path: conf(folder), content: 'new\n'.repeat(50_000), mode: 0o640 }), differs: [] },
  { given: 'another mode', arrange: present(0o600), task: wanted, differs: [] },
  { given: 'an old secret', arrange: present(0o600, 'old'), task: folder => file({ path: conf(folder), content: secret`${'s3cret'.repeat(50_000)}` }), differs: [] },
])

const host = (folder: string, uid?: number) => localHost({ shell: anyShell, scratch: folder, uid })

describe('a file', () => {
  test('costs two tools to look at when it is as wished', async () => {
    const folder = scratch()
    present()(folder)
    expect(await toolsOfProbe(wanted(folder))).toEqual(['stat', 'sha256sum'])
  })

  test('is shown as text when both sides are text, and by its sum when one is not or is large', async () => {
    const folder = scratch()
    present(0o640, 'old\n')(folder)
    expect(await differences(host(folder), wanted(folder))).toEqual([
      { effect: 'modifies', attribute: 'content', from: { type: 'text', text: 'old\n' }, to: { type: 'text', text: 'new\n' } },
    ])
    writeFileSync(conf(folder), 'o'.repeat(300_000))
    const [change] = await differences(host(folder), wanted(folder))
    expect(change).toMatchObject({ from: { value: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) }, to: { value: expect.stringMatching(/^sha256:/) } })
  })

  test('with secret content sends nothing of the old or the new one back, and shows neither', async () => {
    const folder = scratch()
    present(0o600, 'old-secret')(folder)
    const task = file({ path: conf(folder), content: secret`new-secret` })
    const look = await host(folder).look(task)
    if (look.type === 'failed') throw new Error(look.result.stderr)
    expect(look.changes).toEqual([{ effect: 'modifies', attribute: 'content', from: hidden, to: hidden }])
    expect(look.stdout).not.toMatch(/old-secret|[0-9a-f]{64}/)
    const script = look.apply()
    expect(task.probe.command.text + script.command.text).not.toMatch(/new-secret|[0-9a-f]{64}/)
    expect(statSync(conf(folder)).mode & 0o777).toBe(0o600)
  })

  test('that is refused by its validation stays as it was, and the validator saw it under its own name', async () => {
    const folder = scratch()
    present(0o640, 'old\n')(folder)
    const task = file({ path: conf(folder), content: 'new\n', mode: 0o640, validate: sh`sh -c ${'echo "judging $1"; stat -c %a "$1"; cat "$1"; exit 3'} sh` })
    const look = await host(folder).look(task)
    const result = look.type === 'seen' ? await host(folder).apply(task, look.apply()) : undefined
    expect(result?.status).toBe(1)
    expect(result?.stderr).toMatch(/judging .*\/app\.conf\n640\nnew\nrefused by its validation/)
    expect(readFileSync(conf(folder), 'utf8')).toBe('old\n')
    expect(readdirSync(folder).toSorted()).toEqual(['app.conf', 'cwd'])
  })

  test('in a directory that is missing is a plan, and an apply that names the next step', async () => {
    const folder = scratch()
    const task = file({ path: join(folder, 'no/such/x'), content: '' })
    const look = await host(folder).look(task)
    const result = look.type === 'seen' ? await host(folder).apply(task, look.apply()) : undefined
    expect(result).toMatchObject({ status: 1, stderr: `${folder}/no does not exist. Bring it about before this task: directory({ path: '${folder}/no/such' })\n` })
  })

  test.each([
    ['a directory', (folder: string) => mkdirSync(conf(folder)), /app\.conf is a directory, not a file/],
    ['a named pipe', (folder: string) => execFileSync('mkfifo', [conf(folder)]), /app\.conf is a device, a socket or a named pipe, not a file/],
    ['a file where its directory should be', (folder: string) => writeFileSync(join(folder, 'd'), ''), /\/d is not a directory/],
  ])('is not put in the place of %s', async (what, arrange, message) => {
    const folder = scratch()
    arrange(folder)
    const path = what.endsWith('should be') ? join(folder, 'd/app.conf') : conf(folder)
    const look = await host(folder).look(file({ path, content: '' }))
    expect(look.type === 'failed' && look.result.stderr).toMatch(message)
  })

  test('that may not be read is a failed look, never an absent file', async context => {
    context.skip(needsRoot !== undefined, needsRoot)
    const folder = scratch()
    mkdirSync(join(folder, 'locked'))
    writeFileSync(join(folder, 'locked/app.conf'), '')
    chmodSync(join(folder, 'locked'), 0o700)
    const look = await host(folder, NOBODY).look(file({ path: join(folder, 'locked/app.conf'), content: '' }))
    expect(look.type === 'failed' && look.result.stderr).toMatch(/locked: this user may not enter it/)
  })

  test.each([
    [() => file({ path: 'etc/motd', content: '' }), 'path must be absolute, got "etc/motd"'],
    [() => file({ path: '/etc/../motd', content: '' }), 'path must not contain "..", got "/etc/../motd"'],
    [() => file({ path: '/', content: '' }), 'path must name something below "/", got "/"'],
    [() => file({ path: `/${'x'.repeat(256)}`, content: '' }), /has a name of more than 255 bytes/],
    [() => file({ path: '/x\0y', content: '' }), /must not contain a NUL byte/],
    [() => file({ path: '/x', content: '', mode: 644 }), 'mode must be octal, got the decimal 644: write 0o644'],
    [() => file({ path: '/x', content: '', mode: 0o10000 }), 'mode must be a whole number from 0 to 0o7777, got 4096'],
    [() => file({ path: '/x', content: '', owner: 'root:root' }), 'owner must be a name or an id, got "root:root"'],
  ])('with a spec that cannot be meant is refused before any connection', (make, message) => {
    expect(make).toThrow(message)
  })
})
