import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync, closeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isFailure } from '../../engine/connection/failure.ts'
import { openShell } from '../../engine/connection/open-shell.ts'
import type { FrameTrace } from '../../engine/connection/target.ts'
import type { SourceFile } from '../../engine/model/session.ts'
import { announceSkip, isRoot } from './machine.ts'
import { machineWith, namespaceRefusal } from './namespace.ts'
import { calm, output, results, shellHere, target } from './open.ts'

const folder = mkdtempSync(join(tmpdir(), 'ts-play-payload-'))
afterAll(() => rmSync(folder, { recursive: true }))

const MEBIBYTE = 1024 * 1024

/** A file of random bytes, written piece by piece. */
function source(name: string, size: number): SourceFile {
  const path = join(folder, name)
  const file = openSync(path, 'w')
  const hash = createHash('sha256')
  for (let left = size; left > 0; left -= MEBIBYTE) {
    const piece = randomBytes(Math.min(left, MEBIBYTE))
    hash.update(piece)
    writeSync(file, piece)
  }
  closeSync(file)
  return { type: 'source-file', path, size, sha256: hash.digest('hex') }
}

describe.concurrent('a payload', () => {
  it('of any size around the block sizes of pipes, readers and the spool arrives whole', { timeout: 60_000 }, async () => {
    await using shell = await shellHere()
    for (const size of [0, 1, 4095, 4096, 8192, 65_535, 65_536, 65_537, 524_288, MEBIBYTE, MEBIBYTE + 1, 2 * MEBIBYTE + 524_287]) {
      const bytes = randomBytes(size)
      const found = results(await shell.apply({ sections: [{ script: 'sha256sum', stdin: bytes }, { script: 'cat', stdin: 'after' }], deadline: 20_000 }, calm))
      expect([size, found[0]?.stdout.split(' ')[0], found[1]?.stdout]).toEqual([size, createHash('sha256').update(bytes).digest('hex'), 'after'])
    }
  })

  it('of 200 MB is streamed from disk to disk with little memory here', { timeout: 120_000 }, async () => {
    const traces: FrameTrace[] = []
    await using shell = await shellHere({ trace: trace => traces.push(trace) })
    const file = source('big', 200 * MEBIBYTE)
    const before = process.memoryUsage().rss
    let peak = before
    const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20)
    const found = results(await shell.apply({ sections: [{ script: 'sha256sum; readlink -f /proc/self/fd/0', stdin: file }], deadline: 60_000 }, calm))
    clearInterval(watching)
    expect(found[0]?.stdout.split(' ')[0]).toBe(file.sha256)
    expect(peak - before).toBeLessThan(80 * MEBIBYTE)
    expect(traces.at(-1)?.bytesSent).toBeGreaterThan(200 * MEBIBYTE)
    // On disk while it was used, and gone now.
    const spooled = found[0]?.stdout.split('\n')[1] ?? ''
    expect(spooled).toMatch(isRoot ? /^\/var\/lib\/ts-play\/spool\// : /^\/var\/tmp\/ts-play-/)
    expect(existsSync(spooled)).toBe(false)
    await shell.close()
    expect(readdirSync(join(spooled, '../..')).filter(name => spooled.includes(name))).toEqual([])
  })

  it('whose file has changed since it was planned stops the frame before the host hears of it', async () => {
    await using shell = await shellHere()
    const file = source('changing', 5000)
    writeFileSync(file.path, 'short')
    expect(await shell.apply({ sections: [{ script: 'cat', stdin: file }], deadline: 5000 }, calm)).toEqual({
      type: 'lost', message: `${file.path} had 5000 bytes when it was planned and has 5 now: nothing of it ran`,
    })
    rmSync(file.path)
    expect(await shell.apply({ sections: [{ script: 'cat', stdin: file }], deadline: 5000 }, calm)).toMatchObject({ message: expect.stringContaining('cannot be read any more') })
    expect(await output(shell, 'echo next')).toBe('next\n')
  })
})

if (namespaceRefusal !== undefined) announceSkip('full disks', namespaceRefusal)
describe.skipIf(namespaceRefusal !== undefined).concurrent('a full disk', () => {
  it('under the spool fails the section that needs it, in words, and nothing else', { timeout: 60_000 }, async () => {
    const machine = machineWith('mkdir -p /var/lib/ts-play/spool; mount -t tmpfs -o size=2m tmpfs /var/lib/ts-play/spool')
    const shell = await openShell(machine, { target: target(), user: undefined, options: {} })
    if (isFailure(shell)) throw new Error(shell.message)
    const found = results(await shell.apply({ sections: [{ script: 'echo one' }, { script: 'wc -c', stdin: randomBytes(5 * MEBIBYTE) }, { script: 'cat', stdin: 'three' }], deadline: 20_000 }, calm))
    expect(found[0]).toMatchObject({ status: 0, stdout: 'one\n' })
    expect(found[1]).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('No space left on device') })
    expect(found[2]).toMatchObject({ status: 0, stdout: 'three' })
    // The space is given back: what fits is taken.
    expect(results(await shell.apply({ sections: [{ script: 'wc -c', stdin: randomBytes(MEBIBYTE + 5) }], deadline: 20_000 }, calm))[0]?.stdout.trim()).toBe(String(MEBIBYTE + 5))
    await shell.close()
  })

  it('under /run sends the private folder elsewhere', async () => {
    const shell = await openShell(machineWith('mount -t tmpfs -o size=64k tmpfs /run; head -c 100000 /dev/zero >/run/full 2>/dev/null'), { target: target(), user: undefined, options: {} })
    if (isFailure(shell)) throw new Error(shell.message)
    expect(shell.capabilities.folder).toMatch(/^\/dev\/shm\/ts-play-/)
    expect(await output(shell, 'ls -d /run/ts-play-* 2>/dev/null; echo fine')).toBe('fine\n')
    await shell.close()
  })

  it('that fills up later is said, not guessed at', async () => {
    const shell = await openShell(machineWith('mount -t tmpfs -o size=1m tmpfs /run'), { target: target(), user: undefined, options: {} })
    if (isFailure(shell)) throw new Error(shell.message)
    await shell.query([{ script: 'head -c 2000000 /dev/zero >/run/full' }], calm)
    const reply = await shell.query([{ script: 'echo hello' }], calm)
    expect(reply).toMatchObject({ type: 'lost', message: expect.stringMatching(/no space left|cannot store/) })
    await shell.close()
  })
})

describe.skipIf(namespaceRefusal !== undefined).concurrent('a host', () => {
  it('without setsid ends late frames by walking the process tree', { timeout: 30_000 }, async () => {
    const shell = await openShell(machineWith('mount --bind /dev/null /usr/bin/setsid'), { target: target(), user: undefined, options: {} })
    if (isFailure(shell)) throw new Error(shell.message)
    expect(shell.capabilities.setsid).toBe(false)
    const mark = `8640.${process.pid}`
    const late = await shell.apply({ sections: [{ script: 'echo one' }, { script: `sh -c 'sleep ${mark} & sleep ${mark}; :'` }], deadline: 1000 }, calm)
    expect(late).toMatchObject({ type: 'timed-out', results: [{ status: 0 }, { status: undefined }] })
    expect(await output(shell, `ps ax -o args | grep -c '[s]leep ${mark}'`)).toBe('0\n')
    await shell.close()
  })

  it('without /proc keeps its deadlines', { timeout: 30_000 }, async () => {
    const shell = await openShell(machineWith('mount -t tmpfs tmpfs /proc'), { target: target(), user: undefined, options: {} })
    if (isFailure(shell)) throw new Error(shell.message)
    expect(await shell.apply({ sections: [{ script: 'sleep 60' }], deadline: 1000 }, calm)).toMatchObject({ type: 'timed-out' })
    expect(await output(shell, 'echo next')).toBe('next\n')
    await shell.close()
  })
})
