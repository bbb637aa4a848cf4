import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event } from '../../engine/model/event.ts'
import { folderWith, type Folder } from '../cli/support.ts'
import { delayProxy, type DelayProxy } from './delay-proxy.ts'
import { announceSkip } from './machine.ts'
import { sshd, sshdRefusal, type Sshd } from './sshd.ts'

/** Milliseconds in each direction: long enough that what is said at once arrives before the answer to any of it. */
const ONE_WAY = 60
/** Greetings, exchange of keys, login, channel and program, the frame, the host's clean-up, and the end of the connection. */
const WHOLE = 7
const TASKS = 50
const CHANGED = 10

if (sshdRefusal !== undefined) announceSkip('round trips over a slow line', sshdRefusal)

describe.skipIf(sshdRefusal !== undefined)(`over a line of ${2 * ONE_WAY} ms there and back`, () => {
  let server: Sshd
  let proxy: DelayProxy
  let folder: Folder
  let place: string

  beforeAll(async () => {
    server = await sshd()
    proxy = await delayProxy({ to: server.port, oneWay: ONE_WAY })
    place = mkdtempSync('/var/tmp/ts-play-latency-')
    appendFileSync(server.knownHosts, readFileSync(server.knownHosts, 'utf8').replaceAll(`:${server.port} `, `:${proxy.port} `))
    const host = (port: number): string => `all: { hosts: { h1: { ansible_host: 127.0.0.1, ansible_port: ${port}, ansible_user: root, ansible_ssh_private_key_file: ${server.key} } } }`
    folder = await folderWith({
      'site.ts': `
        import { everyone, file, play, playbook, role } from 'ts-play'
        const many = role('many', { tasks: () => Array.from({ length: ${TASKS} }, (_, index) => file({ path: \`${place}/\${index}\`, content: \`\${index}\\n\` })) })
        export default playbook('site', [play(many, { hosts: everyone })])`,
      'single.ts': `
        import { everyone, file, play, playbook, role } from 'ts-play'
        const one = role('one', { tasks: () => [file({ path: '${place}/0', content: '0\\n' })] })
        export default playbook('single', [play(one, { hosts: everyone })])`,
      'judged.ts': `
        import { everyone, file, play, playbook, role, sh } from 'ts-play'
        const many = role('many', { tasks: () => Array.from({ length: ${TASKS} }, (_, index) => file({ path: \`${place}/\${index}\`, content: \`\${index}\\n\`, validate: sh\`test -s\` })) })
        export default playbook('judged', [play(many, { hosts: everyone })])`,
      'copies.ts': `
        import { copy, everyone, play, playbook, role } from 'ts-play'
        const many = role('many', { tasks: () => Array.from({ length: 100 }, (_, index) => copy({ source: \`${place}/from/\${index}\`, path: \`${place}/to/\${index}\` })) })
        export default playbook('copies', [play(many, { hosts: everyone })])`,
      'near.yaml': host(server.port),
      'far.yaml': host(proxy.port),
    })
    await run('near', 'site.ts')
  }, 60_000)
  afterAll(async () => {
    await folder[Symbol.asyncDispose]()
    await proxy[Symbol.asyncDispose]()
    await server.remove()
    rmSync(place, { recursive: true, force: true })
  })

  interface Cost {
    readonly frames: number
    readonly changed: number
    /** Of the whole connection: how often one side had to hear the other before it could go on. No clock is asked, so a busy machine tells the same. */
    readonly roundTrips: number
  }

  /** Runs the program against the same host, through the slow line or without it. */
  async function run(line: 'near' | 'far', site: string): Promise<Cost> {
    const record = join(folder.path, 'events.jsonl')
    const before = proxy.roundTrips
    const ended = await folder.run([site, '-i', `${line}.yaml`, '--known-hosts', server.knownHosts, '--record', record])
    expect(ended.code, ended.stdout + ended.stderr).toBe(0)
    await proxy.idle()
    const events = readFileSync(record, 'utf8').trim().split('\n').map((text): Event => JSON.parse(text))
    const frames = events.filter(event => event.type === 'frame').length
    const changed = events.filter(event => event.type === 'task-finished' && event.outcome.type === 'changed').length
    return { frames, changed, roundTrips: proxy.roundTrips - before }
  }
  /** Over the slow line, the fewest of three: what is counted is never less than what one had to wait for, and more only where the machine held something back for longer than the line. */
  async function fewest(prepare: () => void, site = 'site.ts'): Promise<Cost> {
    const runs: Cost[] = []
    for (let index = 0; index < 3; index++) {
      prepare()
      runs.push(await run('far', site))
    }
    return runs.toSorted((a, b) => a.roundTrips - b.roundTrips)[0]!
  }

  it('fifty unchanged tasks cost one frame, and no round trip more than a single one', { timeout: 60_000 }, async () => {
    const single = await fewest(() => undefined, 'single.ts')
    process.stderr.write(`one unchanged task: ${single.roundTrips} round trips, from the greetings to the end of the connection\n`)
    expect(single.roundTrips).toBeLessThanOrEqual(WHOLE)
    expect(await fewest(() => undefined)).toEqual(single)
  })

  const drift = (): void => {
    for (let index = 0; index < CHANGED; index++) writeFileSync(join(place, String((index * TASKS) / CHANGED)), 'drifted\n')
  }

  it('the changed ones of them go together: one frame more, and one round trip for all of them', { timeout: 60_000 }, async () => {
    const unchanged = await fewest(() => undefined)
    expect(await fewest(drift)).toEqual({ frames: 2, changed: CHANGED, roundTrips: unchanged.roundTrips + 1 })
  })

  it('a hundred small files of the controller go together too: a look, and a round trip for every 256 KiB of them', { timeout: 60_000 }, async () => {
    for (const name of ['from', 'to']) mkdirSync(join(place, name))
    const bytes = randomBytes(100 * 4096)
    const part = (index: number): Buffer => bytes.subarray(index * 4096, (index + 1) * 4096)
    for (let index = 0; index < 100; index++) writeFileSync(join(place, 'from', String(index)), part(index))
    const first = await run('near', 'copies.ts')
    expect(first.changed).toBe(100)
    expect(first.frames).toBeLessThanOrEqual(4)
    for (let index = 0; index < 100; index++) expect(readFileSync(join(place, 'to', String(index))).equals(part(index))).toBe(true)
    // One of them has changed on the controller, one on the host.
    writeFileSync(join(place, 'from', '7'), 'new')
    writeFileSync(join(place, 'to', '70'), 'drifted')
    expect(await run('near', 'copies.ts')).toMatchObject({ changed: 2, frames: 2 })
    expect(await run('near', 'copies.ts')).toMatchObject({ changed: 0, frames: 1 })
  })

  it('each changed one that a program has to judge costs one frame and one round trip', { timeout: 60_000 }, async () => {
    const unchanged = await fewest(() => undefined, 'judged.ts')
    expect(await fewest(drift, 'judged.ts')).toEqual({ frames: 1 + CHANGED, changed: CHANGED, roundTrips: unchanged.roundTrips + CHANGED })
  })
})
