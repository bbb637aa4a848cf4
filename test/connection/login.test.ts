import { execFileSync, type ChildProcess } from 'node:child_process'
import { appendFileSync, copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import type { Target } from '../../engine/connection/target.ts'
import { Secret } from '../../engine/model/secret.ts'
import { sshAgent } from './agent.ts'
import { announceSkip, until } from './machine.ts'
import { target } from './open.ts'
import { keygen, sshd, sshdRefusal, type Sshd } from './sshd.ts'

if (sshdRefusal !== undefined) announceSkip('the ways to log in', sshdRefusal)
const PASSWORD = 'c0rrect "horse" $PATH'

describe.skipIf(sshdRefusal !== undefined)('the ways to log in over ssh2', () => {
  let server: Sshd
  let agent: ChildProcess
  const inFolder = (name: string): string => join(server.folder, name)
  const at = (changes: Partial<Target> = {}): Target => target({ name: 'h1', connection: 'ssh2', user: 'tspguest', port: server.port, knownHostsFiles: [server.knownHosts], ...changes })
  const withAgent = (words: readonly string[], input = ''): void => void execFileSync('ssh-add', words, { env: { SSH_AUTH_SOCK: inFolder('agent'), PATH: '/usr/bin:/bin' }, stdio: ['pipe', 'ignore', 'ignore'], input })
  /** What sshd logged of keys and passwords that it did not take, since the last time: asked when it has logged the end of every connection, which it does after the client is gone. */
  let read = 0
  const failures = async (): Promise<number> => {
    await until(() => openConnections(server.log()).length === 0, { within: 10_000, what: 'sshd has logged the end of each login' })
    const log = server.log()
    const found = log.slice(read).match(/Failed (publickey|password|keyboard-interactive\/pam)/g)?.length ?? 0
    read = log.length
    return found
  }
  async function login(changes: Partial<Target>): Promise<string> {
    const made = await connect(at(changes))
    if (isFailure(made)) return made.message
    await made.close()
    return 'in'
  }

  beforeAll(async () => {
    server = await sshd({
      config: 'UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication yes\nLogLevel VERBOSE\nMatch User tspboth\n  AuthenticationMethods publickey,password\n  PasswordAuthentication yes',
      users: [{ name: 'tspguest', shell: '/bin/sh', password: PASSWORD }, { name: 'tspboth', shell: '/bin/sh', password: PASSWORD }, { name: 'tspcode', shell: '/bin/sh', password: PASSWORD }],
      // One user's password has expired: after it, PAM asks for a new one.
      prepare: `printf '%s\\n' 'auth required pam_unix.so' 'account required pam_unix.so' 'password required pam_unix.so' 'session required pam_permit.so' >/etc/pam.d/sshd; chage -d 0 tspcode`,
    })
    for (const name of ['one', 'two', 'closed']) keygen(inFolder(name), 'ed25519', name === 'closed' ? 'open sesame' : '')
    for (let index = 0; index < 10; index++) keygen(inFolder(`stranger${index}`), 'ed25519')
    keygen(inFolder('rsa'), 'rsa')
    for (const name of ['two', 'closed', 'rsa']) appendFileSync(inFolder('id.pub'), readFileSync(inFolder(`${name}.pub`), 'utf8'))
    agent = await sshAgent(inFolder('agent'))
  }, 60_000)
  afterAll(async () => {
    agent?.kill()
    await server?.remove()
  })

  it('several keys are tried in their order, and those that are not there are passed over', async () => {
    expect(await login({ identityFiles: [inFolder('nowhere'), inFolder('one'), inFolder('two')] })).toBe('in')
    expect(await login({ identityFiles: [inFolder('nowhere'), inFolder('one')] })).toBe(`h1 did not accept tspguest with key ${inFolder('one')}`)
    expect(await login({ identityFiles: [inFolder('nowhere')] })).toMatch(/^there is nothing to log in to h1 with/)
  })

  it('a key of a file that is not taken counts as one failure, signed as it is', async () => {
    await failures()
    expect(await login({ identityFiles: [inFolder('one'), inFolder('stranger0'), inFolder('rsa')] })).toBe('in')
    expect(await failures()).toBe(2)
    expect(await login({ identityFiles: [inFolder('one')], password: new Secret(PASSWORD) })).toBe('in')
    expect(await failures()).toBe(1)
  })

  it('an encrypted key is opened by its passphrase, and named where there is none', { timeout: 30_000 }, async () => {
    expect(await login({ identityFiles: [inFolder('one'), inFolder('closed')], passphrases: new Map([[inFolder('closed'), new Secret('open sesame')]]) })).toBe('in')
    expect(await login({ identityFiles: [inFolder('one'), inFolder('closed')] })).toBe(`h1 did not accept tspguest with key ${inFolder('one')}, (the private key ${inFolder('closed')} is encrypted and no passphrase was given)`)
    expect(await connect(at({ privateKeyFile: inFolder('closed') }))).toMatchObject({ reason: 'authentication', remedy: expect.stringContaining('ssh-agent') })
  })

  it('an encrypted key that the agent holds is used from there, with or without its .pub beside it', async () => {
    copyFileSync(inFolder('closed'), inFolder('held'))
    execFileSync('ssh-keygen', ['-q', '-p', '-P', 'open sesame', '-N', '', '-f', inFolder('held')])
    withAgent([inFolder('held')])
    rmSync(inFolder('closed.pub'))
    expect(await login({ privateKeyFile: inFolder('closed'), identityAgent: inFolder('agent') })).toBe('in')
    expect(await login({ identityFiles: [inFolder('closed')], identitiesOnly: true, identityAgent: inFolder('agent') })).toBe('in')
    expect(await login({ identityFiles: [inFolder('one')], identitiesOnly: true, identityAgent: inFolder('agent') })).toMatch(/did not accept tspguest with key \S+one$/)
    withAgent(['-D'])
  })

  it('an RSA key of the agent is offered with a signature that is not SHA-1', async () => {
    withAgent([inFolder('rsa')])
    expect(await login({ identityAgent: inFolder('agent') })).toBe('in')
    withAgent(['-D'])
  })

  it('an agent with ten keys never costs more than five tries, so that the account is not locked and the password still counts', { timeout: 30_000 }, async () => {
    for (let index = 0; index < 10; index++) withAgent([inFolder(`stranger${index}`)])
    await failures()
    expect(await login({ identityAgent: inFolder('agent') })).toMatch(/^h1 did not accept tspguest with 5 keys of the agent, \(5 more keys were not offered, as sshd ends a login after six failures: name the right one/)
    expect(await failures()).toBe(5)
    expect(await login({ identityAgent: inFolder('agent'), password: new Secret(PASSWORD) })).toBe('in')
    // One that is named comes first, whatever the agent holds.
    await failures()
    expect(await login({ identityAgent: inFolder('agent'), privateKeyFile: inFolder('two') })).toBe('in')
    expect(await failures()).toBe(0)
    withAgent(['-D'])
  })

  it('an agent that does not answer leaves the rest', async () => {
    expect(await login({ identityAgent: inFolder('no-agent'), identityFiles: [inFolder('two')] })).toBe('in')
    expect(await login({ identityAgent: inFolder('no-agent'), password: new Secret(PASSWORD) })).toBe('in')
    expect(await login({ identityAgent: inFolder('no-agent') })).toMatch(/nothing to log in to h1 with \(the agent at .*no-agent: .*\)/)
  })

  it('a password goes through the questions of PAM, and a wrong one is given once', { timeout: 30_000 }, async () => {
    expect(await login({ password: new Secret(PASSWORD) })).toBe('in')
    await failures()
    expect(await login({ password: new Secret('wrong') })).toBe('h1 did not accept tspguest with the password')
    expect(await failures()).toBe(1)
  })

  it('a second question is not answered with the password, and is told', { timeout: 30_000 }, async () => {
    expect(await login({ user: 'tspcode', password: new Secret(PASSWORD) })).toMatch(/^h1 did not accept tspcode with the password, \(it asks for more than a password: "[^"]*password:"\)/i)
  })

  it('a host that wants a key and a password gets both, and no second key in between', async () => {
    await failures()
    expect(await login({ user: 'tspboth', identityFiles: [inFolder('two'), inFolder('rsa')], password: new Secret(PASSWORD) })).toBe('in')
    expect(await failures()).toBe(0)
    expect(await login({ user: 'tspboth', identityFiles: [inFolder('rsa'), inFolder('two')], password: new Secret(PASSWORD) })).toBe('in')
    expect(await failures()).toBe(0)
    withAgent([inFolder('two')])
    expect(await login({ user: 'tspboth', identityAgent: inFolder('agent'), password: new Secret(PASSWORD) })).toBe('in')
    withAgent(['-D'])
  })
})

/** Ports of the clients whose connection began and did not end in this log. */
function openConnections(log: string): readonly string[] {
  const ports = (pattern: RegExp): readonly string[] => [...log.matchAll(pattern)].flatMap(([, port]) => port ?? [])
  const ended = new Set(ports(/^(?:Disconnected from|Connection (?:closed|reset) by) .*port (\d+)/gm))
  return ports(/^Connection from \S+ port (\d+) on /gm).filter(port => !ended.has(port))
}
