import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connect } from '../../engine/connection/connect.ts'
import type { Target } from '../../engine/connection/target.ts'
import { Secret } from '../../engine/model/secret.ts'
import { target } from './open.ts'
import { freePort } from './sshd.ts'

describe.concurrent('a host that cannot be reached', () => {
  const where = (changes: Partial<Target>): Target => target({ name: 'h9', connection: 'ssh2', password: new Secret('x'), connectTimeout: 1000, ...changes })

  async function listening(greet: (server: Server) => void): Promise<{ port: number; close: () => void }> {
    const server = createServer()
    greet(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return { port: typeof address === 'object' && address ? address.port : 0, close: () => server.close() }
  }

  it('refuses connections: it is tried again until the time is up', async () => {
    const began = performance.now()
    expect(await connect(where({ port: await freePort() }))).toMatchObject({ reason: 'unreachable', message: expect.stringMatching(/^h9 \(127\.0\.0\.1:\d+\) cannot be reached: connect ECONNREFUSED .*tries in 1 s/) })
    expect(performance.now() - began).toBeLessThan(3000)
  })

  it('has no address: that does not mend itself', async () => {
    const began = performance.now()
    expect(await connect(where({ address: 'no-such-host.invalid', connectTimeout: 30_000 }))).toMatchObject({ reason: 'unreachable' })
    expect(performance.now() - began).toBeLessThan(15_000)
  })

  it('accepts and says nothing', async () => {
    const silent = await listening(server => server.on('connection', socket => socket.resume()))
    expect(await connect(where({ port: silent.port }))).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('no answer in the ssh handshake') })
    silent.close()
  })

  it('is no ssh server', async () => {
    const web = await listening(server => server.on('connection', socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    expect(await connect(where({ port: web.port }))).toMatchObject({ reason: 'unreachable' })
    web.close()
  })

  it('floods us with noise', async () => {
    const flood = await listening(server => server.on('connection', socket => {
      socket.on('error', () => undefined)
      const more = (): void => {
        while (!socket.destroyed && socket.write('x'.repeat(65_536)));
      }
      socket.on('drain', more)
      more()
    }))
    const before = process.memoryUsage().rss
    expect(await connect(where({ port: flood.port }))).toMatchObject({ reason: 'unreachable' })
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024)
    flood.close()
  })

  it('is given up at once when we are interrupted', async () => {
    const silent = await listening(server => server.on('connection', socket => socket.resume()))
    const stop = new AbortController()
    const began = performance.now()
    const waiting = connect(where({ port: silent.port, connectTimeout: 30_000 }), { signal: stop.signal })
    stop.abort()
    expect(await waiting).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('interrupted') })
    expect(performance.now() - began).toBeLessThan(2000)
    silent.close()
  })
})
