import { connect as dial, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import { announceSkip } from './machine.ts'
import { calm, results, target } from './open.ts'
import { sshd, sshdRefusal, type Sshd } from './sshd.ts'

/** Each may be a round trip on a slow line: versions, key exchange and its end, service, key, signature, channel and program, the shell with its first frame. */
const MOST = 8

if (sshdRefusal !== undefined) announceSkip('turns of a connection', sshdRefusal)

/** A line that counts how often the controller speaks after the host did: on a line of any length and a machine of any load the same number. */
async function countingLine(to: number) {
  let turns = 0
  let heard = false
  const server = createServer({ noDelay: true }, near => {
    const far = dial({ host: '127.0.0.1', port: to, noDelay: true })
    near.on('data', chunk => {
      if (heard) turns++
      heard = false
      far.write(chunk)
    })
    far.on('data', chunk => {
      heard = true
      near.write(chunk)
    })
    for (const [one, other] of [[near, far], [far, near]] as const) one.on('error', () => undefined).on('close', () => other.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, turns: () => turns, close: () => server.close() }
}

describe.skipIf(sshdRefusal !== undefined)('a connection', () => {
  let server: Sshd
  beforeAll(async () => { server = await sshd() }, 60_000)
  afterAll(() => server?.remove())

  it(`has its first answer after at most ${MOST} turns`, { timeout: 60_000 }, async () => {
    const line = await countingLine(server.port)
    const session = await connect(target({ name: 'h1', connection: 'ssh2', port: line.port, hostKeyAlias: `[127.0.0.1]:${server.port}`, privateKeyFile: server.key, knownHostsFiles: [server.knownHosts], connectTimeout: 30_000 }))
    if (isFailure(session)) throw new Error(session.message)
    const connected = line.turns()
    const shell = await session.shell(undefined, 'early')
    if (isFailure(shell)) throw new Error(shell.message)
    expect(results(await shell.query([{ script: 'echo here' }], calm))).toMatchObject([{ stdout: 'here\n' }])
    process.stderr.write(`turns: ${connected} to connect, ${line.turns()} to the first answer\n`)
    expect(line.turns()).toBeLessThanOrEqual(MOST)
    await session.close()
    line.close()
  })
})
