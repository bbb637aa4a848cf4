import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isFailure } from '../../engine/connection/failure.ts'
import { localTransport } from '../../engine/connection/local.ts'
import { openShell } from '../../engine/connection/open-shell.ts'
import { Secret } from '../../engine/model/secret.ts'
import { output, target } from './open.ts'

const folder = mkdtempSync(join(tmpdir(), 'ts-play-become-'))
afterAll(() => rmSync(folder, { recursive: true }))

const me = localTransport().user
const PARSE = 'while :; do case $1 in -p) prompt=$2; shift 2 ;; -u) user=$2; shift 2 ;; --) shift; break ;; *) flags="$flags $1"; shift ;; esac; done'

/** A machine whose sudo is a script: how the dialogue goes is seen from the other side. */
async function become(sudo: string, { password, timeout = 10_000, user = me, banner = '' }: { password?: string; timeout?: number; user?: string; banner?: string } = {}) {
  const bin = mkdtempSync(join(folder, 'bin-'))
  const log = join(bin, 'log')
  writeFileSync(log, '')
  writeFileSync(join(bin, 'sudo'), `#!/bin/sh\nlog=${log}\n${PARSE}\necho "flags$flags user $user" >>$log\n${sudo}\n`, { mode: 0o755 })
  const local = localTransport({ HOME: '/', PATH: `${bin}:/usr/bin:/bin` })
  const transport = { ...local, open: (command: string) => local.open(banner + command) }
  const shell = await openShell(transport, { user, options: {}, target: target({ connectTimeout: timeout, ...(password !== undefined && { becomePassword: new Secret(password) }) }) })
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

  it.each([
    ['sudo: sorry, you must have a tty to run sudo', /wants a terminal/, /!requiretty/],
    ['ops is not in the sudoers file.', /may not become .*not in the sudoers file/, /sudoers/],
    ["Sorry, user ops is not allowed to execute '/bin/sh' as root on h1.", /may not become/, /sudoers/],
    ['sudo: unknown user nobody2', /there is no user/, /become user/],
    ['sudo: /etc/sudoers is world writable', /ended without a shell.*world writable/, /sudo -u/],
  ])('puts "%s" into a next step', async (words, message, remedy) => {
    const { shell } = await become(`echo ${JSON.stringify(words)} >&2; exit 1`)
    expect(shell).toMatchObject({ reason: 'become', message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) })
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
})
