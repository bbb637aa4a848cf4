import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Channel, Transport } from '../../engine/connection/channel.ts'
import { isFailure } from '../../engine/connection/failure.ts'
import type { FramedShell } from '../../engine/connection/framed-shell.ts'
import { localTransport } from '../../engine/connection/local.ts'
import { openShell } from '../../engine/connection/open-shell.ts'
import { processesIn, processesWith, shells, until } from './machine.ts'
import { calm, output, shellHere, target } from './open.ts'

const folder = mkdtempSync(join(tmpdir(), 'ts-play-crash-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

let marks = 0
/** A number of seconds that is also a mark in the process list. */
function longTime(): string {
  return `8640${marks++}.${process.pid}`
}

/** A controller in a process of its own; gives its shell's private folder. */
async function controller(script: string, mode: 'change' | 'killable' | 'idle', patience = 30): Promise<{ child: ChildProcess; own: string }> {
  const child = spawn(process.execPath, ['--conditions=ts-play-source', new URL('controller.ts', import.meta.url).pathname, script, mode, String(patience)], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [line] = await once(child.stdout, 'data')
  return { child, own: String(line).trim() }
}

/** A shell whose channel the test can cut. */
async function cuttable(interpreter: string): Promise<{ shell: FramedShell; cut: () => void }> {
  const channels: Channel[] = []
  const local = localTransport()
  const transport: Transport = { ...local, open: async command => {
    const channel = await local.open(command)
    channels.push(channel)
    return channel
  } }
  const shell = await openShell(transport, { target: target(), user: undefined, options: { interpreter } })
  if (isFailure(shell)) throw new Error(shell.message)
  return { shell, cut: () => channels[0]?.destroy() }
}

const gone = (own: string, within: number) => until(() => !existsSync(own) && processesIn(own).length === 0, { within, what: `${own} and its processes are gone` })
const ended = (mark: string, within: number) => until(() => processesWith(mark).length === 0, { within, what: `no process ${mark}` })

describe.concurrent('when the channel is cut', () => {
  for (const { name, command } of shells.filter(({ installed }) => installed)) {
    it(`a change may finish in ${name}, then the shell takes itself away`, { timeout: 30_000 }, async () => {
      const { shell, cut } = await cuttable(command)
      const [started, done] = [join(folder, `${name}-started`), join(folder, `${name}-done`)]
      const reply = shell.apply({ sections: [{ script: `: >'${started}'; sleep 1; : >'${done}'` }], deadline: 60_000 }, calm)
      await until(() => existsSync(started), { within: 5000, what: 'the section runs' })
      cut()
      expect(await reply).toMatchObject({ type: 'lost', message: expect.stringContaining('the connection ended') })
      await until(() => existsSync(done), { within: 10_000, what: 'the section finished' })
      await gone(shell.capabilities.folder, 10_000)
    })

    it(`a killable task ends at once in ${name}, with its children`, { timeout: 30_000 }, async () => {
      const { shell, cut } = await cuttable(command)
      const mark = longTime()
      const reply = shell.apply({ sections: [{ script: `sh -c 'sleep ${mark} & sleep ${mark}'; :` }], deadline: 60_000, killable: true }, calm)
      await until(() => processesWith(`sleep ${mark}`).length >= 2, { within: 5000, what: 'the section runs' })
      cut()
      expect(await reply).toMatchObject({ type: 'lost' })
      await ended(`sleep ${mark}`, 8000)
      await gone(shell.capabilities.folder, 15_000)
    })
  }

  it('a change that never ends is ended at its deadline, without anybody watching', { timeout: 30_000 }, async () => {
    const { shell, cut } = await cuttable('/bin/sh')
    const mark = longTime()
    const reply = shell.apply({ sections: [{ script: `sleep ${mark}` }], deadline: 2000 }, calm)
    await until(() => processesWith(`sleep ${mark}`).length > 0, { within: 5000, what: 'the section runs' })
    cut()
    await reply
    await ended(`sleep ${mark}`, 10_000)
    await gone(shell.capabilities.folder, 15_000)
  })

  it('in the middle of a frame nothing of it runs', async () => {
    const channels: Channel[] = []
    const local = localTransport()
    const shell = await openShell({ ...local, open: async command => {
      const channel = await local.open(command)
      channels.push(channel)
      return channel
    } }, { target: target(), user: undefined, options: {} })
    if (isFailure(shell)) throw new Error(shell.message)
    const made = join(folder, 'half')
    const program = `: >'${made}'; return 0\n`
    // A whole header and program, but the line that completes the frame is cut off.
    channels[0]?.input.write(`F 1 5 0 1 1.p:${program.length}\n${program}E `)
    channels[0]?.input.end()
    await gone(shell.capabilities.folder, 10_000)
    expect(existsSync(made)).toBe(false)
  })
})

describe.concurrent('when the controller is killed', () => {
  it('a killable task ends and nothing is left', { timeout: 30_000 }, async () => {
    const mark = longTime()
    const { child, own } = await controller(`sleep ${mark}`, 'killable')
    await until(() => processesWith(`sleep ${mark}`).length > 1, { within: 10_000, what: 'the section runs' })
    child.kill('SIGKILL')
    await until(() => processesWith(`sleep ${mark}`).length === 0, { within: 8000, what: `no process ${mark}` })
    await gone(own, 15_000)
  })

  it('an idle shell goes away', { timeout: 30_000 }, async () => {
    const { child, own } = await controller('', 'idle')
    expect(existsSync(own)).toBe(true)
    child.kill('SIGKILL')
    await gone(own, 15_000)
  })
})

describe.concurrent('when nothing is heard of the controller', () => {
  it('a killable task and its shell end after the time agreed on', { timeout: 40_000 }, async () => {
    const mark = longTime()
    const { child, own } = await controller(`sleep ${mark}`, 'killable', 3)
    await until(() => processesWith(`sleep ${mark}`).length > 1, { within: 10_000, what: 'the section runs' })
    child.kill('SIGSTOP')
    await until(() => processesWith(`sleep ${mark}`).length === 1, { within: 12_000, what: `no process ${mark} but the frozen controller` })
    await gone(own, 15_000)
  })

  it('an idle shell ends, while one with a heart beats on', { timeout: 40_000 }, async () => {
    await using alive = await shellHere({ patience: 3 })
    const { child, own } = await controller('', 'idle', 3)
    child.kill('SIGSTOP')
    await gone(own, 15_000)
    expect(await output(alive, 'echo alive')).toBe('alive\n')
  })
})

describe.concurrent('when processes of the shell itself are killed', () => {
  it('the frame is lost, the change finishes, and the rest goes away', { timeout: 30_000 }, async () => {
    const shell = await shellHere()
    const own = shell.capabilities.folder
    const [started, done] = [join(folder, 'orphan-started'), join(folder, 'orphan-done')]
    const reply = shell.apply({ sections: [{ script: `: >'${started}'; sleep 2; : >'${done}'` }], deadline: 60_000 }, calm)
    await until(() => existsSync(started), { within: 5000, what: 'the section runs' })
    for (const pid of processesIn(own)) if (existsSync(`/proc/${pid}`)) process.kill(Number(pid), 'SIGKILL')
    expect(await reply).toMatchObject({ type: 'lost' })
    // The watch itself was killed: nobody is left to clean up, and nobody is left.
    await until(() => processesIn(own).length === 0, { within: 10_000, what: 'no process is left' })
    await until(() => existsSync(done), { within: 10_000, what: 'the change finished' })
    rmSync(own, { recursive: true, force: true })
    await shell.close()
  })

  it('a killed root is noticed by the watch, which cleans up', { timeout: 30_000 }, async () => {
    const shell = await shellHere()
    const own = shell.capabilities.folder
    // The root is the parent of the frame loop. Whether the reply still comes through is a race, and either is honest.
    await shell.query([{ script: 'read -r x x x parent x </proc/$$/stat; kill -KILL $parent' }], calm)
    await gone(own, 15_000)
    await shell.close()
  })

  it('a killed frame loop is replaced', async () => {
    await using shell = await shellHere()
    expect(await output(shell, 'echo one; (sleep 0.2; kill -KILL $$) >/dev/null 2>&1 &')).toBe('one\n')
    expect(await output(shell, 'sleep 0.5; echo two')).toMatch(/^(two\n)?$/)
    expect(await output(shell, 'echo three')).toBe('three\n')
  })
})
