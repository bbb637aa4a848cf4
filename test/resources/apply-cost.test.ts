import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { secret } from '../../engine/model/secret.ts'
import type { Task } from '../../engine/model/task.ts'
import { copy } from '../../engine/resources/copy.ts'
import { directory } from '../../engine/resources/directory.ts'
import { file } from '../../engine/resources/file.ts'
import { lineInFile } from '../../engine/resources/line-in-file.ts'
import { symlink } from '../../engine/resources/symlink.ts'
import { localHost } from './support/local-host.ts'
import { needsRoot, scratch } from './support/scratch.ts'
import { anyShell } from './support/shells.ts'
import { toolShim } from './support/tool-shim.ts'

describe('what a change costs', () => {
  const where: string[] = []
  const applied = async (make: (folder: string) => Task, arrange: (folder: string) => void = () => undefined): Promise<readonly string[]> => {
    const folder = scratch()
    arrange(folder)
    const task = make(folder)
    const look = await localHost({ shell: anyShell, scratch: folder }).look(task)
    const shim = toolShim({ folder: scratch(), shell: anyShell })
    if (look.type === 'seen') expect((await localHost({ shell: anyShell, scratch: folder, tools: shim.tools }).apply(task, look.apply())).stderr).toBe('')
    return shim.used()
  }

  test('three processes for a short file, one more for a mode that no new file has, others where others write in the directory', async () => {
    expect(await applied(folder => file({ path: join(folder, 'x'), content: 'text\n' }))).toEqual(['stat', 'sync', 'mv'])
    expect(await applied(folder => file({ path: join(folder, 'x'), content: 'text\n', mode: 0o600 }), folder => writeFileSync(join(folder, 'x'), 'old\n'))).toEqual(['stat', 'sync', 'mv'])
    expect(await applied(folder => file({ path: join(folder, 'x'), content: 'text\n', mode: 0o755 }))).toEqual(['stat', 'chmod', 'sync', 'mv'])
    expect(await applied(folder => file({ path: join(folder, 'x'), content: 'text\n' }), folder => chmodSync(folder, 0o1777))).toEqual(['stat', 'rm', 'mktemp', 'stat', 'chmod', 'sync', 'mv', 'rmdir'])
  })

  test.skipIf(needsRoot)('what has its owner already is not given it, and nobody else may read it before', async () => {
    const made = (owner: number, mode: number, more: (folder: string) => void = () => undefined) => applied(folder => file({ path: join(folder, 'x'), content: 'text\n', owner, group: 0, mode }), more)
    expect(await made(0, 0o644)).toEqual(['stat', 'sync', 'mv'])
    expect(await made(0, 0o600)).toEqual(['stat', 'sync', 'mv'])
    expect(await made(0, 0o640)).toEqual(['stat', 'chown', 'chmod', 'sync', 'mv'])
    expect(await made(1, 0o644)).toEqual(['stat', 'chown', 'chmod', 'sync', 'mv'])
    // A new file there gets the group of its directory.
    expect(await made(0, 0o644, folder => (chownSync(folder, 0, 1), chmodSync(folder, 0o2755)))).toEqual(['stat', 'chown', 'chmod', 'sync', 'mv'])
  })

  test('what a directory hands on by an access list is closed to those of the list before anything is written', async () => {
    // acl(5), and linux/posix_acl_xattr.h: what `setfacl -d -m u::rwx,g::rwx,o::rx` writes. The umask is nothing to such a directory.
    const entry = (tag: number, permission: number): string => `struct.pack('<HHI', ${tag}, ${permission}, 0xffffffff)`
    const shared = (folder: string): void => void execFileSync('python3', ['-c', `import os, struct, sys\nos.setxattr(sys.argv[1], 'system.posix_acl_default', struct.pack('<I', 2) + ${entry(1, 7)} + ${entry(4, 7)} + ${entry(32, 5)})`, folder])
    for (const mode of [0o640, 0o600, 0o750]) {
      where.length = 0
      const used = await applied(folder => file({ path: join(folder, 'x'), content: 'text\n', mode }), folder => (shared(folder), void where.push(join(folder, 'x'))))
      expect(used, 'the first before there is anything to read').toEqual(['stat', 'chmod', 'chmod', 'sync', 'mv'])
      expect(where.map(path => statSync(path).mode & 0o777)).toEqual([mode])
    }
  })

  test('two more for bytes that a script has as base64, for a file of the controller as well', async () => {
    const five = ['stat', 'base64', 'sha256sum', 'sync', 'mv']
    expect(await applied(folder => file({ path: join(folder, 'x'), content: 'é\n' }))).toEqual(five)
    const copied = (bytes: Uint8Array) => (folder: string): Task => (writeFileSync(join(folder, 'from'), bytes), copy({ source: join(folder, 'from'), path: join(folder, 'x') }))
    expect(await applied(copied(Uint8Array.from({ length: 4096 }, (_, index) => index % 251)))).toEqual(five)
    expect(await applied(copied(Buffer.from('text\n')))).toEqual(['stat', 'sync', 'mv'])
  })

  test('one more for an edited line, to see that nobody else edited; what comes on stdin is copied and compared', async () => {
    expect(await applied(folder => lineInFile({ path: join(folder, 'x'), line: 'a' }), folder => writeFileSync(join(folder, 'x'), 'b\n'))).toEqual(['sha256sum', 'stat', 'sync', 'mv'])
    expect(await applied(folder => file({ path: join(folder, 'x'), content: secret`s3cret` }))).toEqual(['mktemp', 'stat', 'cat', 'sha256sum', 'chmod', 'sync', 'mv', 'rmdir'])
  })

  test('one for a link, five where there was another', async () => {
    const link = (folder: string): Task => symlink({ path: join(folder, 'x'), target: 'y' })
    expect(await applied(link)).toEqual(['ln'])
    expect(await applied(link, folder => symlinkSync('z', join(folder, 'x')))).toEqual(['mktemp', 'stat', 'ln', 'mv', 'rmdir'])
  })

  test('two for a directory', async () => {
    expect(await applied(folder => directory({ path: join(folder, 'x') }))).toEqual(['mkdir', 'chmod'])
  })
})
