import { execFileSync, type ChildProcess } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import type { Target } from '../../engine/connection/target.ts'
import { folderWith } from '../cli/support.ts'
import { sshAgent } from './agent.ts'
import { delayProxy } from './delay-proxy.ts'
import { announceSkip, until } from './machine.ts'
import { calm, results, target } from './open.ts'
import { keygen, sshd, sshdRefusal, type Sshd } from './sshd.ts'

if (sshdRefusal !== undefined) announceSkip('round trips of ssh2', sshdRefusal)

/** Counted on the wire, as chains of answers: how slow a loaded machine is does not count, nor does TCP's own first one, which is not seen there. */
describe.skipIf(sshdRefusal !== undefined)('round trips over ssh2', () => {
  let server: Sshd
  let agent: ChildProcess
  const inFolder = (name: string): string => join(server.folder, name)

  beforeAll(async () => {
    server = await sshd({ users: [{ name: 'tspguest', shell: '/bin/sh' }, { name: 'tspadmin', shell: '/bin/sh' }], prepare: `printf 'tspadmin ALL=(ALL) NOPASSWD: ALL\\n' >/etc/sudoers.d/tsp`, config: 'Match User tspguest\n  AuthenticationMethods publickey,publickey' })
    for (const type of ['rsa', 'ecdsa', 'ed25519'] as const) keygen(inFolder(type), type)
    keygen(inFolder('stranger'), 'ed25519')
    keygen(inFolder('strange-rsa'), 'rsa')
    for (const name of ['rsa', 'ecdsa', 'ed25519']) appendFileSync(inFolder('id.pub'), readFileSync(inFolder(`${name}.pub`), 'utf8'))
    agent = await sshAgent(inFolder('agent'))
    execFileSync('ssh-add', [inFolder('ed25519')], { env: { SSH_AUTH_SOCK: inFolder('agent'), PATH: '/usr/bin:/bin' }, stdio: 'ignore' })
  }, 60_000)
  afterAll(async () => {
    agent?.kill()
    await server?.remove()
  })

  /** Round trips that were waited for until there is a connection, the first frame is answered, another one is, and all is closed. */
  async function count(changes: Partial<Target>, user?: string): Promise<readonly number[]> {
    await using proxy = await delayProxy({ to: server.port, oneWay: 40 })
    const read = server.log().length
    const session = await connect(target({ name: 'h1', connection: 'ssh2', port: proxy.port, hostKeyAlias: 'h1', acceptNew: true, knownHostsFiles: [inFolder('known')], ...changes }))
    if (isFailure(session)) throw new Error(session.message)
    const at = [proxy.roundTrips]
    const shell = await session.shell(user, 'early')
    if (isFailure(shell)) throw new Error(shell.message)
    for (const word of ['one', 'two']) {
      expect(results(await shell.query([{ script: `echo ${word}` }], calm))[0]?.stdout).toBe(`${word}\n`)
      at.push(proxy.roundTrips)
    }
    await session.close()
    at.push(proxy.roundTrips)
    // Nobody waited for it, and it came: the host was told that this is the end.
    await until(() => /disconnected by user|Received disconnect/.test(server.log().slice(read)), { within: 5000, what: 'sshd has heard the goodbye' })
    return at.map((trips, index) => trips - (at[index - 1] ?? 0))
  }

  // Greetings and what each side can do; the exchange of keys; the login. The channel with its program (sshd lets nothing be sent before that runs), the first frame.
  it.each(['ed25519', 'rsa', 'ecdsa'])('are three to log in with an %s key of a file, two to the first answer, one for each more, one to clean up', { timeout: 30_000 }, async type => {
    expect(await count({ privateKeyFile: inFolder(type) })).toEqual([3, 2, 1, 1])
  })

  it('are one more for each key that the host does not take', { timeout: 30_000 }, async () => {
    expect(await count({ identityFiles: ['stranger', 'strange-rsa', 'ed25519'].map(inFolder) })).toEqual([5, 2, 1, 1])
  })

  it('are one for each of two keys that the host wants', { timeout: 30_000 }, async () => {
    expect(await count({ user: 'tspguest', identityFiles: ['ecdsa', 'stranger', 'ed25519'].map(inFolder) })).toEqual([5, 2, 1, 1])
  })

  it('are one more for a key of the agent: somebody may have to agree to each signature, so the host is asked before', { timeout: 30_000 }, async () => {
    expect(await count({ identityAgent: inFolder('agent') })).toEqual([4, 2, 1, 1])
  })

  it('are one more to become another user, who says at once who that is', { timeout: 30_000 }, async () => {
    expect(await count({ user: 'tspadmin', privateKeyFile: server.key }, 'root')).toEqual([3, 3, 1, 1])
  })

  it('are six for a whole run with nothing to do, and its process ends with the last', { timeout: 60_000 }, async () => {
    // Far enough away that a process that does not wait for it is gone before an answer to the goodbye.
    await using proxy = await delayProxy({ to: server.port, oneWay: 200 })
    await using folder = await folderWith({
      'site.ts': `
        import { directory, everyone, play, playbook, role } from 'ts-play'
        const one = role('one', { tasks: () => [directory({ path: '/etc' })] })
        export default playbook('site', [play(one, { hosts: everyone })])`,
      'far.yaml': `all: { hosts: { h1: { ansible_host: 127.0.0.1, ansible_port: ${proxy.port}, ansible_user: root, ansible_ssh_private_key_file: ${server.key} } } }`,
    })
    const ended = await folder.run(['site.ts', '-i', 'far.yaml', '--known-hosts', inFolder('run-known'), '--accept-new'])
    const trips = proxy.roundTrips
    expect(ended.code, ended.stdout + ended.stderr).toBe(0)
    expect(trips).toBe(6)
  })
})
