import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { FLEET, FLEET_HOSTS, fleetState, notesOf, wipeFleet } from './support/fleet-state.ts'
import { untilNothingLeft } from './support/traces.ts'
import { inventoryOf, tsPlay, type Finished, type TsPlay } from './support/ts-play.ts'

const PLAYBOOK = fileURLToPath(new URL('support/fleet.ts', import.meta.url))
/** Points per run of the test: 30 by `npm run test:kill`. */
const POINTS = Number(process.env['TS_PLAY_KILL_POINTS'] ?? 6)
const SEED = Number(process.env['TS_PLAY_KILL_SEED'] ?? Date.now() % 2 ** 31)
/** Milliseconds within which nothing of ours may be left: the watch's patience; no task of the fleet takes longer. */
const BOUND = 30_000

type Start = 'bare' | 'upgraded'
interface Point {
  readonly signals: readonly NodeJS.Signals[]
  readonly start: Start
  /** Share of the events of an undisturbed run after which the controller is hit. */
  readonly share: number
}

/** One point in each of as many equal parts of the run, a SIGKILL and a SIGINT in turn, every fourth SIGINT a double one. */
const points: readonly Point[] = fc.sample(fc.record({ within: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), start: fc.constantFrom<Start>('bare', 'upgraded') }), { seed: SEED, numRuns: POINTS })
  .map(({ within, start }, index) => ({ start, share: (index + within) / POINTS, signals: index % 2 === 0 ? ['SIGKILL'] : index % 8 === 3 ? ['SIGINT', 'SIGINT'] : ['SIGINT'] }))

describe.skipIf(requireLab())(`a run on seven hosts whose controller is hit (TS_PLAY_KILL_SEED=${SEED})`, () => {
  let lab: Lab
  let play: TsPlay
  let releases = 0
  /** Events of an undisturbed run. */
  const events = new Map<Start, number>()
  beforeAll(async () => {
    lab = await openLab()
    await lab.up(...FLEET_HOSTS)
    play = await tsPlay(lab)
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  // What a dead controller could not revoke.
  beforeEach(async () => void (await lab.console('h1', 'rm -rf /srv/tickets')))

  /** The words of a run that brings about a release that was never there. */
  const next = async (): Promise<{ readonly release: string; readonly words: readonly string[] }> => {
    const release = `r${++releases}`
    return { release, words: [PLAYBOOK, '-i', await play.write(`${release}.yaml`, inventoryOf(lab, FLEET, { release }))] }
  }
  const changed = ({ hosts }: Finished): number => hosts.reduce((sum, host) => sum + host.changed, 0)
  const told = ({ stdout, stderr }: Finished): string => stdout.slice(-3000) + stderr

  test.each<Start>(['bare', 'upgraded'])('an undisturbed one from %s hosts runs each handler once, revokes the ticket, and has nothing to do the next time', async start => {
    const { release, words } = await next()
    const ran = await play.run(words)
    expect(ran.code, told(ran)).toBe(0)
    events.set(start, ran.events.length)
    for (const { host, due, pending, notes, behind, tickets } of await fleetState(lab, release))
      expect({ host, due, pending, notes: notes.toSorted(), behind, tickets }).toEqual({ host, due: [], pending: [], notes: notesOf(host).toSorted(), behind: [], tickets: [] })
    const again = await play.run(words)
    expect(again.code, told(again)).toBe(0)
    expect(changed(again)).toBe(0)
  })

  test.each(points.map((point, index) => ({ ...point, name: `${index + 1}. ${point.signals.join(', ')} at ${Math.round(point.share * 100)} % on ${point.start} hosts` })))('$name', async ({ signals, start, share }) => {
    if (start === 'bare') await wipeFleet(lab)
    const { release, words } = await next()
    const at = Math.floor(share * (events.get(start) ?? 0))
    let seen = 0
    let last = false
    const running = play.start(words, {
      onEvent: event => {
        last ||= event.type === 'run-finished'
        if (seen++ === at) running.kill(signals[0] ?? 'SIGKILL')
        if (event.type === 'interrupted' && event.level === 'finish-running' && signals.length > 1) running.kill('SIGINT')
      },
    })
    const hit = await running.finished
    // A run may have fewer events than the one that was counted.
    if (signals[0] === 'SIGINT' && seen > at && !last) {
      expect(hit.code, told(hit)).toBe(130)
      const interrupted = hit.events.findIndex(event => event.type === 'interrupted')
      const begun = hit.events.slice(interrupted).flatMap(event => (event.type === 'task-started' ? [`${event.task.title} on ${event.host}`] : []))
      // What a block does in any case is the one thing that begins after Ctrl-C.
      expect(begun.filter(task => !task.startsWith('file /srv/app/tried ')), 'nothing new begins').toEqual([])
    }
    await untilNothingLeft(lab, FLEET_HOSTS, BOUND)

    const left = await fleetState(lab, release)
    for (const { host, due, pending } of left) expect(pending, `what is due on ${host} is marked there`).toEqual(expect.arrayContaining([...due]))
    const tickets = left.flatMap(host => host.tickets)
    const unrevoked = hit.events.filter(event => event.type === 'output-revoked' && event.problem !== undefined)
    // Only a controller that is no more cannot revoke what it made; one that cannot in time says so.
    if (signals[0] === 'SIGINT') expect(tickets).toHaveLength(unrevoked.length)
    else expect(tickets.length).toBeLessThanOrEqual(1)

    const again = await play.run(words)
    expect(again.code, told(again)).toBe(0)
    for (const { host, due, pending, notes, behind, tickets: kept } of await fleetState(lab, release)) {
      expect({ host, due, pending, behind, tickets: kept }).toEqual({ host, due: [], pending: [], behind: [], tickets: host === 'h1' ? tickets : [] })
      expect([...new Set(notes)].toSorted(), `handlers that have run on ${host}`).toEqual(notesOf(host).toSorted())
    }
    const once = await play.run(words)
    expect(once.code, told(once)).toBe(0)
    expect(changed(once)).toBe(0)
  })
})
