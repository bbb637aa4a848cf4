import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { announceSkip, has } from '../connection/machine.ts'
import { keygen, sshd, sshdRefusal, type Sshd } from '../connection/sshd.ts'
import { folderWith, type Folder } from './support.ts'

const PROGRAM = fileURLToPath(new URL('../../engine/cli/ts-play.mjs', import.meta.url))
const PASSWORD = 'letmein 9'
const refusal = sshdRefusal ?? (has('script') ? undefined : 'script (util-linux) is not installed')
if (refusal !== undefined) announceSkip('questions before a login', refusal)

describe.skipIf(refusal !== undefined)('before the first connection', () => {
  let server: Sshd
  let folder: Folder
  beforeAll(async () => {
    server = await sshd({
      config: 'PasswordAuthentication yes\nKbdInteractiveAuthentication no',
      users: [{ name: 'tspguest', shell: '/bin/sh', password: PASSWORD }],
      prepare: "echo 'tspguest ALL=(ALL) ALL' >/etc/sudoers.d/tspguest; chmod 440 /etc/sudoers.d/tspguest",
    })
    keygen(join(server.folder, 'closed'), 'ed25519', 'open sesame')
    keygen(join(server.folder, 'other'), 'ed25519')
    folder = await folderWith({
      'site.ts': `
        import { everyone, file, play, playbook, role } from 'ts-play'
        export default playbook('site', [play(role('look', { tasks: () => [file({ path: '/etc/ts-play-never', content: 'x' })] }), { hosts: everyone })])`,
      'two.yaml': `all: { vars: { ansible_host: 127.0.0.1, ansible_port: ${server.port}, ansible_user: tspguest }, hosts: { h1: , h2: } }`,
    })
  }, 60_000)
  afterAll(async () => {
    await folder?.[Symbol.asyncDispose]()
    await server?.remove()
  })

  const words = (...more: readonly string[]): readonly string[] => ['site.ts', '-i', 'two.yaml', '--check', '--known-hosts', server.knownHosts, ...more]

  /** The program on a terminal, where a person answers questions by their beginning. */
  function typed(args: readonly string[], answers: readonly (readonly [question: string, answer: string])[]): Promise<{ code: number | null; shown: string }> {
    const { SSH_AUTH_SOCK: _, ...environment } = process.env
    const line = [process.execPath, PROGRAM, ...args].map(word => `'${word}'`).join(' ')
    const child = spawn('script', ['-qec', line, '/dev/null'], { cwd: folder.path, env: { ...environment, HOME: folder.path }, stdio: 'pipe' })
    const left = [...answers]
    let [shown, unread] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      shown += String(chunk)
      unread += String(chunk)
      if (left[0] === undefined || !unread.includes(left[0][0])) return
      child.stdin.write(`${left.shift()?.[1]}\r`)
      unread = ''
    })
    return new Promise(resolve => child.once('close', code => resolve({ code, shown })))
  }

  test('the passphrase of a key is asked for once, whatever the number of hosts, and again when it was wrong', { timeout: 60_000 }, async () => {
    const key = join(server.folder, 'closed')
    const { shown } = await typed(words('--private-key', key), [[`Passphrase for key '${key}'`, 'wrong'], ['Passphrase', 'open sesame']])
    expect(shown).toContain('That does not open it. Try again.')
    expect(shown.split('Passphrase for key')).toHaveLength(3)
    expect(shown).not.toContain('open sesame')
    // It was opened: what is left is that nobody on the host knows it.
    expect(shown).toContain(`did not accept tspguest with key ${key}`)
    expect(shown).not.toContain('is encrypted')
  })

  test('without a terminal nothing is asked, and the failure names ssh-agent', { timeout: 60_000 }, async () => {
    const ended = await folder.run(words('--private-key', join(server.folder, 'closed')))
    expect(ended.code).toBe(4)
    expect(ended.stdout).toContain('is encrypted and no passphrase was given')
    expect(ended.stdout).toContain('ssh-agent')
  })

  test('-k asks for a login password, and -K takes it over when nothing is said', { timeout: 60_000 }, async () => {
    const { code, shown } = await typed(words('-k', '-K', '-b'), [['SSH password: ', PASSWORD], ['BECOME password[defaults to SSH password]: ', '']])
    expect([code, shown]).toEqual([2, expect.stringContaining('would change')])
    expect(shown).not.toContain(PASSWORD)
  })

  test('both are lines of stdin where there is no terminal', { timeout: 60_000 }, async () => {
    const ended = await folder.run(words('-k', '-K', '-b'), { stdin: `${PASSWORD}\n\n` })
    expect([ended.code, ended.stdout]).toEqual([2, expect.stringContaining('would change')])
    const wrong = await folder.run(words('-k'), { stdin: 'wrong\n' })
    expect([wrong.code, wrong.stdout]).toEqual([4, expect.stringContaining('did not accept tspguest with the password')])
  })
})
