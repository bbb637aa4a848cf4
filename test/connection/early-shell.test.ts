import { randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { failure, isFailure } from '../../engine/connection/failure.ts'
import { FramedShell } from '../../engine/connection/framed-shell.ts'
import { localTransport } from '../../engine/connection/local.ts'
import { OpenSession } from '../../engine/connection/open-session.ts'
import { ReplyReader } from '../../engine/connection/reply-reader.ts'
import { Secret } from '../../engine/model/secret.ts'
import { until } from './machine.ts'
import { calm, results, target } from './open.ts'

/** A shell whose host has not said a word yet. */
function silent() {
  const nonce = randomBytes(16).toString('hex')
  const [input, output] = [new PassThrough(), new PassThrough()]
  const { promise: closed, resolve: close } = Promise.withResolvers<string>()
  const written: Buffer[] = []
  input.on('data', (chunk: Buffer) => written.push(chunk))
  const shell = new FramedShell({
    channel: { input, output, errors: new PassThrough(), closed, destroy: () => close('destroyed') },
    reader: new ReplyReader(nonce), label: 'root on h1', queryDeadline: 60_000, patience: 30, trace: () => undefined,
    beginning: { within: 10_000, judge: ({ user }) => (user === 'root' ? undefined : failure('become', `became ${user}`, 'r')), refusal: why => failure('unreachable', why, 'r') },
  })
  return { shell, close, written: () => Buffer.concat(written).toString(), say: (text: string) => output.write(text.replaceAll('NONCE', nonce)) }
}
const READY = '\nNONCE ready 0 head setsid 1 /run/x root\n'

describe('the first frame of a shell', () => {
  it('goes before the host has said a word, and is answered in one piece with that', async () => {
    const host = silent()
    const reply = host.shell.query([{ script: 'echo 1' }], calm)
    await until(() => host.written().endsWith('E 1\n'), { within: 2000, what: 'the frame' })
    host.say(`${READY}\nNONCE R 1 ok 1 0o\n2 1.o.0\n1\n\nNONCE E 1\n`)
    expect(results(await reply)).toEqual([{ status: 0, stdout: '1\n', stderr: '' }])
    expect(await host.shell.begun).toBeUndefined()
    await host.shell.close()
  })

  it('waits if there is a secret in it: what reads it may be no shell of ours', async () => {
    const host = silent()
    const reply = host.shell.query([{ script: 'cat >/dev/null', stdin: new Secret('hunter2') }], calm)
    await sleep(200)
    expect(host.written()).toBe('')
    host.say(READY)
    await until(() => host.written().endsWith('E 1\n'), { within: 2000, what: 'the frame' })
    expect(host.written()).toContain('hunter2')
    host.close('cut')
    expect(await reply).toMatchObject({ type: 'lost' })
  })

  it('has an answer where there is no shell, or another user’s: nothing of it ran', async () => {
    const [gone, other] = [silent(), silent()]
    const replies = [gone, other].map(({ shell }) => shell.query([{ script: ':' }], calm))
    gone.close('exit status 1')
    other.say(READY.replace('root', 'nobody'))
    expect(await Promise.all(replies)).toMatchObject([{ type: 'refused', failure: { reason: 'unreachable', message: 'exit status 1' } }, { type: 'refused', failure: { reason: 'become', message: 'became nobody' } }])
    expect(await gone.shell.apply({ sections: [{ script: ':' }], deadline: 1000 }, calm)).toMatchObject({ type: 'refused' })
  })

  it('is a failure of the host in its own words where a login shell refuses', { timeout: 60_000 }, async () => {
    const local = localTransport()
    const session = new OpenSession({ ...local, open: () => local.open('echo this account is closed; exit 1') }, target(), {})
    const early = await session.shell(undefined, 'early')
    if (isFailure(early)) throw new Error(early.message)
    expect(await early.query([{ script: ':' }], calm)).toMatchObject({ type: 'refused', failure: { reason: 'unreachable', message: expect.stringContaining('this account is closed') } })
    expect(await session.shell(undefined)).toMatchObject({ type: 'connect-failure', reason: 'unreachable' })
  })

  it('runs in a real shell as any other does', { timeout: 60_000 }, async () => {
    const session = new OpenSession(localTransport(), target(), {})
    const early = await session.shell(undefined, 'early')
    if (isFailure(early)) throw new Error(early.message)
    expect(results(await early.query([{ script: 'echo $((6*7))' }, { script: 'cat', stdin: 'x'.repeat(100_000) }], calm)).map(({ stdout }) => stdout.length)).toEqual([3, 100_000])
    await session.close()
  })
})
