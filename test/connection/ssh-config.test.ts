import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, createPool, type Target } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import type { Session } from '../../engine/model/session.ts'
import { announceSkip, processesWith, until } from './machine.ts'
import { calm, results, target } from './open.ts'
import { keygen, sshd, sshdRefusal, type Sshd } from './sshd.ts'

if (sshdRefusal !== undefined) announceSkip('ssh_config and bastions', sshdRefusal)

let configs = 0
/** A target that only an ssh_config of its own knows the way to. */
function configured(folder: string, name: string, config: string, changes: Partial<Target> = {}): Target {
  const file = join(folder, `ssh_config_${configs++}`)
  writeFileSync(file, config)
  return target({ name, address: name, connection: 'auto', connectTimeout: 10_000, sshConfig: { file, options: [], home: folder, environment: process.env }, ...changes })
}
async function open(where: Target, pool = createPool()): Promise<Session> {
  const made = await connect(where, { pool })
  if (isFailure(made)) throw new Error(`${made.message}; ${made.remedy}`)
  return made
}
async function say(made: Session, script: string): Promise<string> {
  const shell = await made.shell(undefined)
  if (isFailure(shell)) throw new Error(shell.message)
  return results(await shell.query([{ script }], calm))[0]?.stdout ?? ''
}
/** Connects, says something and closes. */
async function once(where: Target): Promise<string> {
  const made = await open(where)
  const said = await say(made, 'id -un')
  await made.close()
  return `${said.trim()} over ${made.transport}`
}

describe.skipIf(sshdRefusal !== undefined)('by ssh_config', () => {
  let host: Sshd
  let bastion: Sshd
  let second: Sshd
  beforeAll(async () => {
    const users = [{ name: 'tspguest', shell: '/bin/sh' }]
    ;[host, bastion, second] = await Promise.all([sshd({ users, config: 'ListenAddress ::1' }), sshd({ users }), sshd({ users })])
    // One file knows them all, and one key opens them.
    const all = [host, bastion, second].map(server => readFileSync(server.knownHosts, 'utf8')).join('')
    for (const server of [host, bastion, second]) {
      writeFileSync(join(server.folder, 'all_known_hosts'), all)
      writeFileSync(join(server.folder, 'id.pub'), readFileSync(join(host.folder, 'id.pub'), 'utf8'))
    }
  }, 60_000)
  afterAll(async () => {
    await Promise.all([host, bastion, second].map(server => server?.remove()))
  })

  const common = (): string => `  UserKnownHostsFile ${join(host.folder, 'all_known_hosts')}\n  IdentityFile ${host.key}\n  IdentitiesOnly yes\n`
  const via = (name: string, server: Sshd, more = ''): string => `Host ${name}\n  HostName 127.0.0.1\n  Port ${server.port}\n${more}`
  const logins = (server: Sshd): number => server.log().split('Accepted publickey').length - 1

  it('a host has its HostName, User, Port and key from there', async () => {
    const config = `${via('web?', host, '  User tspguest\n')}Host *\n${common()}`
    expect(await once(configured(host.folder, 'web1', config))).toBe('tspguest over ssh2')
  })

  it('what the inventory or the command line says counts more', async () => {
    const config = `${via('web1', host, '  User nobody-at-all\n')}Host *\n${common()}`
    const where = configured(host.folder, 'web1', config)
    expect(await once({ ...where, ...(where.sshConfig && { sshConfig: { ...where.sshConfig, options: ['User=tspguest'] } }) })).toBe('tspguest over ssh2')
  })

  it('Include, Match exec, tokens and HostKeyAlias are followed', async () => {
    const extra = join(host.folder, 'extra.conf')
    writeFileSync(extra, 'Match host 127.0.0.1 exec "test %n = web1"\n  User tspguest\n')
    mkdirSync(join(host.folder, 'keys'), { recursive: true })
    copyFileSync(host.key, join(host.folder, 'keys', 'tspguest@127.0.0.1'))
    const aliased = join(host.folder, 'aliased')
    writeFileSync(aliased, readFileSync(host.knownHosts, 'utf8').replaceAll(/^\S+/gm, 'the-web'))
    const config = `${via('web1', host, '  HostKeyAlias the-web\n')}Host *\n  Include ${extra}\n  UserKnownHostsFile ${aliased}\n  IdentityFile ~/keys/%r@%h\n`
    for (const connection of ['auto', 'openssh'] as const) {
      // ssh itself knows another home for `~`.
      const own = connection === 'openssh' ? config.replace('~/keys', join(host.folder, 'keys')) : config
      expect(await once(configured(host.folder, 'web1', own, { connection }))).toMatch(/^tspguest over/)
    }
  })

  it('an address of IPv6 is reached', async () => {
    const file = join(host.folder, 'six')
    writeFileSync(file, readFileSync(host.knownHosts, 'utf8').replaceAll('[127.0.0.1]', '[::1]'))
    for (const connection of ['ssh2', 'openssh'] as const) {
      const config = `Host six\n  HostName ::1\n  Port ${host.port}\n  AddressFamily inet6\nHost *\n${common().replace(join(host.folder, 'all_known_hosts'), file)}`
      expect(await once(configured(host.folder, 'six', config, { connection }))).toBe(`root over ${connection}`)
    }
  })

  it('StrictHostKeyChecking no does not weaken us, and is spoken of once', async () => {
    const said: string[] = []
    const pool = createPool({ warn: (_host, message) => said.push(message) })
    const empty = join(host.folder, 'nobody')
    const config = `${via('web*', host)}Host *\n  StrictHostKeyChecking no\n${common().replace(join(host.folder, 'all_known_hosts'), empty)}`
    for (const [name, connection] of [['web1', 'ssh2'], ['web2', 'openssh']] as const) expect(await connect(configured(host.folder, name, config, { connection }), { pool })).toMatchObject({ reason: 'host-key' })
    expect(said).toEqual([expect.stringContaining('StrictHostKeyChecking')])
    expect(existsSync(empty)).toBe(false)
  })

  it('that ssh does not understand is told in its words', async () => {
    expect(await connect(configured(host.folder, 'web1', 'Host web1\n  Nonsense yes\n'))).toMatchObject({ reason: 'unreachable', message: expect.stringMatching(/Bad configuration option: nonsense/i) })
  })

  describe('a way over other hosts', () => {
    const hosts = (jump: string): string => `${via('h*', host, `  ProxyJump ${jump}\n`)}${via('gate', bastion, '  User tspguest\n')}${via('inner', second)}Host *\n${common()}`

    it.each(['ssh2', 'openssh'] as const)('is one connection to the bastion for all of them, ended with the last (%s)', async connection => {
      const before = logins(bastion)
      const pool = createPool()
      const sessions = await Promise.all(['h1', 'h2', 'h3', 'h4'].map(name => open(configured(host.folder, name, hosts('gate'), { connection }), pool)))
      // Where the connection comes from: another sshd than we.
      expect(await Promise.all(sessions.map(made => say(made, 'id -un')))).toEqual(sessions.map(() => 'root\n'))
      expect(logins(bastion) - before).toBe(1)
      const ended = (): number => bastion.log().split(/Disconnected from user tspguest|Close session|Connection closed by/).length
      const endings = ended()
      await Promise.all(sessions.slice(1).map(made => made.close()))
      expect(await say(sessions[0]!, 'echo still')).toBe('still\n')
      await sessions[0]?.close()
      await until(() => ended() > endings, { within: 5000, what: 'the bastion is let go' })
    })

    it.each(['ssh2', 'openssh'] as const)('may have two hops, each with its own user and port (%s)', async connection => {
      const counts = [logins(bastion), logins(second)]
      const made = await open(configured(host.folder, 'h1', hosts('gate,inner'), { connection }))
      expect(await say(made, 'id -un')).toBe('root\n')
      expect([logins(bastion) - (counts[0] ?? 0), logins(second) - (counts[1] ?? 0)]).toEqual([1, 1])
      await made.close()
    })

    it.each(['ssh2', 'openssh'] as const)('is refused where the bastion shows another key than the known one (%s)', async connection => {
      const wrong = join(host.folder, 'wrong')
      keygen(join(host.folder, `other_${connection}`), 'ed25519')
      writeFileSync(wrong, `${readFileSync(host.knownHosts, 'utf8')}[127.0.0.1]:${bastion.port} ${readFileSync(join(host.folder, `other_${connection}.pub`), 'utf8')}`)
      const config = hosts('gate').replace(join(host.folder, 'all_known_hosts'), wrong)
      expect(await connect(configured(host.folder, 'h1', `${config}  StrictHostKeyChecking no\n`, { connection }))).toMatchObject({ reason: 'host-key', message: expect.stringMatching(/^h1 is behind gate, and the host key of gate .* has changed/) })
    })

    it('that leads back to itself is refused', async () => {
      expect(await connect(configured(host.folder, 'h1', `Host *\n  HostName 127.0.0.1\n  ProxyJump gate\n`))).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('back to gate') })
    })

    it('a bastion that dies is named by those behind it', { timeout: 40_000 }, async () => {
      const own = await sshd({ users: [{ name: 'tspguest', shell: '/bin/sh' }] })
      writeFileSync(join(own.folder, 'id.pub'), readFileSync(join(host.folder, 'id.pub'), 'utf8'))
      const known = join(own.folder, 'both')
      writeFileSync(known, readFileSync(host.knownHosts, 'utf8') + readFileSync(own.knownHosts, 'utf8'))
      const config = `${via('h1', host, '  ProxyJump gate\n')}${via('gate', own)}Host *\n${common().replace(join(host.folder, 'all_known_hosts'), known)}`
      const made = await open(configured(own.folder, 'h1', config))
      const shell = await made.shell(undefined)
      if (isFailure(shell)) throw new Error(shell.message)
      const reply = shell.apply({ sections: [{ script: 'sleep 5' }], deadline: 20_000 }, calm)
      await own.stop()
      expect(await reply).toMatchObject({ type: 'lost', message: expect.stringMatching(/gate \(127\.0\.0\.1:\d+\) was lost/) })
      expect(await connect(configured(own.folder, 'h1', config, { connectTimeout: 1000 }))).toMatchObject({ reason: 'unreachable', message: expect.stringMatching(/^h1 is behind gate, and gate/) })
      await made.close()
      await own.remove()
    })
  })

  describe('a ProxyCommand', () => {
    const relay = join(import.meta.dirname, 'relay.ts')

    it.each(['ssh2', 'openssh'] as const)('is the line, and ends with us (%s)', async connection => {
      const mark = `tsp-relay-${connection}-${process.pid}`
      const config = `${via('h1', host, `  ProxyCommand ${process.execPath} ${relay} %h %p ${mark}\n`)}Host *\n${common()}`
      const made = await open(configured(host.folder, 'h1', config, { connection }))
      expect(await say(made, 'echo "$SSH_CONNECTION" | cut -d " " -f 1')).toBe('127.0.0.1\n')
      expect(processesWith(mark).length).toBeGreaterThan(0)
      await made.close()
      await until(() => processesWith(mark).length === 0, { within: 5000, what: 'the relay is gone' })
    })

    it.each(['ssh2', 'openssh'] as const)('that fails has its words in the failure (%s)', async connection => {
      const config = `${via('h1', host, '  ProxyCommand sh -c "echo no tunnel to %h today >&2; exit 3"\n')}Host *\n${common()}`
      expect(await connect(configured(host.folder, 'h1', config, { connection, connectTimeout: 1500 }))).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('no tunnel to 127.0.0.1 today') })
    })
  })

  describe('auto', () => {
    it('logs in with a user certificate by the system’s ssh, and says why', async () => {
      const at = (name: string): string => join(host.folder, name)
      keygen(at('user_ca'), 'ed25519')
      keygen(at('certified'), 'ed25519')
      execFileSync('ssh-keygen', ['-q', '-s', at('user_ca'), '-I', 'test', '-n', 'root', at('certified.pub')], { stdio: 'ignore' })
      const own = await sshd({ config: `TrustedUserCAKeys ${at('user_ca.pub')}` })
      const config = `${via('h1', own)}Host *\n  UserKnownHostsFile ${own.knownHosts}\n  IdentityFile ${at('certified')}\n`
      const made = await open(configured(host.folder, 'h1', config))
      expect([made.transport, made.because]).toEqual(['openssh', `there is a user certificate beside ${at('certified')}`])
      await made.close()
      await own.remove()
    })

    it('knows a host by its certificate where known_hosts names an authority', async () => {
      const at = (name: string): string => join(host.folder, name)
      keygen(at('host_ca'), 'ed25519')
      const own = await sshd({ start: false })
      execFileSync('ssh-keygen', ['-q', '-s', at('host_ca'), '-I', 'h', '-h', '-n', '127.0.0.1', join(own.folder, 'host_ed25519.pub')], { stdio: 'ignore' })
      const known = at('by_authority')
      writeFileSync(known, `@cert-authority [127.0.0.1]:${own.port} ${readFileSync(at('host_ca.pub'), 'utf8')}`)
      writeFileSync(join(own.folder, 'config'), `${readFileSync(join(own.folder, 'config'), 'utf8')}\nHostCertificate ${join(own.folder, 'host_ed25519-cert.pub')}\n`)
      await own.start()
      const made = await open(configured(own.folder, 'h1', `${via('h1', own)}Host *\n  UserKnownHostsFile ${known}\n  IdentityFile ${own.key}\n`))
      expect([made.transport, made.because]).toEqual(['openssh', expect.stringContaining(`${known}:1`)])
      await made.close()
      await own.remove()
    })

    it('takes the system’s ssh where ssh_config or the host leaves ssh2 no algorithm', async () => {
      const made = await open(configured(host.folder, 'h1', `${via('h1', host, '  KexAlgorithms sntrup761x25519-sha512@openssh.com\n')}Host *\n${common()}`))
      expect([made.transport, made.because]).toEqual(['openssh', expect.stringContaining('KexAlgorithms')])
      await made.close()
      const own = await sshd({ config: 'KexAlgorithms sntrup761x25519-sha512@openssh.com' })
      const other = await open(configured(own.folder, 'h1', `${via('h1', own)}Host *\n  UserKnownHostsFile ${own.knownHosts}\n  IdentityFile ${own.key}\n`))
      expect([other.transport, other.because]).toEqual(['openssh', 'the host offers no algorithms that ssh2 has'])
      await other.close()
      await own.remove()
    })

    it('uses a connection that the user’s own ssh holds, and leaves it', async () => {
      const socket = join(host.folder, 'm.s')
      const config = `${via('h1', host, `  ControlPath ${socket}\n`)}Host *\n${common()}`
      const where = configured(host.folder, 'h1', config)
      execFileSync('ssh', ['-F', where.sshConfig?.file ?? '', '-f', '-N', '-M', 'h1'], { stdio: 'ignore' })
      try {
        const before = logins(host)
        expect(await once(where)).toBe('root over openssh')
        expect(logins(host)).toBe(before)
        execFileSync('ssh', ['-F', 'none', '-S', socket, '-O', 'check', 'h1'], { stdio: 'ignore' })
      } finally {
        execFileSync('ssh', ['-F', 'none', '-S', socket, '-O', 'exit', 'h1'], { stdio: 'ignore' })
      }
    })
  })

  describe('a name that would be something else to ssh or a shell', () => {
    const marker = (): string => join(host.folder, 'injected')
    const proxied = (): string => `Host *\n  ProxyCommand sh -c "exit 1" %h %r\n${common()}`

    it.each(['-oProxyCommand=touch MARK', '$(touch MARK)', '`touch MARK`', 'a;touch MARK', 'a|touch MARK', "a'touch MARK", 'a\ntouch MARK', 'a b', ''])('as address is refused: %j', async name => {
      for (const connection of ['ssh2', 'openssh', 'auto'] as const) expect(await connect(configured(host.folder, name.replace('MARK', marker()), proxied(), { connection }))).toMatchObject({ type: 'connect-failure', reason: 'unreachable', message: expect.stringContaining('cannot be used') })
      expect(existsSync(marker())).toBe(false)
    })

    it.each(['-oProxyCommand=touch MARK', 'root;touch MARK', 'root\nProxyCommand touch MARK', '$(touch MARK)'])('as user is refused: %j', async name => {
      const user = name.replace('MARK', marker())
      for (const connection of ['ssh2', 'openssh'] as const) expect(await connect(configured(host.folder, 'h1', proxied(), { connection, user }))).toMatchObject({ type: 'connect-failure', message: expect.stringContaining('cannot be used') })
      expect(existsSync(marker())).toBe(false)
    })

    it.each(['HostName $(touch_MARK)', 'User root;touch_MARK', 'ProxyJump -oProxyCommand=touch_MARK', 'ProxyJump a;b'])('from ssh_config is refused: %s', async line => {
      expect(await connect(configured(host.folder, 'h1', `Host h1\n  ${line}\nHost *\n${common()}`, { connectTimeout: 1000 }))).toMatchObject({ type: 'connect-failure', reason: 'unreachable', message: expect.not.stringContaining('tries') })
    })
  })
})
