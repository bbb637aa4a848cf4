import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as soon } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, createPool, type Pool, type Target } from '../../engine/connection/connect.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import { sshQuestions } from '../../engine/connection/ssh-questions.ts'
import { Secret } from '../../engine/model/secret.ts'
import type { Session } from '../../engine/model/session.ts'
import { announceSkip, processesWith, until } from './machine.ts'
import { calm, results, target } from './open.ts'
import { sshd, sshdRefusal, type Sshd } from './sshd.ts'

if (sshdRefusal !== undefined) announceSkip("the system's ssh", sshdRefusal)
const PASSWORD = `p4ss-${process.pid}-word`

async function open(where: Target, pool?: Pool): Promise<Session> {
  const made = await connect(where, pool ? { pool } : {})
  if (isFailure(made)) throw new Error(`${made.message}; ${made.remedy}`)
  return made
}

describe.skipIf(sshdRefusal !== undefined)("the system's ssh", () => {
  let server: Sshd
  let sockets: string
  beforeAll(async () => {
    // Short, as sockets need it.
    sockets = mkdtempSync(join(tmpdir(), 'ts-play-s-'))
    server = await sshd({ config: 'MaxStartups 10:100:10', users: [{ name: 'tspguest', shell: '/bin/sh', password: PASSWORD }] })
  }, 30_000)
  afterAll(async () => {
    await server?.remove()
    rmSync(sockets, { recursive: true, force: true })
  })
  const at = (changes: Partial<Target> = {}): Target => target({ name: 'h1', connection: 'openssh', port: server.port, privateKeyFile: server.key, knownHostsFiles: [server.knownHosts], ...changes })
  const folders = (): string[] => readdirSync(sockets)

  it('has its sockets in one folder that nobody else can enter, which ends with the last connection', async () => {
    const pool = createPool({ places: [sockets] })
    const [one, two] = [await open(at(), pool), await open(at(), pool)]
    expect(folders()).toHaveLength(1)
    const folder = join(sockets, folders()[0] ?? '')
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(readdirSync(folder).filter(name => name.endsWith('.s'))).toHaveLength(2)
    await one.close()
    expect(folders()).toHaveLength(1)
    await two.close()
    expect(folders()).toEqual([])
    expect(processesWith(folder)).toEqual([])
  })

  it('leaves neither a process nor a folder when the controller is killed', { timeout: 40_000 }, async () => {
    const child = spawn(process.execPath, ['--conditions=ts-play-source', join(import.meta.dirname, 'ssh-controller.ts'), String(server.port), server.key, server.knownHosts], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: sockets } })
    await once(child.stdout, 'data')
    const folder = join(sockets, folders()[0] ?? '')
    expect(processesWith(folder).length).toBeGreaterThanOrEqual(3)
    child.kill('SIGKILL')
    await until(() => !existsSync(folder) && processesWith(folder).length === 0, { within: 15_000, what: 'all of it is gone' })
  })

  it('makes no connection of its own when the one it had is lost', { timeout: 30_000 }, async () => {
    const pool = createPool({ places: [sockets] })
    const made = await open(at(), pool)
    const before = server.log().split('Connection from').length
    const folder = join(sockets, folders()[0] ?? '')
    for (const line of processesWith(folder).filter(found => found.includes(' -M '))) process.kill(Number(line.split(' ')[0]), 'SIGKILL')
    expect(await made.shell(undefined)).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('gave no channel') })
    expect(server.log().split('Connection from').length).toBe(before)
    await made.close()
    expect(folders()).toEqual([])
  })

  it('tells a password to nobody but ssh: no argument, environment or file has it', { timeout: 30_000 }, async () => {
    const pool = createPool({ places: [sockets] })
    const { privateKeyFile: _, ...where } = at({ user: 'tspguest', password: new Secret(PASSWORD) })
    let over = false
    const seen: string[] = []
    const watch = async (): Promise<void> => {
      for (; !over; await soon()) {
        for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name) && Number(name) > process.pid)) for (const file of ['cmdline', 'environ']) if (holds(`/proc/${pid}/${file}`)) seen.push(`${pid} ${file}`)
        for (const folder of folders()) for (const name of readdirSync(join(sockets, folder)).filter(entry => entry === 'ask')) if (holds(join(sockets, folder, name))) seen.push(name)
      }
    }
    const holds = (file: string): boolean => {
      try {
        return readFileSync(file, 'latin1').includes(PASSWORD)
      } catch {
        return false
      }
    }
    const watching = watch()
    const made = await open(where, pool)
    const shell = await made.shell(undefined)
    if (isFailure(shell)) throw new Error(shell.message)
    expect(results(await shell.query([{ script: 'id -un' }], calm))[0]?.stdout).toBe('tspguest\n')
    over = true
    await watching
    expect(seen).toEqual([])
    await made.close()
  })

  it.each(['ssh2', 'openssh'] as const)('a crowd takes turns, so that sshd turns nobody away (%s)', { timeout: 60_000 }, async connection => {
    const pool = createPool({ places: [sockets] })
    const sessions = await Promise.all(Array.from({ length: 24 }, () => open(at({ connection, connectTimeout: 20_000 }), pool)))
    expect(server.log().split('\n').filter(line => /drop connection|beginning MaxStartups/.test(line))).toEqual([])
    await Promise.all(sessions.map(made => made.close()))
  })
})

describe("questions of ssh's", () => {
  const where = target({ user: 'ops', address: 'h1.example', password: new Secret('pw'), passphrase: new Secret('phrase'), privateKeyFile: '/k/id' })

  it.each<[string, string | undefined]>([
    ["Enter passphrase for key '/k/id': ", 'phrase'],
    ["Enter passphrase for key '/k/other': ", undefined],
    ["ops@h1.example's password: ", 'pw'],
    ['(ops@h1.example) Password: ', 'pw'],
    // What a host may say is told apart from what ssh says.
    ["(ops@h1.example) Enter passphrase for key '/k/id': ", 'pw'],
    ["root@h1.example's password: ", undefined],
    ['Password: ', undefined],
    ['Are you sure you want to continue connecting (yes/no/[fingerprint])? ', undefined],
    ["Enter PIN for ED25519-SK key '/k/id': ", undefined],
  ])('%j', (question, answer) => {
    expect(sshQuestions(where, () => undefined).answer(question)).toBe(answer)
  })

  it('are answered once each: a second password question ends the attempt, a second one for a passphrase gets none', () => {
    let ended = 0
    const questions = sshQuestions(where, () => ended++)
    for (const [question, answers] of [["Enter passphrase for key '/k/id': ", ['phrase', undefined]], ["ops@h1.example's password: ", ['pw', undefined]]] as const) expect([questions.answer(question), questions.answer(question)]).toEqual(answers)
    expect(ended).toBe(1)
  })
})
