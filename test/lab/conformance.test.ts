import { randomBytes } from 'node:crypto'
import { availableParallelism, loadavg } from 'node:os'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BecomeMethodName } from '../../engine/model/host.ts'
import { Secret } from '../../engine/model/secret.ts'
import type { Script } from '../../engine/model/script.ts'
import type { Changer, Section, Session } from '../../engine/model/session.ts'
import { file } from '../../engine/resources/file.ts'
import { controllerFile } from '../resources/support/local-host.ts'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { ACCOUNTS, equip, makeAccounts, SHELLS, type Account } from './support/accounts.ts'
import { ask, calm, made, say, sha256 } from './support/ask.ts'
import { must } from './support/must.ts'
import { installProgram, NODE, PROGRAM } from './support/program-in-host.ts'
import { sessionOver, TRANSPORTS, type TransportName } from './support/transports.ts'
import { tsPlay, type TsPlay } from './support/ts-play.ts'

const MEGABYTE = 1024 * 1024

describe.skipIf(requireLab())('the same over every transport, for every account', () => {
  let lab: Lab
  let play: TsPlay
  const missing = new Map<string, string>()
  beforeAll(async () => {
    vi.stubEnv('TS_PLAY_MARK', 'controller')
    lab = await openLab()
    await lab.up('h1')
    await makeAccounts(lab, 'h1')
    await installProgram(lab, 'h1')
    play = await tsPlay(lab)
    for (const account of ACCOUNTS) {
      const reason = await equip(lab, 'h1', account)
      if (reason === undefined) continue
      missing.set(account.name, reason)
      process.stderr.write(`skipped: all of "${account.name}": ${reason}\n`)
    }
  }, 600_000)
  afterAll(async () => {
    vi.unstubAllEnvs()
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  /** How often the host counted a wrong password of a user, by itself. */
  const counted = async (user: string): Promise<number> => (await must(lab, 'h1', `faillock --user ${user}`)).split('\n').filter(line => /^\d{4}-/.test(line)).length

  for (const transport of TRANSPORTS) {
    describe(`over ${transport}`, () => {
      for (const account of ACCOUNTS) cell(transport, account)
      shells(transport)
    })
  }

  function cell(transport: TransportName, account: Account): void {
    const { name, login, method, asks } = account
    describe.concurrent(name, () => {
      const opened: Session[] = []
      const connectAs = async (password: string | undefined, options = {}): Promise<Session> => {
        const secret = password === undefined ? {} : { becomePassword: new Secret(password) }
        const session = made(await sessionOver(transport, lab, { host: 'h1', user: login, options, ...(method && { becomeMethod: method }), ...secret }))
        opened.push(session)
        return session
      }
      const test = (title: string, run: () => Promise<void>): void => {
        it(title, async ({ skip }) => {
          const reason = missing.get(name)
          if (reason !== undefined) skip(reason)
          await run()
        })
      }
      let session: Promise<Session> | undefined
      /** The session that most tests share: root's shell, and that of another ordinary user. */
      const shared = (): Promise<Session> => (session ??= connectAs(asks === undefined ? undefined : lab.password))
      const root = async (): Promise<Changer> => made(await (await shared()).shell(method === undefined ? undefined : 'root'))
      afterAll(() => Promise.all(opened.map(one => one.close())))

      test('is the user that was asked for, at home, with a clean environment', async () => {
        const shell = await root()
        expect(await say(shell, 'id -un; id -u; echo "$HOME"; command -v id; umask; case $- in *i*) echo interactive ;; esac')).toMatch(/^root\n0\n\/root\n(\/usr)?\/bin\/id\n0077\n$/)
        const names = (await say(shell, 'env')).split('\n').map(line => line.split('=')[0] ?? '')
        expect(names.filter(known => /^(TS_PLAY_MARK|EVIL|BAIT|LD_.*|ENV|BASH_ENV|LC_(?!ALL).*|LANG|NODE.*|_t_.*|SSH_AUTH_SOCK)$/.test(known))).toEqual([])
        expect(await say(shell, 'echo $PATH')).not.toContain('evil')
      })

      test('hands over a megabyte with every byte in it, small and by way of the disk, and gets it back', async () => {
        const bytes = randomBytes(MEGABYTE)
        const big = randomBytes(3 * MEGABYTE)
        const [there, back, spooled] = await ask(await root(), { script: 'sha256sum', stdin: bytes }, { script: 'base64 -w0', stdin: bytes }, { script: 'sha256sum', stdin: big })
        expect(there?.stdout).toBe(`${sha256(bytes)}  -\n`)
        expect(back?.stdout).toBe(bytes.toString('base64'))
        expect(spooled?.stdout).toBe(`${sha256(big)}  -\n`)
      })

      test('keeps stdout and stderr apart, and statuses as they are', async () => {
        const results = await ask(await root(), { script: 'echo out; echo err >&2; exit 7' }, { script: 'exit 255' }, { script: 'printf "\\nno \\033[1m newline"' }, { script: 'read -r x || echo none' })
        expect(results).toEqual([
          { status: 7, stdout: 'out\n', stderr: 'err\n' },
          { status: 255, stdout: '', stderr: '' },
          { status: 0, stdout: '\nno \u001b[1m newline', stderr: '' },
          { status: 0, stdout: 'none\n', stderr: '' },
        ])
      })

      test('tells five megabytes of output to the last byte', async () => {
        const output = await say(await root(), 'i=0; while [ $i -lt 50 ]; do head -c 104857 /dev/zero | tr "\\0" "$((i%10))"; i=$((i+1)); done')
        expect(output).toHaveLength(50 * 104_857)
        expect(sha256(output)).toBe(sha256(Array.from({ length: 50 }, (_, index) => String(index % 10).repeat(104_857)).join('')))
      })

      test('ends a change at its deadline with all that it started, and goes on', async () => {
        const mark = 1_000_000 + Math.floor(Math.random() * 1_000_000)
        const own = await connectAs(asks === undefined ? undefined : lab.password, { grace: 1 })
        const shell = made(await own.shell(method === undefined ? undefined : 'root'))
        const reply = await shell.apply({ sections: [{ script: `trap '' TERM; sleep ${mark} & (sleep ${mark}); sleep ${mark}` }], deadline: 1000 }, calm)
        expect(reply.type).toBe('timed-out')
        expect(await say(shell, `pgrep -fx 'sleep ${mark}' || echo gone`)).toBe('gone\n')
        await own.close()
      })

      test('does not wait for a daemon that keeps stdout open', async () => {
        const began = performance.now()
        // Right after its fork it is still called what the shell is.
        const reply = await (await root()).apply({ sections: [{ script: 'sleep 30 & until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done; echo $!' }], deadline: 60_000 }, calm)
        expect(performance.now() - began).toBeLessThan(15_000)
        const pid = reply.type === 'replied' ? (reply.results[0]?.stdout.trim() ?? '') : ''
        expect(await say(await root(), `cat /proc/${pid}/comm; kill ${pid}`)).toBe('sleep\n')
      })

      test('has shells of three users side by side, in folders that are closed to each other', async () => {
        const users = method === undefined ? [undefined] : [undefined, 'root', 'app']
        const shellsOf = await Promise.all(users.map(async user => made(await (await shared()).shell(user))))
        const rounds = await Promise.all(Array.from({ length: 5 }, () => shellsOf.map(shell => say(shell, 'id -un'))).flat())
        expect(rounds).toEqual(Array.from({ length: 5 }, () => users.map(user => `${user ?? login}\n`)).flat())
        // The secret of a section lies in the private folder while it runs.
        const look = 'cd "$OLDPWD" 2>/dev/null; for d in /run/ts-play-* /dev/shm/ts-play-* /tmp/ts-play-* /run/user/*/ts-play-*; do [ -d "$d" ] && stat -c "%a %U" "$d"; done | sort -u'
        const secret = await Promise.all(shellsOf.map(shell => shell.apply({ sections: [{ script: `${look}; for d in /run/ts-play-* /dev/shm/ts-play-* /tmp/ts-play-* /run/user/*/ts-play-*; do ls "$d" >/dev/null 2>&1 && stat -c %U "$d"; done | sort -u | sed s/^/open:/`, stdin: 'secret' }], deadline: 20_000 }, calm)))
        for (const [index, reply] of secret.entries()) {
          const user = users[index] ?? login
          const lines = reply.type === 'replied' ? (reply.results[0]?.stdout ?? '').trim().split('\n') : []
          expect(lines.filter(line => !line.startsWith('open:')).every(line => line.startsWith('700 '))).toBe(true)
          if (user !== 'root') expect(lines.filter(line => line.startsWith('open:'))).toEqual([`open:${user}`])
        }
      })

      test('writes a file with its owner and mode', async () => {
        const shell = await root()
        const path = `/etc/conformance-${transport}-${login}`
        const task = file({ path, content: new Secret('unsäglich\n'), mode: 0o640, owner: 'app', group: 'app' })
        const section = ({ command, stdin }: Script): Section => ({ script: command.text, ...(stdin !== undefined && { stdin }), ...(task.helpers !== undefined && { helpers: task.helpers }) })
        const look = async () => task.assess((await ask(shell, section(task.probe)))[0]!, controllerFile)
        const applied = await shell.apply({ sections: [section((await look()).apply())], deadline: 20_000 }, calm)
        expect(applied).toMatchObject({ type: 'replied', results: [{ status: 0 }] })
        expect((await look()).changes).toEqual([])
        expect(await say(shell, `stat -c '%a %U %G' ${path}; cat ${path}`)).toBe('640 app app\nunsäglich\n')
      })

      test('lets a change that runs end when the login is cut off, and leaves nothing', async () => {
        const own = await connectAs(asks === undefined ? undefined : lab.password, { patience: 4 })
        const shell = made(await own.shell(method === undefined ? undefined : 'root'))
        const finished = `/root/finished-${transport}-${login}`
        const folder = (await say(shell, 'echo "$OLDPWD"')).trim()
        const sshd = (await say(shell, `p=$$; until [ "$(cat /proc/$p/comm)" = sshd ]; do p=$(sed 's/.*) . //; s/ .*//' /proc/$p/stat); [ "$p" -gt 1 ] || exit; done; echo $p`)).trim()
        const reply = shell.apply({ sections: [{ script: `: >${finished}.begun; until [ -e ${finished}.go ]; do sleep 0.2; done; : >${finished}` }], deadline: 60_000 }, calm)
        const waited = (condition: string): Promise<string> => must(lab, 'h1', `n=0; until ${condition}; do sleep 0.2; n=$((n+1)); [ $n -lt 150 ] || exit 1; done`)
        await waited(`[ -e ${finished}.begun ]`)
        await must(lab, 'h1', `kill -KILL ${sshd}`)
        expect((await reply).type).toBe('lost')
        await must(lab, 'h1', `[ -d ${folder} ] && touch ${finished}.go`)
        await waited(`[ -e ${finished} ] && [ ! -e ${folder} ]`)
        await own.close()
      })

      if (method !== undefined && asks === undefined) {
        test('is never given a password that nobody asks for', async () => {
          // Given unasked it would be the first line of the new shell, and run.
          const leak = `/tmp/leaked-${transport}-${login}`
          const own = await connectAs(`touch ${leak}`)
          expect(await say(made(await own.shell('root')), `id -un; ls ${leak} 2>&1`)).toMatch(/^root\nls: cannot access/)
          await own.close()
        })
      }

      if (method !== undefined && asks !== undefined) {
        test('is not asked without a password to give; a wrong one is counted once, told within five seconds of an idle machine, and not tried again', async () => {
          const whose = asks === 'its own' ? login : 'root'
          const before = await counted(whose)
          const none = await connectAs(undefined)
          expect(await none.shell('root')).toMatchObject({ reason: 'become', message: expect.stringContaining('asks for'), remedy: expect.stringContaining('-K') })
          if (account.needs === undefined) expect(await counted(whose)).toBe(before)
          await none.close()
          const own = await connectAs(`wrong-${randomBytes(4).toString('hex')}`)
          const began = performance.now()
          expect(await own.shell('root')).toMatchObject({ reason: 'become', message: expect.stringMatching(new RegExp(`^${method} on h1 did not accept the password ${asks === 'its own' ? `for ${login}` : 'of root'}`)), remedy: expect.stringContaining('one attempt') })
          expect(performance.now() - began).toBeLessThan(5000 * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism()))
          expect(await own.shell('root')).toMatchObject({ reason: 'become' })
          await own.close()
          expect((await counted(whose)) - before).toBe(1)
        })
      }

      if (method !== undefined) {
        test('says that there is no such user', async () => {
          const own = await connectAs(asks === undefined ? undefined : lab.password)
          expect(await own.shell('nemo')).toMatchObject({ reason: 'no-such-user', message: 'there is no user nemo on h1' })
          await own.close()
        })
      }

      test('serves the program itself', async () => {
        const path = `/srv/program-${transport}-${login}`
        const playbook = `import { command, everyone, file, play, playbook, role, sh } from 'ts-play'\nexport default playbook('p', [play(role('r', { tasks: () => [file({ path: '${path}', content: 'by the program\\n', mode: 0o600, owner: 'app' }), command({ name: 'who', run: sh\`id -un >${path}.who\`, creates: '${path}.who' })] }), { hosts: everyone })])\n`
        const ran = await program(transport, { login, method, name: `${transport}-${login}`, playbook, password: asks === undefined ? undefined : lab.password })
        expect(ran.code, ran.text).toBe(0)
        expect(await must(lab, 'h1', `stat -c '%a %U' ${path}; cat ${path}.who`)).toBe('600 app\nroot\n')
      })
    })
  }

  /** ts-play as a user runs it: here over ssh, for `local` on the host. */
  async function program(transport: TransportName, { login, method, name, playbook, password }: { login: string; method: BecomeMethodName | undefined; name: string; playbook: string; password: string | undefined }): Promise<{ code: number; text: string }> {
    const become = method === undefined ? '' : `, ansible_become: true, ansible_become_method: ${method}`
    const words = password === undefined ? [] : ['-K']
    if (transport !== 'local') {
      const inventory = `all: { hosts: { h1: { ansible_host: ${lab.address('h1')}, ansible_user: ${login}, ansible_connection: ${transport}, ansible_ssh_private_key_file: ${lab.keyFile}${become} } } }\n`
      const ran = await play.run([await play.write(`${name}.ts`, playbook), '-i', await play.write(`${name}.yaml`, inventory), ...words], { stdin: `${password ?? ''}\n` })
      return { code: ran.code, text: ran.stdout + ran.stderr }
    }
    const home = login === 'root' ? '/root' : `/home/${login}`
    await must(lab, 'h1', `cat >${home}/p.ts <<'END'\n${playbook}END\ncat >${home}/i.yaml <<'END'\nall: { hosts: { h1: { ansible_connection: local${become} } } }\nEND\nchown ${login}: ${home}/p.ts ${home}/i.yaml`)
    const { code, stdout, stderr } = await lab.exec('h1', `su -s /bin/sh -c '${NODE} ${PROGRAM} ${home}/p.ts -i ${home}/i.yaml ${words.join(' ')}' ${login}`, { input: `${password ?? ''}\n` })
    return { code, text: stdout + stderr }
  }

  function shells(transport: TransportName): void {
    // That of the local transport is /bin/sh, whatever the account has.
    if (transport === 'local') return
    describe.concurrent('a login shell', () => {
      for (const [user, shell] of Object.entries(SHELLS)) {
        it(`that is ${shell} gives a framed shell, and sudo another one`, async () => {
          const session = made(await sessionOver(transport, lab, { host: 'h1', user }))
          const bytes = randomBytes(MEGABYTE)
          for (const who of [user, 'root']) {
            const on = made(await session.shell(who))
            const [name, sum] = await ask(on, { script: 'id -un' }, { script: 'sha256sum', stdin: bytes })
            expect([name?.stdout, sum?.stdout]).toEqual([`${who}\n`, `${sha256(bytes)}  -\n`])
          }
          await session.close()
        })
      }

      it('that is nologin is refused with what it says', async () => {
        const session = await sessionOver(transport, lab, { host: 'h1', user: 'in-nologin' })
        const shell = 'type' in session ? session : await session.shell(undefined)
        expect(shell).toMatchObject({ type: 'connect-failure', message: expect.stringContaining('This account is currently not available'), remedy: expect.stringContaining('login shell') })
        if (!('type' in session)) await session.close()
      })
    })
    describe.concurrent('a user without login shell', () => {
      it('is out of reach of su, in clear words, and within reach of sudo and doas', async () => {
        const su = made(await sessionOver(transport, lab, { host: 'h1', user: 'suer', becomeMethod: 'su', becomePassword: new Secret(lab.password) }))
        await must(lab, 'h1', `printf '%s:%s\\n' in-nologin '${lab.password}' | chpasswd`)
        expect(await su.shell('in-nologin')).toMatchObject({ reason: 'become', message: 'in-nologin on h1 has no login shell, and su lets only root do without', remedy: expect.stringContaining('sudo or doas') })
        const sudo = made(await sessionOver(transport, lab, { host: 'h1', user: 'trusted' }))
        expect(await say(made(await sudo.shell('in-nologin')), 'id -un')).toBe('in-nologin\n')
        const doas = made(await sessionOver(transport, lab, { host: 'h1', user: 'permitted', becomeMethod: 'doas' }))
        expect(await say(made(await doas.shell('in-nologin')), 'id -un')).toBe('in-nologin\n')
        await Promise.all([su.close(), sudo.close(), doas.close()])
      })
    })
  }
})
