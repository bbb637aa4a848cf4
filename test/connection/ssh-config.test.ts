import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, createPool } from '../../engine/connection/connect.ts'
import { common, configured, once, via } from './configured.ts'
import { announceSkip } from './machine.ts'
import { sshd, sshdRefusal, type Sshd } from './sshd.ts'

if (sshdRefusal !== undefined) announceSkip('ssh_config', sshdRefusal)

describe.skipIf(sshdRefusal !== undefined)('by ssh_config', () => {
  let host: Sshd
  beforeAll(async () => {
    host = await sshd({ users: [{ name: 'tspguest', shell: '/bin/sh' }], config: 'ListenAddress ::1' })
  }, 60_000)
  afterAll(() => host?.remove())

  it('a host has its HostName, User, Port and key from there', async () => {
    const config = `${via('web?', host, '  User tspguest\n')}Host *\n${common(host, host.knownHosts)}`
    expect(await once(configured(host.folder, 'web1', config))).toBe('tspguest over ssh2')
  })

  it('what the inventory or the command line says counts more', async () => {
    const config = `${via('web1', host, '  User nobody-at-all\n')}Host *\n${common(host, host.knownHosts)}`
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

  it.each(['ssh2', 'openssh'] as const)('HashKnownHosts hides the name of a new host where it is recorded, and ssh-keygen finds it there (%s)', async connection => {
    const file = join(host.folder, `hashed_${connection}`)
    const config = `${via('web1', host, '  HashKnownHosts yes\n  User tspguest\n')}Host *\n${common(host, file)}`
    expect(await once(configured(host.folder, 'web1', config, { connection, acceptNew: true }))).toBe(`tspguest over ${connection}`)
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^\|1\|\S{28}\|\S{28} ssh-ed25519 /)
    expect(text).not.toContain('127.0.0.1')
    expect(execFileSync('ssh-keygen', ['-F', `[127.0.0.1]:${host.port}`, '-f', file], { encoding: 'utf8' })).toContain('ssh-ed25519')
    expect(await once(configured(host.folder, 'web1', config, { connection }))).toBe(`tspguest over ${connection}`)
  })

  it('an address of IPv6 is reached', async () => {
    const file = join(host.folder, 'six')
    writeFileSync(file, readFileSync(host.knownHosts, 'utf8').replaceAll('[127.0.0.1]', '[::1]'))
    for (const connection of ['ssh2', 'openssh'] as const) {
      const config = `Host six\n  HostName ::1\n  Port ${host.port}\n  AddressFamily inet6\nHost *\n${common(host, file)}`
      expect(await once(configured(host.folder, 'six', config, { connection }))).toBe(`root over ${connection}`)
    }
  })

  it('StrictHostKeyChecking no does not weaken us, and is spoken of once', async () => {
    const said: string[] = []
    const pool = createPool({ warn: (_host, message) => said.push(message) })
    const empty = join(host.folder, 'nobody')
    const config = `${via('web*', host)}Host *\n  StrictHostKeyChecking no\n${common(host, empty)}`
    for (const [name, connection] of [['web1', 'ssh2'], ['web2', 'openssh']] as const) expect(await connect(configured(host.folder, name, config, { connection }), { pool })).toMatchObject({ reason: 'host-key' })
    expect(said).toEqual([expect.stringContaining('StrictHostKeyChecking')])
    expect(existsSync(empty)).toBe(false)
  })

  it('that ssh does not understand is told in its words', async () => {
    expect(await connect(configured(host.folder, 'web1', 'Host web1\n  Nonsense yes\n'))).toMatchObject({ reason: 'unreachable', message: expect.stringMatching(/Bad configuration option: nonsense/i) })
  })

  describe('a name that would be something else to ssh or a shell', () => {
    const marker = (): string => join(host.folder, 'injected')
    const proxied = (): string => `Host *\n  ProxyCommand sh -c "exit 1" %h %r\n${common(host, host.knownHosts)}`

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
      expect(await connect(configured(host.folder, 'h1', `Host h1\n  ${line}\nHost *\n${common(host, host.knownHosts)}`, { connectTimeout: 1000 }))).toMatchObject({ type: 'connect-failure', reason: 'unreachable', message: expect.not.stringContaining('tries') })
    })
  })
})
