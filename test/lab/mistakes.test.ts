import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { $ } from 'zx'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { treeOf } from './support/tree.ts'
import { tsPlay, type Finished, type TsPlay } from './support/ts-play.ts'

const skip = requireLab()

/** Every host gets a file; then `db` gives an address that `web` writes down: h1 and h2 need h3, and nobody needs them. */
const PLAYBOOK = `import { everyone, file, groups, output, play, playbook, role } from 'ts-play'
const { web, db } = groups('web', 'db')
const Url = output('url', (seed): string => seed)
const base = role('base', { tasks: ({ host }) => [file({ path: '/etc/motd', content: 'this is ' + host.name + '\\n' }), file({ path: '/etc/issue', content: host.name + '\\n' })] })
const data = role('data', { outputs: { url: Url }, produce: { url: ({ host }) => 'db://' + host.name }, tasks: () => [file({ path: '/etc/data', content: 'data\\n' })] })
const site = role('site', { inputs: { url: Url }, tasks: ({ inputs }) => [file({ path: '/etc/site', content: inputs.url + '\\n' })] })
const first = play(base, { hosts: everyone })
const store = play(data, { hosts: db })
export default playbook('shop', [first, store, play(site, { hosts: web, with: { url: store.outputs.url.first } })])
`

describe.skipIf(skip)('a mistake gives one clear message, and stops only what needs what is missing', () => {
  let lab: Lab
  let play: TsPlay
  let playbook: string

  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1', 'h2', 'h3')
    play = await tsPlay(lab)
    playbook = await play.write('shop.ts', PLAYBOOK)
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  /** An inventory of the three hosts; `own` adds to the entry of one. */
  const inventory = (own: Readonly<Record<string, string>> = {}, all = ''): Promise<string> => {
    const entry = (host: string): string => `${host}: { ansible_host: ${lab.address(host)}${own[host] === undefined ? '' : `, ${own[host]}`} }`
    return play.write('inventory.yaml', `all:\n  vars: { ansible_user: root, ansible_ssh_private_key_file: ${lab.keyFile}${all} }\n  children:\n    web: { hosts: { ${entry('h1')}, ${entry('h2')} } }\n    db: { hosts: { ${entry('h3')} } }\n`)
  }
  const summary = ({ hosts }: Finished) => hosts.map(({ host, changed, failed, unreachable, blocked }) => ({ host, changed, failed, unreachable, blocked }))
  /** The root causes as the recap prints them, each with its last line. */
  const causes = ({ stdout }: Finished): readonly string[] => stdout.split(/^(?=\d+\. )/m).slice(1).map(block => (block.split('\n\n')[0] ?? '').trimEnd())
  const clean = () => Promise.all(['h1', 'h2', 'h3'].map(host => lab.exec(host, 'rm -f /etc/motd /etc/issue /etc/data /etc/site')))
  const files = async (host: string): Promise<string> => (await lab.console(host, 'cd /etc && ls -A motd issue data site .ts-play* 2>/dev/null')).stdout.trim().replaceAll('\n', ' ')

  /** A known_hosts file with the keys of the hosts as they are, or with another host's key, or without. */
  const known = async (name: string, keys: Readonly<Record<string, string | undefined>>): Promise<string> => {
    const lines = (await readFile(lab.knownHosts, 'utf8')).trimEnd().split('\n').map(line => line.split(' '))
    const key = (host: string) => lines.find(([hosts = '']) => hosts.split(',').includes(lab.address(host)))?.slice(1, 3).join(' ')
    const of = (host: string) => (host in keys ? keys[host] : host)
    return play.write(name, ['h1', 'h2', 'h3'].flatMap(host => { const from = of(host); return from === undefined ? [] : [`${lab.address(host)} ${key(from)}\n`] }).join(''))
  }
  const fingerprintIn = (text: string, host: string): string => {
    const encoded = text.split('\n').find(line => line.startsWith(`${lab.address(host)} `))?.split(' ')[2] ?? ''
    return `SHA256:${createHash('sha256').update(Buffer.from(encoded, 'base64')).digest('base64').replace(/=+$/, '')}`
  }

  test('a host that is switched off: the others are done, exit code 4; what needs it is not begun', async () => {
    await lab.kill('h3')
    const ran = await play.run([playbook, '-i', await inventory(), '--timeout', '4'])
    expect(ran.code, ran.stdout + ran.stderr).toBe(4)
    expect(summary(ran)).toEqual([
      { host: 'h1', changed: 2, failed: 0, unreachable: false, blocked: 1 },
      { host: 'h2', changed: 2, failed: 0, unreachable: false, blocked: 1 },
      { host: 'h3', changed: 0, failed: 0, unreachable: true, blocked: 1 },
    ])
    expect(causes(ran)).toHaveLength(1)
    expect(causes(ran)[0]).toMatch(new RegExp(`^1\\. unreachable \\[h3\\] base\n   at .*shop\\.ts:\\d+\n   h3 \\(${lab.address('h3')}:22\\) cannot be reached: .* \\(\\d+ tries in [1-4] s\\)\n   next: Check the address, that the host is up, and that no firewall is in between\\.$`))
    expect(await files('h1')).toBe('issue motd')
    await lab.start('h3')
  })

  test('a host that nobody needs is switched off: all the others do all they have to', async () => {
    await lab.kill('h1')
    const ran = await play.run([playbook, '-i', await inventory(), '--timeout', '4'])
    expect(ran.code, ran.stdout + ran.stderr).toBe(4)
    expect(summary(ran).map(({ host, unreachable, blocked }) => `${host} ${unreachable} ${blocked}`)).toEqual(['h1 true 1', 'h2 false 0', 'h3 false 0'])
    expect(await files('h2')).toBe('issue motd site')
    await lab.start('h1')
    const again = await play.run([playbook, '-i', await inventory()])
    expect(again.code, again.stdout + again.stderr).toBe(0)
    expect(await files('h1')).toBe('issue motd site')
  })

  describe('sudo', () => {
    const login = ", ansible_user: ops"
    const attempts = async (host: string): Promise<string> => (await lab.console(host, `journalctl -b -o cat --no-pager -t sudo | grep -c 'authentication failure' || :`)).stdout.trim()
    const sudoLog = async (host: string): Promise<string> => (await lab.console(host, 'journalctl -b -o cat --no-pager -t sudo')).stdout
    const asOps = (): Promise<string> => inventory({}, '').then(async () => play.write('ops.yaml', (await readFile(await inventory(), 'utf8')).replace(', ', `${login}, `).replace('ansible_user: root, ', '')))

    test('with a wrong password: one attempt on each host, not one for each play; nothing is written', async () => {
      await clean()
      // The first sudo of a user leaves a mark that it has lectured him.
      for (const host of ['h1', 'h2', 'h3']) await lab.exec(host, "sudo -S -p '' true", { user: 'ops', input: `${lab.password}\n` })
      const before = await treeOf(lab, 'h3')
      const ran = await play.run([playbook, '-i', await asOps(), '-b', '-K'], { stdin: 'simsalabim\n' })
      expect(ran.code, ran.stdout + ran.stderr).toBe(4)
      for (const host of ['h1', 'h2', 'h3']) expect(await attempts(host), await sudoLog(host)).toBe('1')
      expect(causes(ran).map(cause => cause.split('\n').slice(2).join('\n')).sort()).toEqual(
        ['h1', 'h2', 'h3'].map(host => `   sudo on ${host} did not accept the password for ops\n   next: Give the right become password (one attempt was made).`),
      )
      expect(ran.stdout + ran.stderr).not.toContain('simsalabim')
      expect(await treeOf(lab, 'h3')).toBe(before)
    })

    test('without a password: it is not asked for one, and no attempt is counted', async () => {
      const ran = await play.run([playbook, '-i', await asOps(), '-b', '-l', 'h3'])
      expect(ran.code, ran.stdout + ran.stderr).toBe(4)
      expect(causes(ran)).toHaveLength(1)
      expect(causes(ran)[0]).toContain('\n   sudo on h3 asks for a password\n   next: Use -K to be asked for it, or allow NOPASSWD on the host.')
      expect(await attempts('h3')).toBe('1')
    })

    test('with the right password: the run is done', async () => {
      const ran = await play.run([playbook, '-i', await asOps(), '-b', '-K'], { stdin: `${lab.password}\n` })
      expect(ran.code, ran.stdout + ran.stderr).toBe(0)
      expect(await files('h1')).toBe('issue motd site')
      expect(await attempts('h1')).toBe('1')
    })

    test('to a user that does not exist', async () => {
      const ran = await play.run([playbook, '-i', await asOps(), '-b', '-K', '--become-user', 'nemo', '-l', 'h3'], { stdin: `${lab.password}\n` })
      expect(ran.code).toBe(1)
      expect(causes(ran)).toHaveLength(1)
      expect(causes(ran)[0]).toContain('\n   there is no user nemo on h3\n   next: Correct the become user, or create the user in an earlier play.')
    })
  })

  describe('a host key', () => {
    test('that is unknown: the fingerprint to compare, and the command that adds it; the others are done, and nothing is remembered', async () => {
      await clean()
      const file = await known('known_hosts', { h1: undefined })
      const before = await readFile(file, 'utf8')
      const ran = await play.run([playbook, '-i', await inventory(), '--known-hosts', file])
      expect(ran.code, ran.stdout + ran.stderr).toBe(4)
      const [cause = '', ...more] = causes(ran)
      expect(more).toEqual([])
      expect(cause).toContain(`h1 (${lab.address('h1')}:22) is unknown: it shows ED25519 key ${fingerprintIn(await readFile(await known('all', {}), 'utf8'), 'h1')}, and ${file} has no line for ${lab.address('h1')}`)
      expect(cause).toContain(`next: Compare the fingerprint with the host's console, then ssh-keyscan ${lab.address('h1')} >> ${file}; or run once with --accept-new.`)
      expect(await files('h1')).toBe('')
      expect(await files('h2')).toBe('issue motd site')
      expect(await readFile(file, 'utf8')).toBe(before)
    })

    test('that is new and accepted: it is remembered, and strict from then on', async () => {
      const file = await known('known_hosts', { h1: undefined })
      const ran = await play.run([playbook, '-i', await inventory(), '--known-hosts', file, '--accept-new'])
      expect(ran.code, ran.stdout + ran.stderr).toBe(0)
      // By its name or by the hash of it, as ssh_config of this machine says.
      expect((await $({ quiet: true })`ssh-keygen -F ${lab.address('h1')} -f ${file}`).stdout.split('\n').filter(line => line.includes(' ssh-ed25519 '))).toHaveLength(1)
      expect((await play.run([playbook, '-i', await inventory(), '--known-hosts', file])).code).toBe(0)
    })

    test('that has changed: both fingerprints and the place of the known one, also with --accept-new', async () => {
      await clean()
      const right = await readFile(await known('all', {}), 'utf8')
      const file = await known('known_hosts', { h2: 'h3' })
      const ran = await play.run([playbook, '-i', await inventory(), '--known-hosts', file, '--accept-new'])
      expect(ran.code, ran.stdout + ran.stderr).toBe(4)
      const [cause = '', ...more] = causes(ran)
      expect(more).toEqual([])
      expect(cause).toContain(`the host key of h2 (${lab.address('h2')}:22) has changed: it shows ED25519 key ${fingerprintIn(right, 'h2')}, known is ED25519 key ${fingerprintIn(right, 'h3')} (${file}:2)`)
      expect(cause).toContain(`next: If the host was reinstalled, check the fingerprint on its console and remove the old line: ssh-keygen -R '${lab.address('h2')}' -f ${file}.`)
      expect(await files('h2')).toBe('')
      expect(await files('h1')).toBe('issue motd site')
    })
  })

  describe('a private key', () => {
    test.each([
      ['that does not exist', 'nowhere', 'cannot be read: ENOENT'],
      ['that is a folder', 'folder', 'cannot be read: EISDIR'],
      ['that is the public half', 'key.pub', 'holds a public key'],
      ['that is no key', 'shop.ts', 'is no private key this transport can use'],
    ])('%s: the host with its file, and the others are done', async (_, name, message) => {
      await mkdir(join(play.folder, 'folder'), { recursive: true })
      await play.write('key.pub', await readFile(`${lab.keyFile}.pub`, 'utf8'))
      const ran = await play.run([playbook, '-i', await inventory({ h1: `ansible_ssh_private_key_file: ${join(play.folder, name)}` })])
      expect(ran.code, ran.stdout + ran.stderr).toBe(4)
      const [cause = '', ...more] = causes(ran)
      expect(more).toEqual([])
      expect(cause).toMatch(/^1\. authentication \[h1\] base\n/)
      expect(cause).toContain(message)
      expect(cause).toContain(join(play.folder, name))
      expect(cause).toContain('\n   next: ')
      expect(summary(ran).map(({ host, unreachable }) => `${host} ${unreachable}`)).toEqual(['h1 true', 'h2 false', 'h3 false'])
    })

    test('that the host does not accept: user and key', async () => {
      const ran = await play.run([playbook, '-i', await inventory({ h1: 'ansible_user: nemo' })])
      expect(ran.code, ran.stdout + ran.stderr).toBe(4)
      expect(causes(ran)).toHaveLength(1)
      expect(causes(ran)[0]).toContain(`\n   h1 did not accept nemo with key ${lab.keyFile}\n   next: Check the user name and that its authorized_keys has the key.`)
    })
  })

  test('what is found before the first connection connects to nobody', async () => {
    const connections = async (): Promise<string> => (await lab.console('h1', "journalctl -b -o cat --no-pager -t sshd | grep -c 'Connection from\\|Accepted'")).stdout
    const before = await connections()
    for (const words of [['-i', await inventory(), '-l', 'h9'], ['-i', await inventory(), '-l', ''], ['-i', await play.write('no-db.yaml', `all: { children: { web: { hosts: { h1: { ansible_host: ${lab.address('h1')} } } } } }\n`)], ['-i', await inventory(), '--limt', 'h1']]) {
      expect((await play.run([playbook, ...words])).code).toBeGreaterThanOrEqual(64)
    }
    expect(await connections()).toBe(before)
  })
})
