import { execFileSync } from 'node:child_process'
import { appendFileSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import type { ConnectOptions, FrameTrace, Target } from '../../engine/connection/target.ts'
import { Secret } from '../../engine/model/secret.ts'
import type { ConnectFailure, Session } from '../../engine/model/session.ts'
import { sshAgent } from './agent.ts'
import { announceSkip, has, until } from './machine.ts'
import { calm, results, target } from './open.ts'
import { keygen, sshd, sshdRefusal, type Sshd } from './sshd.ts'

if (sshdRefusal !== undefined) announceSkip('connections to a real sshd', sshdRefusal)
const PASSWORD = 'c0rrect "horse" $PATH'

/** A session that has to come about, closed by the caller. */
async function session(where: Target, options: ConnectOptions = {}): Promise<Session> {
  const made = await connect(where, options)
  if (isFailure(made)) throw new Error(`${made.message}; ${made.remedy}`)
  return made
}
async function say(made: Session, script: string, user?: string): Promise<string | ConnectFailure> {
  const shell = await made.shell(user)
  if (isFailure(shell)) return shell
  return results(await shell.query([{ script }], calm))[0]?.stdout ?? ''
}

describe.skipIf(sshdRefusal !== undefined).concurrent.each(['ssh2', 'openssh'] as const)('over %s', connection => {
  let server: Sshd
  const at = (changes: Partial<Target> = {}): Target => target({ name: 'h1', connection, port: server.port, privateKeyFile: server.key, knownHostsFiles: [server.knownHosts], ...changes })
  const inFolder = (name: string): string => join(server.folder, name)

  beforeAll(async () => {
    server = await sshd({
      config: 'PasswordAuthentication yes\nKbdInteractiveAuthentication no\nMaxSessions 3',
      users: [
        { name: 'tspguest', shell: '/bin/bash', password: PASSWORD },
        ...['fish', 'csh', 'mksh'].filter(has).map(shell => ({ name: `tsp${shell}`, shell: `/usr/bin/${shell}` })),
        { name: 'tspnone', shell: '/usr/sbin/nologin' },
      ],
      prepare: "echo 'tspguest ALL=(ALL) ALL' >/etc/sudoers.d/tspguest; chmod 440 /etc/sudoers.d/tspguest",
    })
  }, 30_000)
  afterAll(() => server.remove())

  it('a session runs frames, a hundred probes in one of them', async () => {
    const traces: FrameTrace[] = []
    const made = await session(at(), { trace: trace => traces.push(trace) })
    const shell = await made.shell(undefined)
    if (isFailure(shell)) throw new Error(shell.message)
    const found = results(await shell.query(Array.from({ length: 100 }, (_, index) => ({ script: `echo ${index}` })), calm))
    expect(found.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 100 }, (_, index) => `${index}\n`))
    expect(traces).toMatchObject([{ host: 'h1', user: 'root', sections: 100, reply: 'replied' }])
    expect(await made.shell('root')).toBe(shell)
    await made.close()
  })

  it('bytes arrive as they are, both ways', async () => {
    const made = await session(at())
    const shell = await made.shell(undefined)
    if (isFailure(shell)) throw new Error(shell.message)
    const bytes = Uint8Array.from({ length: 5_000_000 }, (_, index) => (index * 31) % 251)
    const found = results(await shell.query([{ script: 'tee /dev/stderr | cksum', stdin: bytes }, { script: 'cat', stdin: '\u0000ü\r\n' }], calm))
    expect(found[0]?.stdout).toMatch(/^\d+ 5000000\n$/)
    expect(Buffer.from(found[1]?.stdout ?? '')).toEqual(Buffer.from('\u0000ü\r\n'))
    await made.close()
  })

  describe('the host key', () => {
    const print = (name: string): string => execFileSync('ssh-keygen', ['-lf', inFolder(name)], { encoding: 'utf8' }).split(' ')[1] ?? ''

    it('of an unknown host is refused with its fingerprint, and nothing is written', async () => {
      const file = inFolder('empty_known_hosts')
      expect(await connect(at({ knownHostsFiles: [file] }))).toMatchObject({ type: 'connect-failure', reason: 'host-key', message: expect.stringContaining(print('host_ed25519.pub')) })
      expect(existsSync(file)).toBe(false)
    })

    it('is recorded by acceptNew, 0600, and trusted from then on', async () => {
      const file = inFolder('new/known_hosts')
      await (await session(at({ knownHostsFiles: [file], acceptNew: true }))).close()
      expect(statSync(file).mode & 0o777).toBe(0o600)
      await (await session(at({ knownHostsFiles: [file] }))).close()
      expect(execFileSync('ssh-keygen', ['-F', `[127.0.0.1]:${server.port}`, '-f', file], { encoding: 'utf8' })).toContain('ssh-ed25519')
    })

    it('that has changed is refused with both fingerprints, acceptNew or not', async () => {
      keygen(inFolder('other'), 'ed25519')
      const file = inFolder('changed')
      writeFileSync(file, `# note\n[127.0.0.1]:${server.port} ${readFileSync(inFolder('other.pub'), 'utf8')}`)
      for (const acceptNew of [false, true]) {
        const failed = await connect(at({ knownHostsFiles: [file], acceptNew }))
        expect(failed).toMatchObject({ reason: 'host-key', message: expect.stringContaining(`${file}:2`) })
        expect(isFailure(failed) && failed.message).toContain(print('host_ed25519.pub'))
        expect(isFailure(failed) && failed.message).toContain(print('other.pub'))
      }
    })

    it('that is known by its RSA key only is asked for that one', async () => {
      const file = inFolder('rsa_only')
      writeFileSync(file, `[127.0.0.1]:${server.port} ${readFileSync(inFolder('host_rsa.pub'), 'utf8')}`)
      await (await session(at({ knownHostsFiles: [file] }))).close()
    })

    it('that is revoked is refused', async () => {
      const file = inFolder('revoked')
      const keys = ['host_ed25519.pub', 'host_rsa.pub'].map(name => readFileSync(inFolder(name), 'utf8'))
      writeFileSync(file, `${readFileSync(server.knownHosts, 'utf8')}${keys.map(key => `@revoked * ${key}`).join('')}`)
      expect(await connect(at({ knownHostsFiles: [file] }))).toMatchObject({ reason: 'host-key', message: expect.stringContaining('revoked') })
    })
  })

  describe('a login', () => {
    it('by an RSA key works', async () => {
      keygen(inFolder('id_rsa'), 'rsa')
      appendFileSync(inFolder('id.pub'), readFileSync(inFolder('id_rsa.pub'), 'utf8'))
      await (await session(at({ privateKeyFile: inFolder('id_rsa') }))).close()
    })

    it('by an encrypted key needs its passphrase or an agent, and says so', { timeout: 30_000 }, async () => {
      const file = inFolder('id_encrypted')
      copyFileSync(server.key, file)
      execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', file])
      expect(await connect(at({ privateKeyFile: file }))).toMatchObject({ reason: 'authentication', message: expect.stringMatching(/encrypted and no passphrase was given/) })
      expect(await connect(at({ privateKeyFile: file, passphrase: new Secret('wrong') }))).toMatchObject({ reason: 'authentication', message: expect.stringContaining('passphrase') })
      await (await session(at({ privateKeyFile: file, passphrase: new Secret('open sesame') }))).close()
      const socket = inFolder('agent')
      const agent = await sshAgent(socket)
      execFileSync('ssh-add', [server.key], { env: { SSH_AUTH_SOCK: socket, PATH: '/usr/bin:/bin' }, stdio: 'ignore' })
      await (await session(at({ privateKeyFile: file, identityAgent: socket }))).close()
      agent.kill()
    })

    it('with a key the host does not know is an authentication failure that names what was tried', async () => {
      keygen(inFolder('stranger'), 'ed25519')
      expect(await connect(at({ privateKeyFile: inFolder('stranger') }))).toMatchObject({ reason: 'authentication', message: expect.stringContaining(`h1 did not accept root with key ${inFolder('stranger')}`) })
      expect(await connect(at({ privateKeyFile: inFolder('missing') }))).toMatchObject({ reason: 'authentication', message: expect.stringMatching(/cannot be read|no such identity/) })
    })

    it.runIf(connection === 'ssh2')('with a key of no use says what is wrong with it', async () => {
      expect(await connect(at({ privateKeyFile: inFolder('stranger.pub') }))).toMatchObject({ reason: 'authentication', message: expect.stringContaining('public key') })
      expect(await connect(at({ privateKeyFile: inFolder('config') }))).toMatchObject({ reason: 'authentication', message: expect.stringContaining('no private key this transport can use') })
      const { privateKeyFile: _, ...none } = at()
      expect(await connect(none)).toMatchObject({ reason: 'authentication', message: 'there is nothing to log in to h1 with' })
      expect(await connect({ ...none, identityAgent: inFolder('no-agent') })).toMatchObject({ reason: 'authentication', message: expect.stringContaining('no-agent') })
    })

    it('by password works, and a wrong one is tried once', { timeout: 30_000 }, async () => {
      const { privateKeyFile: _, ...where } = at({ user: 'tspguest' })
      const made = await session({ ...where, password: new Secret(PASSWORD) })
      expect(await say(made, 'id -un')).toBe('tspguest\n')
      await made.close()
      const count = (): number => server.log().split('Failed password').length
      const before = count()
      expect(await connect({ ...where, password: new Secret('wrong') })).toMatchObject({ reason: 'authentication', message: expect.stringMatching(/^h1 did not accept tspguest with the password/) })
      expect(count() - before).toBe(1)
    })

    it('to a user with fish, csh or mksh as login shell gives a POSIX shell', async () => {
      for (const shell of ['fish', 'csh', 'mksh'].filter(has)) {
        const made = await session(at({ user: `tsp${shell}` }))
        expect(await say(made, 'echo "$(id -un) $((40+2))"')).toBe(`tsp${shell} 42\n`)
        await made.close()
      }
    })

    it('to a user without a shell says what the host said', async () => {
      const made = await session(at({ user: 'tspnone' }))
      expect(await made.shell(undefined)).toMatchObject({ reason: 'unreachable', message: expect.stringMatching(/no POSIX shell for tspnone on h1: exit status 1; it said: This account is currently not available/) })
      await made.close()
    })
  })

  it('sudo gives a shell of root beside the login user\'s', async () => {
    const made = await session(at({ user: 'tspguest', becomePassword: new Secret(PASSWORD) }))
    expect(await say(made, 'id -un', 'root')).toBe('root\n')
    expect(await say(made, 'id -un')).toBe('tspguest\n')
    expect(await made.shell('tspguest')).toBe(await made.shell(undefined))
    await made.close()
  })

  it('one channel more than sshd allows is a failure in words', async () => {
    const made = await session(at())
    const users = ['daemon', 'bin', 'games']
    const shells = [await made.shell(undefined)]
    for (const user of users) shells.push(await made.shell(user))
    expect(shells.filter(shell => !isFailure(shell))).toHaveLength(3)
    expect(shells.at(-1)).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('gave no channel for a shell'), remedy: expect.stringContaining('MaxSessions') })
    await made.close()
  })

  it('a connection that breaks loses the running frame at once, and the session says so', { timeout: 30_000 }, async () => {
    const own = await sshd()
    const made = await session(at({ port: own.port, knownHostsFiles: [own.knownHosts], privateKeyFile: own.key }))
    const shell = await made.shell(undefined)
    if (isFailure(shell)) throw new Error(shell.message)
    const marker = join(own.folder, 'started')
    const reply = shell.apply({ sections: [{ script: `: >${marker}; sleep 60` }], deadline: 60_000, killable: true }, calm)
    await until(() => existsSync(marker), { within: 5000, what: 'the section runs' })
    await own.stop()
    const began = performance.now()
    expect(await reply).toMatchObject({ type: 'lost', message: expect.stringContaining('the connection ended') })
    expect(performance.now() - began).toBeLessThan(2000)
    expect(await made.shell(undefined)).toMatchObject({ type: 'connect-failure', reason: 'unreachable' })
    await made.close()
    await own.remove()
  })

  it('a crowd that sshd turns away comes in by and by', { timeout: 30_000 }, async () => {
    const narrow = await sshd({ config: 'MaxStartups 1:100:1' })
    const where = at({ port: narrow.port, knownHostsFiles: [narrow.knownHosts], privateKeyFile: narrow.key, connectTimeout: 20_000 })
    const sessions = await Promise.all(Array.from({ length: 5 }, () => session(where)))
    expect(narrow.log()).toMatch(/drop connection|MaxStartups/)
    await Promise.all(sessions.map(made => made.close()))
    await narrow.remove()
  })

  it('a host whose sshd comes up while we wait is reached', { timeout: 30_000 }, async () => {
    const late = await sshd({ start: false })
    const waiting = session(at({ port: late.port, knownHostsFiles: [late.knownHosts], privateKeyFile: late.key, connectTimeout: 20_000 }))
    await late.start()
    await (await waiting).close()
    await late.remove()
  })

  it('keys that are renewed on the way are judged again, and a new host is written down once', async () => {
    const busy = await sshd({ config: 'RekeyLimit 1M' })
    const file = join(busy.folder, 'new_known_hosts')
    const made = await session(at({ port: busy.port, knownHostsFiles: [file], privateKeyFile: busy.key, acceptNew: true }))
    expect(await say(made, 'head -c 8000000 /dev/zero | tr "\\0" x')).toHaveLength(8_000_000)
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1)
    await made.close()
    await busy.remove()
  })

  it.runIf(connection === 'ssh2')('algorithms that block the event loop are not offered', async () => {
    const old = await sshd({ config: 'KexAlgorithms diffie-hellman-group-exchange-sha256' })
    expect(await connect(at({ port: old.port, knownHostsFiles: [old.knownHosts], privateKeyFile: old.key }))).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('no algorithm in common') })
    await old.remove()
  })
})
