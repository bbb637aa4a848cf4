import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../engine/model/secret.ts'
import { encryptVault } from '../../engine/secrets/ansible-vault.ts'
import { openLab, type Lab } from './lab.ts'
import { sshOptions } from './login.ts'
import { requireLab } from './require-lab.ts'
import { leaksIn, sampleProcesses, type Secrets } from './support/leaks.ts'
import { must } from './support/must.ts'
import { tsPlay, type Finished, type TsPlay } from './support/ts-play.ts'

/** A file with a secret, commands that take time with one on stdin and one in the environment of a command, as another user and as root. */
const PLAYBOOK = `import { command, everyone, file, play, playbook, role, secret, secretString, sh } from 'ts-play'
const r = role('r', {
  vars: { token: secretString(), input: secretString() },
  tasks: ({ vars }) => [
    file({ path: '/srv/app.conf', content: secret\`token = \${vars.token}\\n\`, mode: 0o600 }),
    command({ name: 'take it', run: sh\`cat >/srv/taken; chmod 600 /srv/taken; sleep 2\`, stdin: vars.input }),
    command({ name: 'take it as another user', run: sh\`cat >/dev/null; sleep 1\`, stdin: vars.input }, { become: 'app' }),
    command({ name: 'fail with it', run: sh\`cat >&2; exit 1\`, stdin: vars.token }, { ignoreErrors: 'what a program says of a secret must not be told' }),
  ],
})
export default playbook('p', [play(r, { hosts: everyone, become: true })])
`
/** Logins are by password, too. */
const WAYS = [
  { transport: 'ssh2', method: 'sudo' },
  { transport: 'openssh', method: 'sudo' },
  { transport: 'ssh2', method: 'su' },
  { transport: 'openssh', method: 'doas' },
] as const

/** Printable, and different in every encoding. */
const made = (name: string): string => `${name}~${randomBytes(9).toString('hex')}"&ü/`

describe.skipIf(requireLab())('secrets of a run', () => {
  let lab: Lab
  let play: TsPlay
  const secrets: Secrets = { login: made('Login'), root: made('Root'), vault: made('Vault'), token: made('Token'), input: made('Input') }
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1')
    play = await tsPlay(lab)
    await must(lab, 'h1', `set -eu; useradd -m app; apt-get -qq update; apt-get -qq install -y opendoas >/dev/null 2>&1
printf 'permit ops\\n' >/etc/doas.conf; chmod 600 /etc/doas.conf
printf 'Defaults logfile=/var/log/sudo.log\\n' >/etc/sudoers.d/logged; chmod 440 /etc/sudoers.d/logged
printf 'PasswordAuthentication yes\\nLogLevel DEBUG3\\n' >/etc/ssh/sshd_config.d/lab.conf; systemctl restart ssh`)
    const passwords = await lab.exec('h1', 'chpasswd', { input: `ops:${secrets['login']}\nroot:${secrets['root']}\napp:${secrets['root']}\n` })
    expect(passwords.code).toBe(0)
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  const sampleHost = () => sampleProcesses(script => ['ssh', ...sshOptions(lab), `root@${lab.address('h1')}`, script])

  /** All that a host keeps: logs, the journal, histories, run time and temporary folders, homes. What holds a secret by the playbook's own will is in /srv. */
  async function kept(): Promise<Buffer> {
    const child = spawn('ssh', [...sshOptions(lab), `root@${lab.address('h1')}`, 'journalctl --sync; journalctl --no-pager -q -a -o export; tar -C / -c --ignore-failed-read --warning=none --exclude=run/ts-play-scan run tmp var/log var/tmp var/lib/ts-play var/mail var/spool dev/shm home root 2>/dev/null; :'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    await once(child, 'close')
    const all = Buffer.concat(chunks)
    // Whoever sees nothing finds nothing.
    expect(all.length).toBeGreaterThan(100_000)
    return all
  }

  /** What the controller has written: its output, its record, and its state folder. */
  async function written(ran: Finished): Promise<Buffer> {
    const folders = [play.folder, join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'ts-play')]
    const files = (await Promise.all(folders.map(folder => readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])))).flat()
    const own = files.filter(entry => entry.isFile() && !/inventory|playbook/.test(entry.name))
    // A run of somebody else may end meanwhile.
    const contents = await Promise.all(own.map(entry => readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0))))
    return Buffer.concat([Buffer.from(ran.stdout), Buffer.from(ran.stderr), ...contents])
  }

  test('the same scanner finds what leaks: an argument, an environment, a log, a history, a temporary file, encoded or not', async () => {
    const leaked = made('Leaked')
    const seen = await sampleHost()
    const encoded = { argument: leaked, base64: Buffer.from(`x${leaked}`).toString('base64'), hex: Buffer.from(leaked).toString('hex'), percent: encodeURIComponent(leaked) }
    const one = made('Environment')
    await must(lab, 'h1', `MARK='${one}' sleep 2 & sh -c 'sleep 2; :' '${encoded.base64}'; wait`)
    const { seen: processes, passes } = await seen.end()
    expect(passes).toBeGreaterThan(3)
    expect(leaksIn(processes, { leaked, one })).toEqual(['leaked (base64)', 'one (plain)'])
    for (const command of [`logger '${encoded.percent}'`, `echo '${encoded.hex}' >>/root/.bash_history`, `echo '${leaked}' >/tmp/left`, `mkdir -p /run/left; echo '${encoded.base64}' >/run/left/file`]) {
      await must(lab, 'h1', command)
      expect(leaksIn(await kept(), { leaked }), command).not.toEqual([])
      await must(lab, 'h1', `rm -rf /tmp/left /run/left /root/.bash_history; journalctl -q --rotate; journalctl -q --vacuum-time=1s; rm -rf /var/log/journal/*/*@* /run/log/journal/*/*@*; :`)
      expect(leaksIn(await kept(), { leaked }), `${command}, cleared`).toEqual([])
    }
  })

  test.for(WAYS)('over $transport, $method: in no argument, no environment, no log, no history and no file, on the host and on the controller', { timeout: 240_000 }, async ({ transport, method }) => {
    await must(lab, 'h1', 'rm -f /srv/*')
    const vaulted = async (text: string): Promise<string> => `!vault |\n${(await encryptVault(new Secret(text), new Secret(secrets['vault'] ?? ''))).trimEnd().split('\n').map(line => `      ${line}`).join('\n')}`
    const become = secrets[method === 'su' ? 'root' : 'login'] ?? ''
    const inventory = await play.write('inventory.yaml', `all:
  vars:
    ansible_user: ops
    ansible_connection: ${transport}
    ansible_become_method: ${method}
    ansible_password: ${await vaulted(secrets['login'] ?? '')}
    ansible_become_password: ${await vaulted(become)}
    token: ${await vaulted(secrets['token'] ?? '')}
    input: ${await vaulted(secrets['input'] ?? '')}
  hosts: { h1: { ansible_host: ${lab.address('h1')} } }
`)
    const [there, here] = await Promise.all([sampleHost(), sampleProcesses()])
    const ran = await play.run([await play.write('playbook.ts', PLAYBOOK), '-i', inventory, '-J', '--diff', '-v'], { stdin: `${secrets['vault']}\n` })
    const [host, controller] = await Promise.all([there.end(), here.end()])
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    // The secrets were there, and both samplers looked often.
    expect(await must(lab, 'h1', 'cat /srv/app.conf /srv/taken')).toBe(`token = ${secrets['token']}\n${secrets['input']}`)
    expect(Math.min(host.passes, controller.passes)).toBeGreaterThan(10)
    expect(host.seen.includes('_t_d=')).toBe(true)
    expect(controller.seen.includes('ts-play.mjs')).toBe(true)
    expect({
      'processes of the host': leaksIn(host.seen, secrets),
      'processes of the controller': leaksIn(controller.seen, secrets),
      'what the host keeps': leaksIn(await kept(), secrets),
      'what the controller wrote': leaksIn(await written(ran), secrets),
    }).toEqual({ 'processes of the host': [], 'processes of the controller': [], 'what the host keeps': [], 'what the controller wrote': [] })
  })
})
