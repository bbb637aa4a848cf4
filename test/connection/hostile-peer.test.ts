import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import type { Channel } from '../../engine/connection/channel.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import { composeFrame } from '../../engine/connection/frame-message.ts'
import { FramedShell } from '../../engine/connection/framed-shell.ts'
import { localTransport } from '../../engine/connection/local.ts'
import { openShell } from '../../engine/connection/open-shell.ts'
import { ReplyReader } from '../../engine/connection/reply-reader.ts'
import { until } from './machine.ts'
import { calm, results, target } from './open.ts'

const folder = mkdtempSync(join(tmpdir(), 'ts-play-peer-'))
afterAll(() => rmSync(folder, { recursive: true }))
const MEBIBYTE = 1024 * 1024

/** A shell whose host says what the test makes it say. */
function puppet() {
  const nonce = randomBytes(16).toString('hex')
  const output = new PassThrough()
  const { promise: closed, resolve: close } = Promise.withResolvers<string>()
  const input = new PassThrough()
  input.resume()
  const shell = new FramedShell({
    channel: { input, output, errors: new PassThrough(), closed, destroy: () => close('destroyed') },
    reader: new ReplyReader(nonce), label: 'root on h1', queryDeadline: 60_000, patience: 30, trace: () => undefined,
    beginning: { uid: 0, reader: 'head', setsid: true, folder: '/run/x', user: 'root' },
  })
  return { shell, close, nonce, output }
}

describe.concurrent('a peer', () => {
  it('that closes at any byte of its answer has not answered', async () => {
    const whole = (nonce: string): string => `\n${nonce} R 1 ok 2 0o 1e\n4 1.o.0\n4 1.e.1\n8 total\nabc\nxyz\n\n${nonce} E 1\n`
    const { length } = whole('0'.repeat(32))
    for (let cut = 0; cut <= length; cut++) {
      const host = puppet()
      const reply = host.shell.apply({ sections: [{ script: 'a' }, { script: 'b' }], deadline: 5000 }, calm)
      await new Promise(resolve => setImmediate(resolve))
      host.output.write(whole(host.nonce).slice(0, cut))
      await new Promise(resolve => setImmediate(resolve))
      host.close('cut')
      if (cut < length) expect([cut, await reply]).toEqual([cut, { type: 'lost', message: 'the connection ended (cut)' }])
      else expect(results(await reply)).toEqual([{ status: 0, stdout: 'abc\n', stderr: '' }, { status: 1, stdout: '', stderr: 'xyz\n' }])
    }
  })

  it('that gets a frame only up to any byte of it runs nothing of it', { timeout: 60_000 }, async () => {
    const made = (cut: number): string => join(folder, `ran-${cut}`)
    async function cutAt(cut: number): Promise<number> {
      const channels: Channel[] = []
      const local = localTransport()
      const shell = await openShell({ ...local, open: async command => {
        const channel = await local.open(command)
        channels.push(channel)
        return channel
      } }, { target: target(), user: undefined, options: {} })
      if (isFailure(shell)) throw new Error(shell.message)
      const { head, blobs, tail } = composeFrame(1, { sections: [{ script: `: >'${made(cut)}'; cat`, stdin: 'some input' }], deadline: 5000, mode: 'change' }, { known: new Map() })
      const bytes = Buffer.concat([Buffer.from(head), ...blobs.map(({ content }) => (content instanceof Uint8Array ? content : Buffer.alloc(0))), Buffer.from(tail)])
      channels[0]?.input.end(bytes.subarray(0, cut < 0 ? bytes.length + cut : cut))
      await until(() => !existsSync(shell.capabilities.folder), { within: 20_000, what: 'the shell is gone' })
      await shell.close()
      return bytes.length
    }
    // At each byte near both ends, where its lines are, and here and there in between. At the last one it is whole.
    const cuts = [0, 1, 2, 3, 5, 10, 20, 30, 50, 80, 150, -40, -20, -12, -8, -6, -5, -4, -3, -2, -1]
    for (let first = 0; first < cuts.length; first += 6) await Promise.all(cuts.slice(first, first + 6).map(cutAt))
    expect(cuts.filter(cut => existsSync(made(cut)))).toEqual([])
    const length = await cutAt(100_000)
    expect([length > 190, existsSync(made(100_000))]).toEqual([true, true])
  })

  it('that says lines of 100 MB before, between and after its answers takes no memory with them', { timeout: 60_000 }, () => {
    const nonce = randomBytes(16).toString('hex')
    const reader = new ReplyReader(nonce)
    const flood = Buffer.alloc(64 * 1024, 'x')
    const before = process.memoryUsage()
    let peak = 0
    for (const id of [1, 2, 3]) {
      for (let sent = 0; sent < 100 * MEBIBYTE; sent += flood.length) {
        expect(reader.push(flood)).toEqual([])
        peak = Math.max(peak, process.memoryUsage.rss())
      }
      expect(reader.push(Buffer.from(`\n${nonce} R ${id} ok 1 0o\n2 1.o.0\nhi\n${nonce} E ${id}\n`))).toMatchObject([{ type: 'results', id, results: [{ stdout: 'hi' }] }])
    }
    expect(peak - before.rss).toBeLessThan(200 * MEBIBYTE)
    expect(reader.noise.text.length).toBeLessThan(5000)
  })

  it('that stops in the middle of its answer is given up at the deadline', { timeout: 30_000 }, async () => {
    const host = puppet()
    const began = performance.now()
    const reply = host.shell.apply({ sections: [{ script: 'a' }], deadline: 1000 }, calm)
    await new Promise(resolve => setImmediate(resolve))
    host.output.write(`\n${host.nonce} R 1 ok 1 0o\n400 1.o.0\nabc`)
    expect(await reply).toEqual({ type: 'lost', message: 'no answer 15 s after the deadline' })
    expect(performance.now() - began).toBeLessThan(20_000)
  })
})
