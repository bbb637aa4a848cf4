import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event } from '../../engine/model/event.ts'
import { folderWith, type Folder } from '../cli/support.ts'
import { delayProxy, roundTrip, type DelayProxy } from './delay-proxy.ts'
import { announceSkip } from './machine.ts'
import { sshd, sshdRefusal, type Sshd } from './sshd.ts'

/** Milliseconds of a round trip. */
const ROUND_TRIP = 50
const TASKS = 50
const CHANGED = 10
/** What a loaded machine may add to what is told apart from it by subtraction. */
const SLACK = 1.25

if (sshdRefusal !== undefined) announceSkip('round trips over a slow line', sshdRefusal)

describe.skipIf(sshdRefusal !== undefined)(`with a round trip of ${ROUND_TRIP} ms`, () => {
  let server: Sshd
  let proxy: DelayProxy
  let folder: Folder
  let place: string
  /** Milliseconds that a byte to an echo and back takes in this very run. */
  let measured: number

  beforeAll(async () => {
    server = await sshd()
    proxy = await delayProxy({ to: server.port, oneWay: ROUND_TRIP / 2 })
    measured = await roundTrip(ROUND_TRIP / 2)
    place = mkdtempSync('/var/tmp/ts-play-latency-')
    appendFileSync(server.knownHosts, readFileSync(server.knownHosts, 'utf8').replaceAll(`:${server.port} `, `:${proxy.port} `))
    const host = (port: number): string => `all: { hosts: { h1: { ansible_host: 127.0.0.1, ansible_port: ${port}, ansible_user: root, ansible_ssh_private_key_file: ${server.key} } } }`
    folder = await folderWith({
      'site.ts': `
        import { everyone, file, play, playbook, role } from 'ts-play'
        const many = role('many', { tasks: () => Array.from({ length: ${TASKS} }, (_, index) => file({ path: \`${place}/\${index}\`, content: \`\${index}\\n\` })) })
        export default playbook('site', [play(many, { hosts: everyone })])`,
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
    /** From the first frame to the end of the node: what is paid for a connection is not a task's. */
    readonly milliseconds: number
    readonly changed: number
  }

  /** Runs the program against the same host, through the slow line or without it. */
  async function run(line: 'near' | 'far', site: string): Promise<Cost> {
    const record = join(folder.path, 'events.jsonl')
    const ended = await folder.run([site, '-i', `${line}.yaml`, '--known-hosts', server.knownHosts, '--record', record])
    expect(ended.code, ended.stdout + ended.stderr).toBe(0)
    const events = readFileSync(record, 'utf8').trim().split('\n').map((text): Event => JSON.parse(text))
    const frames = events.filter(event => event.type === 'frame')
    const began = (frames[0]?.at ?? 0) - (frames[0]?.milliseconds ?? 0)
    const finished = events.find(event => event.type === 'node-finished')
    const changed = events.filter(event => event.type === 'task-finished' && event.outcome.type === 'changed').length
    return { frames: frames.length, milliseconds: (finished?.at ?? Infinity) - began, changed }
  }
  /** The fastest of a few interleaved runs, as the others were disturbed: the line's share is what the two differ in, the host's own work what they have in common. */
  async function compare(prepare: () => void, site = 'site.ts'): Promise<{ readonly near: Cost; readonly far: Cost; readonly roundTrips: number }> {
    const runs: { near: Cost; far: Cost }[] = []
    for (let index = 0; index < 3; index++) {
      prepare()
      const near = await run('near', site)
      prepare()
      runs.push({ near, far: await run('far', site) })
    }
    const fastest = (of: 'near' | 'far'): Cost => runs.map(each => each[of]).toSorted((a, b) => a.milliseconds - b.milliseconds)[0]!
    const [near, far] = [fastest('near'), fastest('far')]
    return { near, far, roundTrips: (far.milliseconds - near.milliseconds) / measured }
  }
  const tell = (what: string, { near, far, roundTrips }: Awaited<ReturnType<typeof compare>>, tasks: number): void =>
    void process.stderr.write(`${what}: ${far.frames} frames, ${Math.round(far.milliseconds)} ms, ${Math.round(near.milliseconds)} without the line: ${(roundTrips / tasks).toFixed(3)} round trips of ${measured.toFixed(1)} ms a task\n`)

  it('fifty unchanged tasks cost one frame, and less than a tenth of a round trip each', { timeout: 60_000 }, async () => {
    const cost = await compare(() => undefined)
    tell(`${TASKS} unchanged`, cost, TASKS)
    expect(cost.far).toMatchObject({ frames: 1, changed: 0 })
    expect(cost.roundTrips / TASKS).toBeLessThan(0.1)
  })

  const drift = (): void => {
    for (let index = 0; index < CHANGED; index++) writeFileSync(join(place, String((index * TASKS) / CHANGED)), 'drifted\n')
  }

  it('the changed ones of them go together: one frame more, and less than half a round trip each', { timeout: 60_000 }, async () => {
    const cost = await compare(drift)
    tell(`${CHANGED} changed of ${TASKS}`, cost, CHANGED)
    expect(cost.far).toMatchObject({ frames: 2, changed: CHANGED })
    expect(cost.roundTrips / CHANGED).toBeLessThan(0.5)
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

  it('each changed one that a program has to judge costs one frame, and little more than a round trip', { timeout: 60_000 }, async () => {
    const cost = await compare(drift, 'judged.ts')
    tell(`${CHANGED} changed and judged of ${TASKS}`, cost, CHANGED)
    expect(cost.far).toMatchObject({ frames: 1 + CHANGED, changed: CHANGED })
    expect(cost.roundTrips / CHANGED).toBeLessThan(1.1 * SLACK)
  })
})
