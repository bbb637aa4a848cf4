import { appendFileSync, existsSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event } from '../../engine/model/event.ts'
import { folderWith, type Folder } from '../cli/support.ts'
import { delayProxy, type DelayProxy } from './delay-proxy.ts'
import { announceSkip, until } from './machine.ts'
import { family, sshd, sshdRefusal, type Sshd } from './sshd.ts'

if (sshdRefusal !== undefined) announceSkip('transfers', sshdRefusal)
const MEBIBYTE = 1024 * 1024
const SIZE = 60 * MEBIBYTE

describe.skipIf(sshdRefusal !== undefined)('a run that copies a large file', () => {
  let server: Sshd
  let proxy: DelayProxy
  let folder: Folder
  let place: string
  beforeAll(async () => {
    server = await sshd()
    proxy = await delayProxy({ to: server.port, oneWay: 2, rate: 15 * MEBIBYTE })
    appendFileSync(server.knownHosts, readFileSync(server.knownHosts, 'utf8').replaceAll(`:${server.port} `, `:${proxy.port} `))
    place = mkdtempSync('/var/tmp/ts-play-transfer-')
    folder = await folderWith({
      'site.ts': `
        import { copy, everyone, file, play, playbook, role } from 'ts-play'
        const big = role('big', { tasks: () => [copy({ source: '${place}/source', path: '${place}/copied' }), file({ path: '${place}/after', content: 'x' })] })
        export default playbook('site', [play(big, { hosts: everyone })])`,
      'inventory.yaml': `all: { hosts: { h1: { ansible_host: 127.0.0.1, ansible_port: ${proxy.port}, ansible_user: root, ansible_ssh_private_key_file: ${server.key} } } }`,
    })
    const source = openSync(join(place, 'source'), 'w')
    for (let left = SIZE; left > 0; left -= MEBIBYTE) writeSync(source, randomBytes(MEBIBYTE))
    closeSync(source)
  }, 60_000)
  afterAll(async () => {
    await folder?.[Symbol.asyncDispose]()
    await proxy?.[Symbol.asyncDispose]()
    await server?.remove()
    rmSync(place, { recursive: true, force: true })
  })
  async function run(): Promise<{ code: number; events: readonly Event[]; said: string }> {
    const record = join(folder.path, 'events.jsonl')
    const { code, stdout, stderr } = await folder.run(['site.ts', '-i', 'inventory.yaml', '--known-hosts', server.knownHosts, '--record', record])
    return { code, events: readFileSync(record, 'utf8').trim().split('\n').map((line): Event => JSON.parse(line)), said: stdout + stderr }
  }

  it('goes on after its connection was broken in the middle, sends only the rest, and tells how far it is', { timeout: 120_000 }, async () => {
    const running = run()
    await until(() => proxy.bytes.toServer > SIZE / 2, { within: 60_000, what: 'half of the file is under way' })
    for (const pid of family(server.pid).slice(1)) process.kill(pid, 'SIGKILL')
    const { code, events, said } = await running
    expect(code, said).toBe(0)
    expect(readFileSync(join(place, 'copied')).equals(readFileSync(join(place, 'source')))).toBe(true)
    expect(existsSync(join(place, 'after'))).toBe(true)
    // What was in the pipes when it broke is lost; the rest is not sent twice.
    expect(proxy.bytes.toServer).toBeGreaterThan(SIZE)
    expect(proxy.bytes.toServer).toBeLessThan(SIZE + 16 * MEBIBYTE)
    expect(events.filter(({ type }) => type === 'host-connected')).toHaveLength(2)
    expect(events.find(({ type }) => type === 'warning')).toMatchObject({ host: 'h1', message: expect.stringContaining('is made again') })
    const progress = events.filter(event => event.type === 'transfer-progress')
    expect(progress.length).toBeGreaterThan(2)
    for (const [index, event] of progress.entries()) {
      expect(event).toMatchObject({ host: 'h1', size: SIZE, path: join(place, 'source') })
      expect(event.at - (progress[index - 1]?.at ?? 0)).toBeGreaterThan(400)
    }
    process.stderr.write(`a file of ${SIZE / MEBIBYTE} MiB, broken in the middle: ${(proxy.bytes.toServer / MEBIBYTE).toFixed(1)} MiB sent, ${progress.length} words on the way\n`)
    expect(statSync(join(place, 'copied')).mode & 0o777).toBe(0o644)
  })

  it('sends nothing of it when it is there', { timeout: 60_000 }, async () => {
    const before = proxy.bytes.toServer
    const { code, events } = await run()
    expect(code).toBe(0)
    expect(events.filter(event => event.type === 'task-finished' && event.outcome.type === 'ok')).toHaveLength(2)
    expect(proxy.bytes.toServer - before).toBeLessThan(200_000)
  })
})
