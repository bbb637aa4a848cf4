import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { quote } from '../../engine/model/command.ts'
import { HELD, LOCK_SHELL } from '../../engine/run/lock-shell.ts'

const state = mkdtempSync(join(tmpdir(), 'ts-play-lock-'))
const holder = join(state, 'lock/holder')
const owners: ChildProcess[] = []
afterEach(() => {
  for (const owner of owners.splice(0)) owner.kill('SIGKILL')
  rmSync(join(state, 'lock'), { recursive: true, force: true })
})

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh'], ['mksh']].filter(([program]) => spawnSync(program!, ['-c', ':'], { stdio: 'ignore' }).error === undefined)

interface Taken {
  readonly status: number
  readonly said: string
  /** Ends the process that stands for a framed shell, and waits until it is gone. */
  readonly end: () => Promise<void>
}

/** A process that lives on, as a framed shell does, and takes the lock by a child, as a frame does. */
async function take(shell: readonly string[], run: string, force: 'yes' | 'no' = 'no'): Promise<Taken> {
  const frame = `${LOCK_SHELL}\n( tsp_lock ${run} ${quote(`${run} at work`)} 0 ${force} )`
  const [program = 'sh', ...words] = shell
  const owner = spawn(program, [...words, '-c', `${shell.map(quote).join(' ')} -c "$1"; echo "status $?"; read -r line; :`, 'sh', frame], { env: { ...process.env, TSP_STATE: state }, stdio: ['pipe', 'pipe', 'inherit'] })
  owners.push(owner)
  const gone = new Promise<void>(resolve => owner.once('exit', () => resolve()))
  let output = ''
  for await (const chunk of owner.stdout) {
    output += String(chunk)
    if (/status \d+\n$/.test(output)) break
  }
  const [, said = '', status = '-1'] = /^([^]*?)\n?status (\d+)\n$/.exec(output) ?? []
  return { status: Number(status), said, end: async () => { owner.kill('SIGKILL'); await gone } }
}

describe.each(shells)('the lock of a host, in %s', (...shell) => {
  test('keeps a second run out and says who holds it, until the shell of the first one is gone', async () => {
    const first = await take(shell, 'a')
    expect(first).toMatchObject({ status: 0, said: '' })
    expect(await take(shell, 'b')).toMatchObject({ status: HELD, said: 'a at work' })
    await first.end()
    expect(await take(shell, 'c')).toMatchObject({ status: 0, said: '' })
  })

  test('is taken again by the run that holds it, from a new shell, too', async () => {
    const first = await take(shell, 'a')
    await take(shell, 'a')
    await first.end()
    expect(await take(shell, 'b')).toMatchObject({ status: HELD })
  })

  test('is taken by force from a living run, which is named', async () => {
    await take(shell, 'a')
    expect(await take(shell, 'b', 'yes')).toMatchObject({ status: 0, said: 'a at work' })
    expect(await take(shell, 'c')).toMatchObject({ status: HELD, said: 'b at work' })
  })

  test('has one winner of many that find a dead owner at once, and leaves no trace of the others', async () => {
    for (const round of ['1', '2', '3']) {
      const dead = await take(shell, `dead${round}`, 'yes')
      await dead.end()
      const all = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(name => take(shell, `${name}${round}`)))
      expect(all.map(taken => taken.status).toSorted((left, right) => left - right)).toEqual([0, HELD, HELD, HELD, HELD, HELD])
      expect(readdirSync(join(state, 'lock'))).toHaveLength(2)
      for (const taken of all) await taken.end()
    }
  })

  test('of a process number that somebody else has now, or of an earlier boot, is free', async () => {
    const change = (edit: (lines: string[]) => void): void => {
      const lines = readFileSync(holder, 'utf8').split('\n')
      edit(lines)
      writeFileSync(holder, lines.join('\n'))
    }
    await take(shell, 'a')
    change(lines => { lines[1] = lines[1]!.replace(/\d+$/, began => String(Number(began) - 1)) })
    expect(await take(shell, 'b')).toMatchObject({ status: 0 })
    change(lines => { lines[2] = 'another-boot' })
    expect(await take(shell, 'c')).toMatchObject({ status: 0 })
  })
})

test('a state folder that cannot be written to is an error, not a lock', async () => {
  writeFileSync(join(state, 'lock'), 'a file')
  const taken = await take(['sh'], 'a')
  expect(taken.status).not.toBe(0)
  expect(taken.status).not.toBe(HELD)
})
