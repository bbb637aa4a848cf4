import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BecomeMethodName } from '../../engine/model/host.ts'
import { afterAll, describe, expect, it } from 'vitest'
import { isFailure } from '../../engine/connection/failure.ts'
import { localTransport } from '../../engine/connection/local.ts'
import { openShell, startShell } from '../../engine/connection/open-shell.ts'
import { Secret } from '../../engine/model/secret.ts'
import { announceSkip, has } from './machine.ts'
import { output, target } from './open.ts'

if (!has('script')) announceSkip('programs that want a terminal', 'script is not installed')

const folder = mkdtempSync(join(tmpdir(), 'ts-play-become-'))
afterAll(() => rmSync(folder, { recursive: true }))

const me = localTransport().user
const PARSE = 'while :; do case $1 in -p) prompt=$2; shift 2 ;; -u) user=$2; shift 2 ;; --) shift; break ;; /*) break ;; *) flags="$flags $1"; shift ;; esac; done'

/** A machine whose sudo (su, doas) is a script: how the dialogue goes is seen from the other side. */
async function become(script: string, { password, timeout = 10_000, user = me, banner = '', method = 'sudo', start = openShell }: { password?: string; timeout?: number; user?: string; banner?: string; method?: BecomeMethodName; start?: typeof startShell } = {}) {
  const bin = mkdtempSync(join(folder, 'bin-'))
  const log = join(bin, 'log')
  writeFileSync(log, '')
  writeFileSync(join(bin, method), `#!/bin/sh\nlog=${log}\n${PARSE}\necho "flags$flags user $user" >>$log\n${script}\n`, { mode: 0o755 })
  const local = localTransport({ HOME: '/', PATH: `${bin}:/usr/bin:/bin` })
  const transport = { ...local, open: (command: string, terminal?: boolean) => local.open(terminal ? command : banner + command, terminal) }
  const shell = await start(transport, { user, options: {}, target: target({ connectTimeout: timeout, becomeMethod: method, ...(password !== undefined && { becomePassword: new Secret(password) }) }) })
  return { shell, log: () => readFileSync(log, 'utf8').trim().split('\n') }
}
/** Asks with the prompt it was given and notes what comes. */
const ASK = `printf '%s' "$prompt" >&2; IFS= read -r word; echo "got $word" >>$log`

describe.concurrent('becoming another user', () => {
  it('sends the password when sudo asks with our prompt, once, and nothing before sudo has taken it', async () => {
    const word = `pässw'ord $(id) "\\`
    const { shell, log } = await become(`echo 'We trust you have received the usual lecture' >&2; ${ASK}; exec "$@"`, { password: word })
    if (isFailure(shell)) throw new Error(shell.message)
    expect(await output(shell, 'echo fine')).toBe('fine\n')
    expect(log()).toEqual([`flags -S -H user ${me}`, `got ${word}`])
    await shell.close()
  })

  it('waits for the loop only of a shell that does not say at once that it is the one that was asked for', async () => {
    const begun = async (script: string): Promise<unknown> => {
      const { shell } = await become(script, { start: startShell })
      if (isFailure(shell)) throw new Error(shell.message)
      const now = await Promise.race([shell.begun.then(() => 'begun'), Promise.resolve().then(() => Promise.resolve()).then(() => 'not yet')])
      expect(await output(shell, 'id -un')).toBe(`${me}\n`)
      await shell.close()
      return now
    }
    expect(await begun('exec "$@"')).toBe('not yet')
    expect(await begun('exec env PATH=/nowhere "$@"')).toBe('begun')
    const { shell } = await become('exec "$@"', { user: 'tsp-other', start: startShell })
    expect(shell).toMatchObject({ type: 'connect-failure', reason: 'become', message: `asked for tsp-other on here and became ${me}` })
  })

  it('sends no password where sudo does not ask', async () => {
    const { shell, log } = await become('IFS= read -r line; echo "got $line" >>$log; exit 1', { password: 'secret', timeout: 1000 })
    expect(isFailure(shell)).toBe(true)
    // The end of the channel is all it gets to read.
    expect(log().filter(line => line !== 'got')).toEqual([`flags -S -H user ${me}`])
  })

  it('makes one attempt with a wrong password', async () => {
    const { shell, log } = await become(`${ASK}; echo 'Sorry, try again.' >&2; ${ASK}; ${ASK}; exit 1`, { password: 'wrong' })
    expect(shell).toMatchObject({ type: 'connect-failure', reason: 'become', message: expect.stringContaining('did not accept the password for'), remedy: expect.stringContaining('one attempt') })
    // The second and third reads find the channel closed.
    expect(log().filter(line => line.startsWith('got ') && line !== 'got ')).toEqual(['got wrong'])
  })

  it('is not fooled by a banner that asks for a password', async () => {
    const { shell, log } = await become('IFS= read -r word; echo "got $word" >>$log; exit 1', { password: 'secret', timeout: 800, banner: "printf '[sudo] password for root: ' >&2; printf 'Password: '; " })
    expect(shell).toMatchObject({ reason: 'become', message: expect.stringMatching(/not done after 0\.8 s: \[sudo\] password for root/) })
    expect(log().join()).not.toContain('secret')
  })

  it('tells sudo not to ask where there is no password to give', async () => {
    const { shell, log } = await become("echo 'sudo: a password is required' >&2; exit 1")
    expect(shell).toMatchObject({ reason: 'become', message: expect.stringContaining('asks for a password'), remedy: expect.stringContaining('-K') })
    expect(log()).toEqual([`flags -n -H user ${me}`])
  })

  it.each<[string, RegExp, RegExp, string?]>([
    ['sudo: sorry, you must have a tty to run sudo', /wants a terminal/, /!requiretty/],
    ['ops is not in the sudoers file.', /may not become .*not in the sudoers file/, /sudoers/],
    ["Sorry, user ops is not allowed to execute '/bin/sh' as root on h1.", /may not become/, /sudoers/],
    ['sudo: unknown user nobody2', /there is no user/, /become user/, 'no-such-user'],
    ['sudo: /etc/sudoers is world writable', /ended without a shell.*world writable/, /sudo -u/],
  ])('puts "%s" into a next step', async (words, message, remedy, reason = 'become') => {
    const { shell } = await become(`echo ${JSON.stringify(words)} >&2; exit 1`)
    expect(shell).toMatchObject({ reason, message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) })
  })

  it('does not take a shell of somebody else for the one that was asked for', async () => {
    const { shell } = await become('exec "$@"', { user: 'somebody' })
    expect(shell).toMatchObject({ reason: 'become', message: `asked for somebody on here and became ${me}` })
  })

  it.each(['-u', '#0', 'a b', '', 'a:b', 'a\nb', 'a\0b'])('refuses %j as a user name without asking the host', async user => {
    const { shell, log } = await become('exec "$@"', { user })
    expect(shell).toMatchObject({ reason: 'become', message: expect.stringContaining('cannot be a user name') })
    expect(log()).toEqual([''])
  })

  it('refuses a password that sudo could not read', async () => {
    const { shell } = await become('exec "$@"', { password: 'two\nlines' })
    expect(shell).toMatchObject({ reason: 'become', message: expect.stringContaining('line break') })
  })

  it('shows no control characters of the host', async () => {
    const { shell } = await become(String.raw`printf 'evil \033]0;title\007\n' >&2; exit 1`)
    expect(isFailure(shell) && shell.message).toMatch(/: evil +\]0;title$/)
  })

  it('masks a password that the host shows', async () => {
    const { shell } = await become(`${ASK}; echo "what is $word?" >&2; exit 1`, { password: 'sesame' })
    expect(shell).toMatchObject({ reason: 'become', message: expect.stringMatching(/what is \*\*\*\?$/) })
  })

  it('takes nothing for a prompt of sudo-rs before it has begun, and its own words after', async () => {
    const { shell, log } = await become(`[ -z "$prompt" ] || { echo 'sudo-rs: invalid option provided' >&2; exit 1; }; printf '[sudo: authenticate] Password: ' >&2; IFS= read -r word; echo "got $word" >>$log; exec "$@"`, { password: 'sesame', banner: "printf '[sudo: authenticate] Password: ' >&2; " })
    if (isFailure(shell)) throw new Error(shell.message)
    expect(await output(shell, 'echo fine')).toBe('fine\n')
    expect(log()).toEqual([`flags -S -H user ${me}`, `flags -S -H user ${me}`, 'got sesame'])
    await shell.close()
  })
})

/** Says so and ends unless it has a terminal; then asks there. */
const ON_TERMINAL = (words: string): string => `(: </dev/tty) 2>/dev/null || { echo '${words}' >&2; exit 1; }; stty -echo; printf 'password: ' >/dev/tty; IFS= read -r word </dev/tty; stty echo; echo "got $word" >>$log`

describe.skipIf(!has('script')).concurrent('a program that wants a terminal', () => {
  it.each([
    { method: 'doas', refusal: 'doas: Authentication required', flags: [' -n', ''] },
    { method: 'sudo', refusal: 'sudo: sorry, you must have a tty to run sudo', flags: [' -S -H', ' -S -H'] },
  ] as const)('$method: it gets one, and what follows is bytes as before', async ({ method, refusal, flags }) => {
    const prompt = method === 'sudo' ? ON_TERMINAL(refusal).replace("printf 'password: '", `printf '%s' "$prompt"`) : ON_TERMINAL(refusal)
    const { shell, log } = await become(`${prompt}; exec "$@"`, { method, password: `pässw'ord $(id)` })
    if (isFailure(shell)) throw new Error(shell.message)
    expect(log()).toEqual([`flags${flags[0]} user ${me}`, `flags${flags[1]} user ${me}`, `got pässw'ord $(id)`])
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) % 256)
    expect(await output(shell, 'sha256sum', { stdin: bytes })).toBe(`${createHash('sha256').update(bytes).digest('hex')}  -\n`)
    expect(await output(shell, 'od -An -v -tx1 | tr -d " \\n"', { stdin: bytes.slice(0, 1024) })).toBe(Buffer.from(bytes.slice(0, 1024)).toString('hex'))
    expect(await output(shell, 'tty; echo "[$TERM]"')).toBe('not a tty\n[]\n')
    await shell.close()
  })

  it('is not given a password that its terminal would take for keys', async () => {
    const { shell, log } = await become(ON_TERMINAL('doas: Authentication required'), { method: 'doas', password: 'a\u0003b' })
    expect(shell).toMatchObject({ reason: 'become', message: expect.stringContaining('control character') })
    expect(log()).toEqual([`flags -n user ${me}`])
  })

  it('is told that there is none where this machine cannot make one', async () => {
    const bare = mkdtempSync(join(folder, 'bare-'))
    writeFileSync(join(bare, 'doas'), `#!/bin/sh\necho 'doas: Authentication required' >&2; exit 1\n`, { mode: 0o755 })
    const shell = await openShell(localTransport({ HOME: '/', PATH: bare }), { user: me, options: {}, target: target({ becomeMethod: 'doas', becomePassword: new Secret('sesame') }) })
    expect(shell).toMatchObject({ message: expect.stringMatching(/^here gave no terminal, .*script/) })
  })

  it('is asked without one only, where there is no password to give', async () => {
    const { shell, log } = await become(ON_TERMINAL('doas: Authentication required'), { method: 'doas' })
    expect(shell).toMatchObject({ reason: 'become', message: 'doas on here asks for a password', remedy: expect.stringContaining('-K') })
    expect(log()).toEqual([`flags -n user ${me}`])
  })
})
