import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Server, type Connection } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { connect } from '../../engine/connection/connect.ts'
import { execAhead } from '../../engine/connection/exec-ahead.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import { announceSkip } from './machine.ts'
import { calm, results, target } from './open.ts'
import { sshd, sshdRefusal } from './sshd.ts'

describe('a program', () => {
  /** ssh2's parts that are looked at, and what was sent, in order. */
  function client(software: unknown = 'OpenSSH_9.2p1') {
    const sent: unknown[] = []
    const protocol = { session: () => void sent.push('session'), exec: (...words: readonly unknown[]) => void sent.push(words) }
    return { sent, protocol, made: { _remoteVer: software, _protocol: protocol } }
  }

  it('is asked for along with its channel, and not again when that is open', () => {
    const { sent, protocol, made } = client()
    expect(execAhead(made, 'program')).toBe(true)
    protocol.session()
    expect(sent).toEqual(['session', [0, 'program', true]])
    protocol.exec(0, 'program', true)
    protocol.session()
    protocol.exec(1, 'second', true)
    protocol.exec(0, 'third', true)
    expect(sent.slice(2)).toEqual(['session', [1, 'second', true], [0, 'third', true]])
  })

  it('is asked for again where the channel is another one', () => {
    const { sent, protocol, made } = client()
    execAhead(made, 'program')
    protocol.session()
    protocol.exec(4, 'program', true)
    protocol.exec(0, 'another', true)
    expect(sent).toEqual(['session', [0, 'program', true], [4, 'program', true], [0, 'another', true]])
  })

  it.each(['dropbear_2022.83', 'AsyncSSH_2.14', '', null])('of %j waits for its channel: nobody knows how that counts', software => {
    const { sent, protocol, made } = client(software)
    expect(execAhead(made, 'program')).toBe(false)
    protocol.session()
    expect(sent).toEqual(['session'])
  })

  it('is left alone where ssh2 is not as expected', () => {
    for (const made of [{}, { _remoteVer: 'OpenSSH_9.2p1' }, { _remoteVer: 'OpenSSH_9.2p1', _protocol: { exec: 1, session: 'text' } }]) {
      const before = structuredClone(made)
      expect(execAhead(made, 'program')).toBe(false)
      expect(made).toEqual(before)
    }
  })
})

if (sshdRefusal !== undefined) announceSkip('a program asked for ahead', sshdRefusal)

describe.skipIf(sshdRefusal !== undefined)('a host', () => {
  it('that has no channel for anybody says so as ever, and is asked once more the slow way', { timeout: 60_000 }, async () => {
    const server = await sshd({ config: 'MaxSessions 0' })
    const session = await connect(target({ name: 'h1', connection: 'ssh2', port: server.port, privateKeyFile: server.key, knownHostsFiles: [server.knownHosts] }))
    if (isFailure(session)) throw new Error(session.message)
    expect(await session.shell(undefined)).toMatchObject({ reason: 'unreachable', message: expect.stringMatching(/^h1 gave no channel for a shell: .*open fail/i), remedy: expect.stringContaining('MaxSessions') })
    expect(server.log().match(/Accepted publickey/g)).toHaveLength(2)
    expect(server.log()).toMatch(/unknown channel|nonexistent channel/)
    await session.close()
    await server.remove()
  })

  it('that calls itself OpenSSH and counts otherwise is asked once more the slow way', { timeout: 60_000 }, async () => {
    const keys = await sshd({ start: false })
    const connections: Connection[] = []
    const server = new Server({ hostKeys: [readFileSync(join(keys.folder, 'host_ed25519'))], ident: 'OpenSSH_9.9' }, connection => {
      connections.push(connection)
      connection.on('error', () => undefined)
      connection.on('authentication', context => context.accept())
      connection.on('session', accept => {
        // As OpenSSH does it with whoever names a channel that is not there.
        if (connections.length === 1) return connection.end()
        accept().on('exec', (taken, _refuse, { command }) => {
          const stream = taken()
          const child = spawn('/bin/sh', ['-c', command], { stdio: 'pipe' })
          stream.pipe(child.stdin)
          child.stdout.pipe(stream)
          child.on('close', code => {
            stream.exit(code ?? 1)
            stream.end()
          })
        })
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const session = await connect(target({ name: 'h1', connection: 'ssh2', port, privateKeyFile: keys.key, hostKeyAlias: 'h1', acceptNew: true, knownHostsFiles: [join(keys.folder, 'accepted')] }))
    if (isFailure(session)) throw new Error(session.message)
    const shell = await session.shell(undefined)
    if (isFailure(shell)) throw new Error(shell.message)
    expect(results(await shell.query([{ script: 'echo here' }], calm))[0]?.stdout).toBe('here\n')
    expect(connections).toHaveLength(2)
    await session.close()
    server.close()
    await keys.remove()
  })
})
