import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connect } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import type { Target } from '../../engine/connection/target.ts'
import type { Changer, Session } from '../../engine/model/session.ts'
import { delayProxy, type DelayProxy } from './delay-proxy.ts'
import { announceSkip, until } from './machine.ts'
import { calm, results, target } from './open.ts'
import { family, sshd, sshdRefusal, type Sshd } from './sshd.ts'

if (sshdRefusal !== undefined) announceSkip('telling a dead host from a slow one', sshdRefusal)

/** Seconds in which a dead host has to be told from a slow one. */
const PATIENCE = 20

describe.skipIf(sshdRefusal !== undefined).concurrent('a host', () => {
  async function through(settings: { oneWay: number; rate?: number }): Promise<{ server: Sshd; proxy: DelayProxy; session: Session; shell: Changer; done: () => Promise<void> }> {
    const server = await sshd()
    const proxy = await delayProxy({ to: server.port, ...settings })
    appendFileSync(server.knownHosts, readFileSync(server.knownHosts, 'utf8').replaceAll(`:${server.port} `, `:${proxy.port} `))
    const where: Target = target({ name: 'h1', connection: 'ssh2', port: proxy.port, privateKeyFile: server.key, knownHostsFiles: [server.knownHosts] })
    const session = await connect(where)
    if (isFailure(session)) throw new Error(session.message)
    const shell = await session.shell(undefined)
    if (isFailure(shell)) throw new Error(shell.message)
    return { server, proxy, session, shell, done: async () => {
      await session.close()
      await proxy[Symbol.asyncDispose]()
      await server.remove()
    } }
  }

  it('whose cable is pulled during a task is given up within 20 s, though no packet says so', { timeout: 60_000 }, async () => {
    const { server, proxy, shell, done } = await through({ oneWay: 1 })
    const mark = join(server.folder, 'started')
    const reply = shell.apply({ sections: [{ script: `: >${mark}; sleep 1` }], deadline: 60_000, killable: true }, calm)
    await until(() => existsSync(mark), { within: 10_000, what: 'the section runs' })
    proxy.silence()
    const began = performance.now()
    expect(await reply).toEqual({ type: 'lost', message: 'the connection ended (no sign of life for 16 s)' })
    expect(performance.now() - began).toBeLessThan(PATIENCE * 1000)
    await done()
  })

  it('whose sshd is stopped is given up within 20 s', { timeout: 60_000 }, async () => {
    const { server, shell, done } = await through({ oneWay: 1 })
    const daemons = family(server.pid)
    for (const pid of daemons) process.kill(pid, 'SIGSTOP')
    const began = performance.now()
    expect(await shell.query([{ script: 'echo hello' }], calm)).toMatchObject({ type: 'lost', message: expect.stringContaining('no sign of life') })
    expect(performance.now() - began).toBeLessThan(PATIENCE * 1000)
    for (const pid of daemons) process.kill(pid, 'SIGCONT')
    await done()
  })

  it('that says nothing for longer than that, because its task has nothing to say, is alive', { timeout: 60_000 }, async () => {
    const { shell, done } = await through({ oneWay: 1 })
    expect(results(await shell.apply({ sections: [{ script: `sleep ${PATIENCE + 4}; echo done` }], deadline: 60_000 }, calm))[0]?.stdout).toBe('done\n')
    await done()
  })

  it('that needs longer than that for a payload on a slow line is alive', { timeout: 90_000 }, async () => {
    const { shell, done } = await through({ oneWay: 50, rate: 60_000 })
    const bytes = Buffer.alloc(60_000 * (PATIENCE + 5), 'x')
    expect(results(await shell.apply({ sections: [{ script: 'wc -c', stdin: bytes }], deadline: 60_000 }, calm))[0]?.stdout.trim()).toBe(String(bytes.length))
    await done()
  })
})
