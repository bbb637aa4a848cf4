import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sh } from '../../engine/model/command.ts'
import { fileShell } from '../../engine/resources/staged-file.ts'
import { localHost } from './support/local-host.ts'
import { scratch } from './support/scratch.ts'
import { shells } from './support/shells.ts'
import { toolShim } from './support/tool-shim.ts'

describe.each(shells)('hashing with $name', shell => {
  test('hashes what is large with OpenSSL where that works, and else with sha256sum', async () => {
    const folder = scratch()
    const large = join(folder, 'large')
    writeFileSync(large, Buffer.alloc(9 << 20, 'x'))
    const real = createHash('sha256').update(readFileSync(large)).digest('hex')
    const sumWith = async (openssl: string, bytes: number): Promise<string> => {
      const bin = join(scratch(), 'bin')
      mkdirSync(bin)
      writeFileSync(join(bin, 'openssl'), `#!/bin/sh\n${openssl}\n`, { mode: 0o755 })
      const { stdout } = await localHost({ shell, scratch: folder, tools: [bin] }).run({ command: sh`tsp_hash ${bytes} <${large}; echo "$tsp_sum"` }, fileShell)
      return stdout.trim()
    }
    expect(await sumWith('echo "made up *stdin"', 9 << 20)).toBe('made')
    expect(await sumWith('echo "made up *stdin"', 8 << 20)).toBe(real)
    expect(await sumWith('echo "unknown option -r" >&2; exit 1', 9 << 20)).toBe(real)
    expect((await localHost({ shell, scratch: folder }).run({ command: sh`tsp_hash ${9 << 20} <${large}; echo "$tsp_sum"` }, fileShell)).stdout.trim()).toBe(real)
  })

  test('takes the sum of a large file that was hashed in the same frame, and only of one that was not written to since', async () => {
    const folder = scratch()
    const [path, note] = [join(folder, 'x'), join(folder, 'note')]
    const old = Buffer.alloc(9 << 20, 'x')
    const sum = createHash('sha256').update(old).digest('hex')
    const shim = toolShim({ folder: scratch(), shell, also: ['openssl'] })
    const look = async (): Promise<string> => {
      const host = localHost({ shell, scratch: folder, tools: shim.tools, environment: { TSP_NOTE: note } })
      return (await host.run({ command: sh`cd ${folder} && tsp_look ./x hash 0 -` }, fileShell)).stdout.trim().split('\n').at(-1)?.split(' ')[0] ?? ''
    }
    writeFileSync(path, old)
    const host = localHost({ shell, scratch: folder, environment: { TSP_NOTE: note } })
    expect((await host.run({ command: sh`cd ${folder} && tsp_verify ./x ${sum} '' ${old.length} && chmod 0640 ./x && mv ./x ./y && mv ./y ./x` }, fileShell)).status).toBe(0)
    expect(await look()).toBe(sum)
    expect(shim.used()).toEqual(['stat', 'stat'])
    writeFileSync(path, Buffer.alloc(9 << 20, 'y'))
    expect(await look()).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'))
    writeFileSync(path, old)
    rmSync(note)
    expect(await look()).toBe(sum)
  })
})
