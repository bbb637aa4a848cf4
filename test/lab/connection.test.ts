import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type ConnectOptions, type Target } from '../../engine/connection/connect.ts'
import { Secret } from '../../engine/model/secret.ts'
import type { Changer, FrameReply, Session } from '../../engine/model/session.ts'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'

const calm = new AbortController().signal

describe.skipIf(requireLab())('a connection to a real host', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1')
  })
  afterAll(() => lab.down())

  const target = (changes: Partial<Target> = {}): Target => ({
    name: 'h1', address: lab.address('h1'), port: 22, user: 'root', connection: 'ssh2', privateKeyFile: lab.keyFile, knownHostsFiles: [lab.knownHosts], acceptNew: false, connectTimeout: 60_000, ...changes,
  })
  async function open(changes: Partial<Target> = {}, options: ConnectOptions = {}): Promise<Session> {
    const made = await connect(target(changes), options)
    if ('type' in made) throw new Error(made.message)
    return made
  }
  async function shell(session: Session, user?: string): Promise<Changer> {
    const made = await session.shell(user)
    if ('type' in made) throw new Error(made.message)
    return made
  }
  const said = (reply: FrameReply): string => (reply.type === 'replied' ? (reply.results[0]?.stdout ?? '') : `${reply.type}: ${'message' in reply ? reply.message : ''}`)
  const say = async (on: Changer, script: string): Promise<string> => said(await on.query([{ script }], calm))

  /** What the host's console says of our shells: their folders, and processes that stand in them. */
  const traces = async (): Promise<string> => (await lab.console('h1', 'ls -d /run/ts-play-* 2>/dev/null; ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -o "/run/ts-play-.*"; :')).stdout.trim()
  async function nothingLeft(within: number): Promise<void> {
    for (const end = Date.now() + within; (await traces()) !== ''; await sleep(500)) {
      if (Date.now() > end) throw new Error(`still there after ${within} ms: ${await traces()}`)
    }
  }

  it('gives a shell of root to an ordinary user with its password, and keeps it out of every log', async () => {
    const session = await open({ user: 'ops', becomePassword: new Secret(lab.password) })
    expect(await say(await shell(session), 'id -un')).toBe('ops\n')
    const root = await shell(session, 'root')
    expect(await say(root, 'id -un; echo "$HOME" "$TSP_STATE"')).toBe('root\n/root /var/lib/ts-play\n')
    await root.apply({ sections: [{ script: 'cat >/dev/null; : s3cr3t-script', stdin: new Secret('s3cr3t-payload') }], deadline: 10_000 }, calm)
    expect(await say(root, 'journalctl --no-pager -q | grep -c "COMMAND=/bin/sh"')).toMatch(/^[1-9]/)
    const found = await say(root, `journalctl --no-pager -q | grep -c -e s3cr3t-[sp] -e _t_fram[e] -e '${lab.password.slice(0, -1)}[${lab.password.slice(-1)}]'`)
    expect(found).toBe('0\n')
    await session.close()
    await nothingLeft(5000)
  })

  it('says that a password is needed, and that one was wrong', async () => {
    const none = await open({ user: 'ops' })
    expect(await none.shell('root')).toMatchObject({ reason: 'become', remedy: expect.stringContaining('-K') })
    await none.close()
    const wrong = await open({ user: 'ops', becomePassword: new Secret('wrong') })
    expect(await wrong.shell('root')).toMatchObject({ reason: 'become', message: expect.stringContaining('did not accept the password') })
    await wrong.close()
    // Counted by the host itself.
    expect((await lab.console('h1', 'journalctl -q --no-pager -t sudo | grep -c "authentication failure"')).stdout.trim()).toBe('1')
  })

  it('whose cable is pulled ends a killable task, lets a change finish, and leaves nothing', async () => {
    for (const killable of [true, false]) {
      const session = await open({}, { patience: 3 })
      const on = await shell(session)
      const file = `/root/finished-${killable}`
      const reply = on.apply({ sections: [{ script: `sleep 12; : >${file}` }], deadline: 60_000, killable }, calm)
      await sleep(1000)
      await lab.cut('h1')
      await nothingLeft(30_000)
      expect((await lab.console('h1', `test -e ${file} && echo there || echo absent`)).stdout.trim()).toBe(killable ? 'absent' : 'there')
      await lab.heal('h1')
      // What a change came to may still be told when the cable is back: TCP kept it.
      const { type } = await reply
      expect(killable ? ['lost'] : ['lost', 'replied']).toContain(type)
      expect(await on.query([{ script: 'echo more' }], calm)).toMatchObject({ type: 'lost' })
      await session.close()
    }
  })

  it('that hangs is given up within 20 s, and is reached again when it wakes', async () => {
    const session = await open()
    const on = await shell(session)
    expect(await say(on, 'echo awake')).toBe('awake\n')
    await lab.freeze('h1')
    const began = performance.now()
    const reply = await on.query([{ script: 'echo asleep' }], calm)
    await lab.thaw('h1')
    expect(reply).toMatchObject({ type: 'lost', message: expect.stringContaining('no sign of life') })
    expect(performance.now() - began).toBeLessThan(22_000)
    expect(await session.shell(undefined)).toMatchObject({ reason: 'unreachable' })
    await session.close()
    const again = await open()
    expect(await say(await shell(again), 'echo back')).toBe('back\n')
    await again.close()
    await nothingLeft(60_000)
  })

  it('that reboots is lost at once, and reached while it boots', async () => {
    const session = await open()
    const on = await shell(session)
    const reply = on.apply({ sections: [{ script: 'systemctl reboot; sleep 100' }], deadline: 120_000 }, calm)
    expect(await reply).toMatchObject({ type: 'lost' })
    // While it goes down it may still let somebody in.
    const reached = async (): Promise<void> => {
      for (let up = false; !up; ) {
        const again = await open({ connectTimeout: 90_000 })
        const made = await again.shell(undefined)
        up = !('type' in made) && (await made.query([{ script: 'cat /proc/sys/kernel/random/boot_id' }], calm)).type === 'replied'
        await again.close()
      }
    }
    await Promise.all([reached(), lab.up('h1').catch(() => undefined)])
    await session.close()
  })
})
