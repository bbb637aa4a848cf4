import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { sh } from '../../engine/model/command.ts'
import type { Task } from '../../engine/model/task.ts'
import { waitFor } from '../../engine/resources/wait-for.ts'
import { expectToParse } from './support/golden.ts'
import { localHost, type LocalHost } from './support/local-host.ts'
import { scratch } from './support/scratch.ts'
import { shells } from './support/shells.ts'

async function waits(host: LocalHost, task: Task): Promise<readonly string[]> {
  const look = await host.look(task)
  if (look.type === 'failed') throw new Error(look.result.stderr)
  return look.changes.map(change => `${change.effect} ${change.attribute}`)
}

async function finished(host: LocalHost, task: Task) {
  const look = await host.look(task)
  if (look.type === 'failed') throw new Error(look.result.stderr)
  return host.apply(task, look.apply())
}

describe.each(shells)('waiting with $name', { concurrent: true }, shell => {
  test('is over at once when it holds', async () => {
    const host = localHost({ shell, scratch: scratch() })
    expect(await waits(host, waitFor({ name: 'all well', until: sh`true` }))).toEqual([])
    expect(await waits(host, waitFor({ path: '/' }))).toEqual([])
    expect(await waits(host, waitFor({ path: '/no/such', state: 'absent' }))).toEqual([])
  })

  test('ends when it comes to hold', async () => {
    const folder = scratch()
    const host = localHost({ shell, scratch: folder })
    const path = join(folder, `it's there`)
    const task = waitFor({ path, timeout: 10_000, every: 100 })
    expect(await waits(host, task)).toEqual([`waits ${path} is there`])
    const result = finished(host, task)
    await sleep(500)
    writeFileSync(path, '')
    expect(await result).toMatchObject({ status: 0 })
    expect(await waits(host, task)).toEqual([])
  })

  test('fails in time, with what the last try said', async () => {
    const host = localHost({ shell, scratch: scratch() })
    const begun = Date.now()
    const result = await finished(host, waitFor({ name: 'the API is ready', until: sh`echo 'connection refused' >&2; exit 7`, timeout: 1000, every: 100 }))
    expect(result).toMatchObject({ status: 1, stderr: 'the API is ready: not within 1 s; the last try (exit 7):\nconnection refused\n' })
    expect(Date.now() - begun).toBeLessThan(5000)
  })

  test('a try that hangs is cut off', async () => {
    const host = localHost({ shell, scratch: scratch() })
    const task = waitFor({ name: 'never', until: sh`sleep 60`, timeout: 1000, attempt: 1000 })
    expect(await waits(host, task)).toEqual(['waits never'])
    expect(await finished(host, task)).toMatchObject({ status: 1 })
  })

  test('a condition of several lines ends at the first that fails', async () => {
    const host = localHost({ shell, scratch: scratch() })
    expect(await waits(host, waitFor({ name: 'both', until: sh`false\ntrue` }))).toEqual(['waits both'])
  })

  test('what has to hold several times in a row', async () => {
    const folder = scratch()
    const host = localHost({ shell, scratch: folder })
    // Holds at its first, second, fourth, fifth and sixth try.
    const until = sh`echo try >>${join(folder, 'tries')}; [ "$(wc -l <${join(folder, 'tries')})" -ne 3 ]`
    const task = waitFor({ name: 'steady', until, stable: 3, every: 50 })
    expect(await waits(host, task)).toEqual(['waits steady'])
    expect(await finished(host, task)).toMatchObject({ status: 0 })
    expect(await waits(host, task)).toEqual([])
  })

  test('a port', async () => {
    const host = localHost({ shell, scratch: scratch() })
    const server = createServer(socket => socket.destroy()).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const { port } = portOf(server.address())
    expect(await waits(host, waitFor({ port }))).toEqual([])
    expect(await waits(host, waitFor({ port, host: '127.0.0.1' }))).toEqual([])
    await new Promise(resolve => server.close(resolve))
    expect(await waits(host, waitFor({ port }))).toEqual([`waits port ${port} is open`])
    expect(await waits(host, waitFor({ port, host: '127.0.0.1' }))).toEqual([`waits 127.0.0.1:${port} can be reached`])
  })
})

function portOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address
}

test('numbers out of range are refused, and scripts are POSIX sh', () => {
  expect(() => waitFor({ port: 0 })).toThrow('no TCP port')
  expect(() => waitFor({ port: 80, timeout: Number.NaN })).toThrow('timeout must be a number above 0')
  expect(() => waitFor({ path: '/x', every: 0 })).toThrow('every must be a number above 0')
  for (const task of [waitFor({ port: 22 }), waitFor({ port: 22, host: '$(x)' }), waitFor({ path: `/it's`, stable: 2 })]) expectToParse(task)
  expect(waitFor({ port: 22, timeout: 60_000 })).toMatchObject({ killable: true, deadline: 101_000 })
})
