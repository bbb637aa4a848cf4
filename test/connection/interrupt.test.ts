import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { FramedShell } from '../../engine/connection/framed-shell.ts'
import { ReplyReader } from '../../engine/connection/reply-reader.ts'
import type { FrameTrace } from '../../engine/connection/target.ts'
import { processesWith, until } from './machine.ts'
import { calm, output, results, shellHere } from './open.ts'

const folder = mkdtempSync(join(tmpdir(), 'ts-play-interrupt-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.concurrent('an interrupted frame', () => {
  it('that runs is ended on the host with its children, and the shell goes on', async () => {
    await using shell = await shellHere()
    for (const run of ['change', 'query'] as const) {
      const mark = `86407.${process.pid}${run.length}`
      const stop = new AbortController()
      const sections = [{ script: `sh -c 'sleep ${mark} & sleep ${mark}'; :` }]
      const reply = run === 'query' ? shell.query(sections, stop.signal) : shell.apply({ sections, deadline: 60_000 }, stop.signal)
      await until(() => processesWith(`sleep ${mark}`).length >= 2, { within: 5000, what: 'the section runs' })
      stop.abort()
      expect(await reply).toEqual({ type: 'lost', message: 'interrupted: the task was ended on the host before it was done' })
      expect(processesWith(`sleep ${mark}`)).toEqual([])
      expect(await output(shell, 'echo next')).toBe('next\n')
    }
  })

  it('that waits its turn never runs, and holds nobody up', async () => {
    await using shell = await shellHere()
    const stop = new AbortController()
    const first = shell.query([{ script: 'sleep 0.3; echo first' }], calm)
    const second = shell.apply({ sections: [{ script: `: >${folder}/second` }], deadline: 5000 }, stop.signal)
    const third = shell.query([{ script: `ls ${folder}; echo third` }], calm)
    stop.abort()
    expect(results(await first)[0]?.stdout).toBe('first\n')
    expect(await second).toEqual({ type: 'lost', message: 'interrupted before it was sent: nothing of it ran' })
    expect(results(await third)[0]?.stdout).toBe('third\n')
  })

  it('that was over already keeps its results', async () => {
    await using shell = await shellHere()
    const stop = new AbortController()
    const reply = await shell.query([{ script: 'echo done' }], stop.signal)
    stop.abort()
    expect(results(reply)[0]?.stdout).toBe('done\n')
    expect(await output(shell, 'echo next')).toBe('next\n')
  })
})

/** A host under the test's control: what the controller writes can be read, and answers be made up. */
function puppet(highWaterMark = 1024 * 1024) {
  const written: Buffer[] = []
  const input = new PassThrough({ highWaterMark })
  const output = new PassThrough()
  let close: (how: string) => void = () => undefined
  const closed = new Promise<string>(resolve => (close = resolve))
  const traces: Omit<FrameTrace, 'host' | 'user'>[] = []
  const nonce = randomBytes(16).toString('hex')
  const shell = new FramedShell({
    channel: { input, output, errors: new PassThrough(), closed, destroy: () => close('destroyed') },
    reader: new ReplyReader(nonce), label: 'root on h1', queryDeadline: 60_000, patience: 30, trace: trace => traces.push(trace),
    beginning: { uid: 0, reader: 'head', setsid: true, folder: '/run/x', user: 'root' },
  })
  const listen = (): void => void input.on('data', (chunk: Buffer) => written.push(chunk))
  return { shell, traces, listen, written: () => Buffer.concat(written).toString(), say: (text: string) => output.write(text.replaceAll('NONCE', nonce)), close, input }
}

describe('the controller', () => {
  it('sends one frame at a time, each in one piece, and asks again for a torn reply', async () => {
    const host = puppet()
    host.listen()
    const [one, two] = [host.shell.query([{ script: 'echo 1' }], calm), host.shell.query([{ script: 'echo 2' }], calm)]
    await until(() => host.written().endsWith('E 1\n'), { within: 1000, what: 'the first frame' })
    expect(host.written()).toMatch(/^F 1 60 2 1 1\.p:\d+\nif /)
    host.say('\nNONCE R 1 ok 1 0o\n2 1.o.0\n1\nand a daemon writes\nNONCE E 1\n')
    await until(() => host.written().endsWith('A 1\n'), { within: 1000, what: 'the second question' })
    host.say('\nNONCE S 1 ok 1 0o\n2\n1\n\nNONCE E 1\n')
    expect(results(await one)).toEqual([{ status: 0, stdout: '1\n', stderr: '' }])
    await until(() => host.written().endsWith('E 2\n'), { within: 1000, what: 'the second frame' })
    // An answer to another frame than the one that was asked is nobody's.
    host.say('\nNONCE R 1 ok 1 0o\n2 1.o.0\n1\n\nNONCE E 1\n\nNONCE R 2 ok 1 0\n\nNONCE E 2\n')
    expect(results(await two)).toEqual([{ status: 0, stdout: '', stderr: '' }])
    expect(host.traces).toHaveLength(2)
  })

  it('gives a frame up when the connection ends, and takes no more', async () => {
    const host = puppet()
    host.listen()
    const reply = host.shell.query([{ script: 'echo 1' }], calm)
    await until(() => host.written().endsWith('E 1\n'), { within: 1000, what: 'the frame' })
    host.close('Keepalive timeout')
    expect(await reply).toEqual({ type: 'lost', message: 'the connection ended (Keepalive timeout)' })
    expect(host.shell.lost).toBe('the connection ended (Keepalive timeout)')
    expect(await host.shell.query([{ script: 'echo 2' }], calm)).toEqual({ type: 'lost', message: 'the connection ended (Keepalive timeout)' })
  })

  it('passes on what the host says when it gives up', async () => {
    const host = puppet()
    host.listen()
    const reply = host.shell.query([{ script: 'echo 1' }], calm)
    host.say('\nNONCE failed no space left in /run/x\n')
    expect(await reply).toEqual({ type: 'lost', message: 'the shell of root on h1 gave up: no space left in /run/x' })
  })

  it('stops sending a payload when it is interrupted, and says that nothing of it ran', async () => {
    const host = puppet(1024)
    const stop = new AbortController()
    const reply = host.shell.apply({ sections: [{ script: 'cat', stdin: randomBytes(3_000_000) }], deadline: 5000 }, stop.signal)
    // Nobody reads: the frame is stuck half-way.
    await until(() => host.input.writableLength > 0, { within: 1000, what: 'bytes wait' })
    stop.abort()
    expect(await reply).toEqual({ type: 'lost', message: 'interrupted while it was sent: nothing of it ran' })
  })

  it('answers an empty frame itself', async () => {
    const host = puppet()
    expect(await host.shell.query([], calm)).toEqual({ type: 'replied', results: [] })
    expect(host.traces).toHaveLength(0)
  })

  it('sends a helper once per shell', async () => {
    const host = puppet()
    host.listen()
    const sections = [{ script: 'f', helpers: 'f() { :; }' }, { script: 'f', helpers: 'f() { :; }' }, { script: 'g', helpers: 'g() { :; }' }]
    const one = host.shell.query(sections, calm)
    await until(() => host.written().endsWith('E 1\n'), { within: 1000, what: 'the first frame' })
    expect(host.written()).toMatch(/^F 1 60 2 3 h\.0:10 h\.1:10 1\.p:\d+\nf\(\) \{ :; \}g\(\)/)
    host.say('\nNONCE R 1 ok 3 0 0 0\n\nNONCE E 1\n')
    await one
    void host.shell.query(sections, calm)
    await until(() => host.written().endsWith('E 2\n'), { within: 1000, what: 'the second frame' })
    expect(host.written()).toMatch(/F 2 60 2 3 2\.p:\d+\n/)
    host.close('done')
  })
})
