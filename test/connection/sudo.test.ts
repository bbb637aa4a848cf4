import { describe, expect, it } from 'vitest'
import type { Transport } from '../../engine/connection/channel.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import { OpenSession } from '../../engine/connection/open-session.ts'
import { Secret } from '../../engine/model/secret.ts'
import type { ConnectFailure, Session } from '../../engine/model/session.ts'
import { announceSkip, has } from './machine.ts'
import { machineWith, namespaceRefusal } from './namespace.ts'
import { calm, results, target } from './open.ts'

const refusal = namespaceRefusal ?? (has('sudo') && has('setpriv') && has('useradd') ? undefined : 'sudo, setpriv or useradd is not installed')
if (refusal !== undefined) announceSkip('the real sudo', refusal)

const USER = 'tspguest'
const PASSWORD = `p4ss'w"örd $HOME \\`

/** A login as an ordinary user with a password, on this machine with an /etc of its own: nothing of it is left. It counts the channels that were opened. */
function session(sudoers: string, password?: string, terminals = true): Session & { readonly channels: () => number } {
  let channels = 0
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  const machine = machineWith(`
    mount -t tmpfs tmpfs /mnt && cp -a /etc /mnt/etc && mount --bind /mnt/etc /etc
    mount -t tmpfs tmpfs /var/lib/sudo; mkdir -p /run/sudo && mount -t tmpfs -o mode=711 tmpfs /run/sudo
    useradd -M -u 61234 -s /bin/bash ${USER} 2>/dev/null
    printf '%s\\n' ${quote(`${USER}:${PASSWORD}`)} | chpasswd
    printf '%s\\n' ${quote(sudoers)} >/etc/sudoers.d/${USER}; chmod 440 /etc/sudoers.d/${USER}`)
  const open: Transport['open'] = (command, terminal) => {
    channels++
    return machine.open(`exec setpriv --reuid=61234 --regid=61234 --init-groups env -i HOME=/tmp USER=${USER} PATH=/usr/bin:/bin /bin/bash -c ${quote(command)}`, terminals && terminal)
  }
  const made = new OpenSession({ ...machine, user: USER, open }, target({ user: USER, ...(password !== undefined && { becomePassword: new Secret(password) }) }), {})
  return Object.assign(made, { channels: () => channels })
}

async function whoami(made: Session, user: string | undefined): Promise<string | ConnectFailure> {
  const shell = await made.shell(user)
  if (isFailure(shell)) return shell
  return results(await shell.query([{ script: 'id -un; echo "$HOME"; case $0 in *) : ;; esac' }], calm))[0]?.stdout ?? ''
}

describe.skipIf(refusal !== undefined).concurrent('the real sudo', () => {
  it('gives a shell for a password, and the login user keeps its own', async () => {
    const made = session(`${USER} ALL=(ALL) ALL`, PASSWORD)
    expect(await whoami(made, 'root')).toBe('root\n/root\n')
    expect(await whoami(made, undefined)).toBe(`${USER}\n/tmp\n`)
    expect(await whoami(made, USER)).toBe(`${USER}\n/tmp\n`)
    await made.close()
  })

  it('gives a shell of a third user, with its home', async () => {
    const made = session(`${USER} ALL=(ALL) NOPASSWD: ALL`)
    expect(await whoami(made, 'games')).toBe('games\n/usr/games\n')
    await made.close()
  })

  it('works with NOPASSWD, and with use_pty, and with a lecture', async () => {
    const made = session(`Defaults use_pty, lecture=always\n${USER} ALL=(ALL) NOPASSWD: ALL`, PASSWORD)
    expect(await whoami(made, 'root')).toBe('root\n/root\n')
    const asked = session(`Defaults use_pty, lecture=always\n${USER} ALL=(ALL) ALL`, PASSWORD)
    expect(await whoami(asked, 'root')).toBe('root\n/root\n')
    await Promise.all([made.close(), asked.close()])
  })

  it('refuses a wrong password after one attempt, and is not asked again in this session', { timeout: 20_000 }, async () => {
    const made = session(`Defaults passwd_tries=5\n${USER} ALL=(ALL) ALL`, 'wrong')
    expect(await whoami(made, 'root')).toMatchObject({ reason: 'become', message: expect.stringContaining('did not accept') })
    const before = made.channels()
    expect(await whoami(made, 'root')).toMatchObject({ reason: 'become' })
    expect(made.channels()).toBe(before)
    await made.close()
  })

  it('asks for -K where a password is needed and none is given', async () => {
    const made = session(`${USER} ALL=(ALL) ALL`)
    expect(await whoami(made, 'root')).toMatchObject({ reason: 'become', message: 'sudo on here asks for a password', remedy: expect.stringContaining('-K') })
    await made.close()
  })

  it.skipIf(!has('script'))('gets a terminal where sudoers insists on one', async () => {
    const made = session(`Defaults requiretty, use_pty, !visiblepw\n${USER} ALL=(ALL) ALL`, PASSWORD)
    expect(await whoami(made, 'root')).toBe('root\n/root\n')
    await made.close()
  })

  it('is told about missing terminals, missing rights and missing users', async () => {
    const within = session(`Defaults requiretty\n${USER} ALL=(ALL) NOPASSWD: ALL`, undefined, false)
    expect(await whoami(within, 'root')).toMatchObject({ message: expect.stringContaining('requiretty') })
    const rights = session(`${USER} ALL=(games) NOPASSWD: ALL`, PASSWORD)
    expect(await whoami(rights, 'root')).toMatchObject({ message: expect.stringContaining(`${USER} may not become root`) })
    const user = session(`${USER} ALL=(ALL) NOPASSWD: ALL`)
    expect(await whoami(user, 'no-such-user')).toMatchObject({ message: 'there is no user no-such-user on here' })
    await Promise.all([within.close(), rights.close(), user.close()])
  })

  it('is done without by root where it is missing: su serves', async () => {
    const made = new OpenSession(machineWith('mount --bind /dev/null /usr/bin/sudo'), target(), {})
    expect(await whoami(made, 'games')).toBe('games\n/usr/games\n')
    expect(await whoami(made, 'no-such-user')).toMatchObject({ reason: 'no-such-user', message: 'there is no user no-such-user on here' })
    await made.close()
  })

  it('shows neither our loop nor the password in its log or in a process list', async () => {
    const made = session(`Defaults logfile=/etc/sudo.log, loglinelen=0\n${USER} ALL=(ALL) ALL`, PASSWORD)
    const shell = await made.shell('root')
    if (isFailure(shell)) throw new Error(shell.message)
    const script = "grep -c 'COMMAND=.*eval' /etc/sudo.log; { cat /etc/sudo.log; ps ax -o args; } | grep -c -e '_t_fram[e]' -e \"p4ss'[w]\""
    expect(results(await shell.query([{ script }], calm))[0]?.stdout).toBe('1\n0\n')
    await made.close()
  })
})
