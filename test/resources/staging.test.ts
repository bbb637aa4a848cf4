import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { secret } from '../../engine/model/secret.ts'
import type { Task } from '../../engine/model/task.ts'
import { directory } from '../../engine/resources/directory.ts'
import { file } from '../../engine/resources/file.ts'
import { hostsEntry } from '../../engine/resources/hosts-entry.ts'
import { stagingTag } from '../../engine/resources/staged-file.ts'
import { converge, differences } from './support/laws.ts'
import { localHost } from './support/local-host.ts'
import { needsRoot, root, scratch } from './support/scratch.ts'
import { anyShell, shells } from './support/shells.ts'
import { toolShim } from './support/tool-shim.ts'
import { appearanceOf, leftovers } from './support/tree.ts'

const USER = 65534

/** A home of an unprivileged user, and a file of root's beside it that nobody else may touch. */
function homeAndVictim(): { folder: string; home: string; victim: string } {
  const folder = scratch()
  const home = join(folder, 'home')
  const victim = join(folder, 'victim')
  mkdirSync(home)
  chownSync(home, USER, USER)
  mkdirSync(victim)
  writeFileSync(join(victim, 'shadow'), 'root only\n')
  chmodSync(join(victim, 'shadow'), 0o600)
  return { folder, home, victim }
}

const link = (target: string, path: string): void => execFileSync('sh', ['-c', 'ln -s -- "$1" "$2"; chown -h 65534:65534 "$2"', 'sh', target, path]) && undefined

async function stderrOf(folder: string, task: Task): Promise<string> {
  const host = localHost({ shell: anyShell, scratch: folder })
  const look = await host.look(task)
  if (look.type === 'failed') return look.result.stderr
  const result = await host.apply(task, look.apply())
  return result.status === 0 ? 'it went well' : result.stderr
}

describe.skipIf(!root)('what another user planted (CVE-2024-9902 and its kin)', () => {
  const kinds: [string, (path: string) => Task][] = [
    ['file', path => file({ path: `${path}/shadow`, content: 'ours' })],
    ['an absent file', path => file({ path: `${path}/shadow`, state: 'absent' })],
    ['directory', path => directory({ path, mode: 0o777, owner: USER })],
    ['an absent directory', path => directory({ path: `${path}/deeper`, state: 'absent', recurse: true })],
  ]
  describe.each(kinds)('%s', (_, make) => {
    test.each(['absolute', 'relative', 'through a link of ours'])('does not follow a link on the way (%s)', async how => {
      const { folder, home, victim } = homeAndVictim()
      const before = appearanceOf(victim)
      link(how === 'relative' ? '../victim' : victim, join(home, '.ssh'))
      symlinkSync('home/.ssh', join(folder, 'ours'))
      const path = how === 'through a link of ours' ? join(folder, 'ours') : join(home, '.ssh')
      expect(await stderrOf(folder, make(path))).toMatch(/home\/\.ssh is a symbolic link in the hands of another user, and is not followed\. Run the task as that user \(become\)/)
      expect(appearanceOf(victim)).toEqual(before)
    })
  })

  test('a link of root in a directory of the user is not followed either: the user can move it', async () => {
    const { folder, home, victim } = homeAndVictim()
    symlinkSync(victim, join(home, '.ssh'))
    expect(await stderrOf(folder, file({ path: join(home, '.ssh/shadow'), content: '' }))).toMatch(/in the hands of another user/)
  })

  test('a link of root on the way is followed', async () => {
    const { folder, victim } = homeAndVictim()
    symlinkSync('victim', join(folder, 'ours'))
    expect(await stderrOf(folder, file({ path: join(folder, 'ours/x'), content: '' }))).toBe('it went well')
    expect(readdirSync(victim)).toContain('x')
  })

  test('links in a circle end in a refusal', async () => {
    const folder = scratch()
    symlinkSync('b', join(folder, 'a'))
    symlinkSync('a', join(folder, 'b'))
    expect(await stderrOf(folder, file({ path: join(folder, 'a/x'), content: '' }))).toMatch(/too many symbolic links/)
  })

  test('a link at the path itself is replaced, and its target untouched', async () => {
    const { folder, home, victim } = homeAndVictim()
    const before = appearanceOf(victim)
    link(join(victim, 'shadow'), join(home, 'authorized_keys'))
    expect(await stderrOf(folder, file({ path: join(home, 'authorized_keys'), content: 'key\n', owner: USER, group: USER, mode: 0o600 }))).toBe('it went well')
    expect(readFileSync(join(home, 'authorized_keys'), 'utf8')).toBe('key\n')
    expect(appearanceOf(victim)).toEqual(before)
  })

  test('a file put there beforehand gets no secret and keeps no hold of it', async () => {
    const { folder, home } = homeAndVictim()
    const path = join(home, 'token')
    writeFileSync(path, '')
    chownSync(path, USER, USER)
    expect(await stderrOf(folder, file({ path, content: secret`s3cret` }))).toBe('it went well')
    expect(statSync(path)).toMatchObject({ uid: 0, mode: 0o100600 })
  })

  test.each([
    ['our folder, for a link', 'for d in "$HOME_OF_USER"/.ts-play.*; do mv "$d" "$HOME_OF_USER/stolen"; ln -s "$VICTIM" "$d"; done'],
    ['the file, for a link to a file', 'rm -rf "$HOME_OF_USER/shadow"; ln -s "$VICTIM/shadow" "$HOME_OF_USER/shadow"'],
    ['the file, for a link to a directory', 'rm -rf "$HOME_OF_USER/shadow"; ln -s "$VICTIM" "$HOME_OF_USER/shadow"'],
    ['the file, for a directory', 'rm -rf "$HOME_OF_USER/shadow"; mkdir "$HOME_OF_USER/shadow"'],
    ['the home, for a link', 'mv "$HOME_OF_USER" "$HOME_OF_USER.moved"; ln -s "$VICTIM" "$HOME_OF_USER"'],
    ['our new file, for a link', 'for f in "$HOME_OF_USER"/.ts-play.*; do [ -f "$f" ] || continue; rm -f "$f"; ln -s "$VICTIM/shadow" "$f"; done'],
    ['our new file, for a pipe', 'for f in "$HOME_OF_USER"/.ts-play.*; do [ -f "$f" ] || continue; rm -f "$f"; mkfifo "$f"; chown 65534:65534 "$f"; done'],
    ['our folder, for one of theirs', 'for d in "$HOME_OF_USER"/.ts-play.*; do mv "$d" "$d.away"; mkdir -m 777 "$d"; chown 65534:65534 "$d"; done'],
  ])('at whatever moment of an apply the user exchanges %s: nothing outside the home changes', async (_, what) => {
    for (const [at, when] of Array.from({ length: 22 }, (_, moment) => [1 + (moment >> 1), moment % 2 ? 'after' : 'before'] as const)) {
      const { folder, home, victim } = homeAndVictim()
      const before = appearanceOf(victim)
      writeFileSync(join(home, 'shadow'), 'theirs\n')
      chownSync(join(home, 'shadow'), USER, USER)
      // Base64, and owned: as many programs as there can be.
      const task = file({ path: join(home, 'shadow'), content: 'né\n', mode: 0o666, owner: USER, group: USER })
      const look = await localHost({ shell: anyShell, scratch: folder }).look(task)
      const shim = toolShim({ folder: scratch(), shell: anyShell, happening: { at, when, what } })
      const host = localHost({ shell: anyShell, scratch: folder, tools: shim.tools, environment: { HOME_OF_USER: home, VICTIM: victim } })
      if (look.type === 'seen') expect((await host.apply(task, look.apply())).status, `${what} ${when} ${at}: it ended by itself`).not.toBe(undefined)
      expect(appearanceOf(victim), `${what} ${when} ${shim.used().at(-1)}`).toEqual(before)
      expect(statSync(folder).uid).toBe(0)
      await host.look(task)
      expect(appearanceOf(victim)).toEqual(before)
    }
  })

  test('a file that is exchanged for a link while it is read is not read', async () => {
    const { folder, home, victim } = homeAndVictim()
    const path = join(home, 'shadow')
    link(join(victim, 'shadow'), path)
    // The moment between the test for a link and the open is too short to hit: it is staged with a file that is not the one named.
    const host = localHost({ shell: anyShell, scratch: folder })
    const task = file({ path, content: 'x' })
    const result = await host.run({ command: { type: 'command', text: `set -eu; cd ${home}; tsp_type_of() { tsp_type=file; }; tsp_look ./shadow hash 99 none` } }, task.helpers)
    expect(result).toMatchObject({ status: 1, stdout: '', stderr: `${home}/shadow was exchanged while it was read\n` })
  })
})

describe.skipIf(!root).each(shells)('staging with $name', shell => {
  test('writes a bind-mounted file in place, which no rename can replace', async () => {
    const folder = scratch()
    const path = join(folder, 'hosts')
    writeFileSync(join(folder, 'source'), 'old\n')
    writeFileSync(path, '')
    execFileSync('mount', ['--bind', join(folder, 'source'), path])
    onTestFinished(() => void execFileSync('umount', [path]))
    const host = localHost({ shell, scratch: folder })
    expect((await converge(host, file({ path, content: 'new\n', mode: 0o640 }))).map(change => change.attribute)).toEqual(['content', 'mode'])
    expect(readFileSync(join(folder, 'source'), 'utf8')).toBe('new\n')
    expect(await converge(host, hostsEntry({ address: '10.0.0.1', names: ['api'], file: path }))).toHaveLength(1)
    expect(readFileSync(join(folder, 'source'), 'utf8')).toBe('new\n10.0.0.1\tapi\n')
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(leftovers(folder)).toEqual([])
  })

  test.each([[100_000, 'n'], [12_000, 'n'], [6_000, 'é']])('notices a full disk before the rename, and leaves nothing behind: %i of %s', async (size, character) => {
    const folder = scratch()
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk])
    onTestFinished(() => void execFileSync('umount', [disk]))
    const host = localHost({ shell, scratch: folder })
    await converge(host, file({ path: join(disk, 'x'), content: 'old\n' }))
    writeFileSync(join(disk, 'filling'), 'f'.repeat(50_000))
    const before = appearanceOf(disk)
    const task = file({ path: join(disk, 'x'), content: character.repeat(size) })
    const look = await host.look(task)
    const result = look.type === 'seen' ? await host.apply(task, look.apply()) : undefined
    expect(result?.status).not.toBe(0)
    expect(result?.stderr).toMatch(/No space left on device|could not be written|did not arrive whole/)
    expect(appearanceOf(disk)).toEqual(before)
    expect(leftovers(disk)).toEqual([])
  })

  test('writes every character as it is, and neither more nor less at the end', async () => {
    const folder = scratch()
    const host = localHost({ shell, scratch: folder })
    const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')
    for (const content of ['', '\n', 'x', '\n\n x \t\n\n', `${printable}\n`, `-n ${printable}`, '%s\\n\\c', `'"'"'$(id)\`id\`\\`, 'x'.repeat(16 * 1024), 'x'.repeat(64 * 1024), `é ${printable}\r\n`, '\u0000', '\uFEFF\u{1F600}', 'ü'.repeat(32 * 1024)]) {
      await converge(host, file({ path: join(folder, 'x'), content }))
      expect(readFileSync(join(folder, 'x'), 'utf8')).toBe(content)
    }
    expect(leftovers(folder)).toEqual([])
  })

  test('does not empty a disk that is mounted below a directory that is to go', async () => {
    const folder = scratch()
    const disk = join(folder, 'data/a volume')
    mkdirSync(disk, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk])
    onTestFinished(() => void execFileSync('umount', [disk]))
    const look = await localHost({ shell, scratch: folder }).look(directory({ path: join(folder, 'data'), state: 'absent', recurse: true }))
    expect(look.type === 'failed' && look.result.stderr).toBe(`${disk} is a mount point. Unmount it before ${folder}/data is removed.\n`)
  })
})

describe('staging', () => {
  test('restores the label of SELinux where that is enabled', async () => {
    const folder = scratch()
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'selinuxenabled'), '#!/bin/sh\n', { mode: 0o755 })
    writeFileSync(join(bin, 'restorecon'), `#!/bin/sh\nprintf '%s' "$*" >'${folder}/labelled'\n`, { mode: 0o755 })
    await converge(localHost({ shell: anyShell, scratch: folder, tools: [bin] }), file({ path: join(folder, 'x'), content: '' }))
    expect(readFileSync(join(folder, 'labelled'), 'utf8')).toBe(join(folder, 'x'))
  })

  test('opens no name that somebody can have planted in a directory that others write', async () => {
    const folder = scratch()
    chmodSync(folder, 0o777)
    const tag = stagingTag('x')
    // A pipe that nobody reads holds up whoever opens it to write, and a device may do worse. A process number can be guessed.
    const next = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }))
    execFileSync('python3', ['-c', 'import os, sys\nfor n in range(int(sys.argv[2]), int(sys.argv[2]) + 4000): os.mkfifo(sys.argv[1] + str(n))', join(folder, `.ts-play.${tag}.`), String(next)])
    expect(await converge(localHost({ shell: anyShell, scratch: folder }), file({ path: join(folder, 'x'), content: 'new' }))).not.toEqual([])
    expect(readFileSync(join(folder, 'x'), 'utf8')).toBe('new')
  }, 10_000)

  test('writes nothing where others can exchange names, or might read it, until it is in a directory of its own', async () => {
    const folder = scratch()
    chmodSync(folder, 0o777)
    const seen = join(folder, 'seen')
    // Whatever stands in a new file of ours whenever a program runs.
    const shim = toolShim({ folder: scratch(), shell: anyShell, happening: { at: 1, when: 'before', what: `cat '${folder}'/.ts-play.* >'${seen}'; ls -A '${folder}' >>'${seen}'` } })
    const host = localHost({ shell: anyShell, scratch: folder, tools: shim.tools })
    await converge(host, file({ path: join(folder, 'x'), content: 'not for everybody', mode: 0o600 }))
    expect(shim.used()[0]).toBe('stat')
    expect(readFileSync(seen, 'utf8')).toMatch(/^\.ts-play\./m)
    expect(readFileSync(seen, 'utf8')).not.toContain('not for everybody')
  })

  test('runs as a user without privileges where that user may write', async context => {
    context.skip(needsRoot !== undefined, needsRoot)
    const folder = scratch()
    const home = join(folder, 'home')
    mkdirSync(home)
    chownSync(home, USER, USER)
    symlinkSync('.', join(home, 'self'))
    execFileSync('chown', ['-h', '65534:65534', join(home, 'self')])
    const host = localHost({ shell: anyShell, scratch: folder, uid: USER })
    await converge(host, file({ path: join(home, 'self/x'), content: 'x', mode: 0o640 }))
    expect(readlinkSync(join(home, 'self'))).toBe('.')
    expect(statSync(join(home, 'x'))).toMatchObject({ uid: USER, mode: 0o100640 })
    expect(await differences(host, file({ path: join(home, 'x'), content: 'x', mode: 0o640 }))).toEqual([])
  })
})
