import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sshAgent } from './agent.ts'
import { common, configured, logins, once, open, via } from './configured.ts'
import { announceSkip } from './machine.ts'
import { keygen, sshd, sshdRefusal, type Sshd } from './sshd.ts'

if (sshdRefusal !== undefined) announceSkip('the choice of a transport', sshdRefusal)

describe.skipIf(sshdRefusal !== undefined)('auto', () => {
  let host: Sshd
  beforeAll(async () => {
    host = await sshd({ users: [{ name: 'tspguest', shell: '/bin/sh' }] })
  }, 60_000)
  afterAll(() => host?.remove())

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

  it('takes it, too, where the agent holds a certificate', async () => {
    const at = (name: string): string => join(host.folder, name)
    for (const name of ['agent_ca', 'agent_key']) keygen(at(name), 'ed25519')
    execFileSync('ssh-keygen', ['-q', '-s', at('agent_ca'), '-I', 'test', '-n', 'root', at('agent_key.pub')], { stdio: 'ignore' })
    const own = await sshd({ config: `TrustedUserCAKeys ${at('agent_ca.pub')}` })
    const socket = at('agent')
    const agent = await sshAgent(socket)
    try {
      execFileSync('ssh-add', [at('agent_key')], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' })
      const made = await open(configured(host.folder, 'h1', `${via('h1', own)}Host *\n  UserKnownHostsFile ${own.knownHosts}\n  IdentityFile ${at('none')}\n  IdentityAgent ${socket}\n`))
      expect([made.transport, made.because]).toEqual(['openssh', 'the agent holds a certificate'])
      await made.close()
    } finally {
      agent.kill()
      await own.remove()
    }
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
    const made = await open(configured(host.folder, 'h1', `${via('h1', host, '  KexAlgorithms sntrup761x25519-sha512@openssh.com\n')}Host *\n${common(host, host.knownHosts)}`))
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
    const config = `${via('h1', host, `  ControlPath ${socket}\n`)}Host *\n${common(host, host.knownHosts)}`
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
