import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, createPool } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import { common, configured, logins, open, say, via } from './configured.ts'
import { announceSkip, processesWith, until } from './machine.ts'
import { calm, target } from './open.ts'
import { keygen, sshd, sshdRefusal, type Sshd } from './sshd.ts'

if (sshdRefusal !== undefined) announceSkip('bastions and ProxyCommand', sshdRefusal)

describe.skipIf(sshdRefusal !== undefined)('behind something else', () => {
  let host: Sshd
  let bastion: Sshd
  let second: Sshd
  beforeAll(async () => {
    const users = [{ name: 'tspguest', shell: '/bin/sh' }]
    ;[host, bastion, second] = await Promise.all([sshd({ users }), sshd({ users }), sshd({ users })])
    // One file knows them all, and one key opens them.
    writeFileSync(join(host.folder, 'all_known_hosts'), [host, bastion, second].map(server => readFileSync(server.knownHosts, 'utf8')).join(''))
    for (const server of [bastion, second]) writeFileSync(join(server.folder, 'id.pub'), readFileSync(join(host.folder, 'id.pub'), 'utf8'))
  }, 60_000)
  afterAll(async () => {
    await Promise.all([host, bastion, second].map(server => server?.remove()))
  })
  const all = (): string => join(host.folder, 'all_known_hosts')

  describe('a way over other hosts', () => {
    const hosts = (jump: string): string => `${via('h*', host, `  ProxyJump ${jump}\n`)}${via('gate', bastion, '  User tspguest\n')}${via('inner', second)}Host *\n${common(host, all())}`

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
      const config = hosts('gate').replace(all(), wrong)
      expect(await connect(configured(host.folder, 'h1', `${config}  StrictHostKeyChecking no\n`, { connection }))).toMatchObject({ reason: 'host-key', message: expect.stringMatching(/^h1 is behind gate, and the host key of gate .* has changed/) })
    })

    it.each(['ssh2', 'openssh'] as const)('whose bastion refuses the login is tried once, not for each host behind it (%s)', async connection => {
      keygen(join(host.folder, `stranger_${connection}`), 'ed25519')
      const config = `${hosts('gate')}`.replace(`IdentityFile ${host.key}`, `IdentityFile ${join(host.folder, `stranger_${connection}`)}`)
      const count = (): number => bastion.log().split('Connection from').length
      const before = count()
      const pool = createPool()
      for (const name of ['h1', 'h2', 'h3']) expect(await connect(configured(host.folder, name, config, { connection }), { pool })).toMatchObject({ reason: 'authentication', message: expect.stringMatching(/^h\d is behind gate, and gate did not accept tspguest/) })
      expect(count() - before).toBe(1)
    })

    it.each(['ssh2', 'openssh'] as const)('may be said without any ssh_config (%s)', async connection => {
      const before = logins(bastion)
      const made = await open(target({ name: 'h1', connection, port: host.port, privateKeyFile: host.key, knownHostsFiles: [join(host.folder, 'all_known_hosts')], proxy: { type: 'jump', hops: [`root@127.0.0.1:${bastion.port}`] } }))
      expect(await say(made, 'id -un')).toBe('root\n')
      expect(logins(bastion) - before).toBe(1)
      await made.close()
    })

    it('that leads back to itself is refused', async () => {
      expect(await connect(configured(host.folder, 'h1', `Host *\n  HostName 127.0.0.1\n  ProxyJump gate\n`))).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('back to gate') })
    })

    it('a bastion that dies is named by those behind it', { timeout: 40_000 }, async () => {
      const own = await sshd({ users: [{ name: 'tspguest', shell: '/bin/sh' }] })
      writeFileSync(join(own.folder, 'id.pub'), readFileSync(join(host.folder, 'id.pub'), 'utf8'))
      const known = join(own.folder, 'both')
      writeFileSync(known, readFileSync(host.knownHosts, 'utf8') + readFileSync(own.knownHosts, 'utf8'))
      const config = `${via('h1', host, '  ProxyJump gate\n')}${via('gate', own)}Host *\n${common(host, known)}`
      const made = await open(configured(own.folder, 'h1', config))
      const shell = await made.shell(undefined)
      if (isFailure(shell)) throw new Error(shell.message)
      const reply = shell.apply({ sections: [{ script: 'sleep 60' }], deadline: 60_000, killable: true }, calm)
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
      const config = `${via('h1', host, `  ProxyCommand ${process.execPath} ${relay} %h %p ${mark}\n`)}Host *\n${common(host, all())}`
      const made = await open(configured(host.folder, 'h1', config, { connection }))
      expect(await say(made, 'echo "$SSH_CONNECTION" | cut -d " " -f 1')).toBe('127.0.0.1\n')
      expect(processesWith(mark).length).toBeGreaterThan(0)
      await made.close()
      await until(() => processesWith(mark).length === 0, { within: 5000, what: 'the relay is gone' })
    })

    it.each(['ssh2', 'openssh'] as const)('that fails has its words in the failure (%s)', async connection => {
      const config = `${via('h1', host, '  ProxyCommand sh -c "echo no tunnel to %h today >&2; exit 3"\n')}Host *\n${common(host, all())}`
      expect(await connect(configured(host.folder, 'h1', config, { connection, connectTimeout: 1500 }))).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('no tunnel to 127.0.0.1 today') })
    })
  })
})
