import { afterAll, beforeAll, describe, expect, test, type ExpectStatic } from 'vitest'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { slowRun } from './support/slow-run.ts'
import { tracesOf, untilNothingLeft } from './support/traces.ts'
import { tsPlay, type Running, type TsPlay } from './support/ts-play.ts'

/** Seconds after which a host that hears nothing from its controller acts as if that were gone. */
const PATIENCE = 30
/** Seconds from TERM to KILL, the loop's naps of a second, and a busy machine. */
const SLACK = 10

/** Each on a host of its own, all at the same time: most of it is waiting. */
describe.skipIf(requireLab())('a host whose network is cut during a long task', () => {
  let lab: Lab
  let play: TsPlay
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1', 'h2', 'h3', 'h4')
    play = await tsPlay(lab)
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  const seconds = (since: number): number => (performance.now() - since) / 1000
  /** The run told once that the host is gone, within the time in which a dead host is told from a slow one. */
  async function toldUnreachable({ finished }: Running, since: number, expect: ExpectStatic): Promise<void> {
    const { code, events, stdout } = await finished
    expect.soft(seconds(since), 'the controller tells').toBeLessThan(20 + SLACK)
    expect(code, stdout).toBe(4)
    const failures = events.flatMap(event => (event.type === 'run-finished' ? event.failures : []))
    expect(failures.map(({ failure }) => failure.reason)).toEqual(['connection-lost'])
  }

  test.concurrent('is unreachable; a wait is killed there after the patience, and the next run converges', { timeout: 120_000 }, async ({ expect }) => {
    const slow = await slowRun({ lab, play, host: 'h1', vars: { kind: 'wait' } })
    const running = await slow.begun()
    const cut = performance.now()
    await lab.cut('h1')
    await toldUnreachable(running, cut, expect)
    await untilNothingLeft(lab, ['h1'], 60_000)
    expect.soft(seconds(cut), 'the host waits for its controller').toBeGreaterThan(PATIENCE / 2)
    expect.soft(seconds(cut)).toBeLessThan(PATIENCE + SLACK)
    expect(await slow.files()).toBe('first')
    await lab.heal('h1')
    await slow.go()
    const again = await play.run(slow.words)
    expect(again.code, again.stdout).toBe(0)
    expect(await slow.files()).toBe('first go notes third noted')
  })

  test.concurrent('lets a change end, however long the controller is gone, and goes then', { timeout: 180_000 }, async ({ expect }) => {
    const lasts = PATIENCE + 15
    const slow = await slowRun({ lab, play, host: 'h2', vars: { lasts: String(lasts) } })
    const running = await slow.begun()
    const cut = performance.now()
    await lab.cut('h2')
    await toldUnreachable(running, cut, expect)
    await untilNothingLeft(lab, ['h2'], 120_000)
    expect(await slow.files()).toBe('begun first second')
    expect.soft(seconds(cut)).toBeGreaterThan(lasts - SLACK)
    expect(await slow.due()).toBe('note-it')
    await lab.heal('h2')
    const again = await play.run(slow.words)
    expect(again.code, again.stdout).toBe(0)
    expect(await slow.files()).toBe('begun first notes second third noted')
  })

  test.concurrent('ends a change at its deadline, controller or not', { timeout: 180_000 }, async ({ expect }) => {
    const timeout = 10
    /** What the probes that ride in the same frame may take. */
    const allowance = 60
    const slow = await slowRun({ lab, play, host: 'h3', vars: { timeout: String(timeout), lasts: '1000' } })
    const running = await slow.begun()
    const cut = performance.now()
    await lab.cut('h3')
    await toldUnreachable(running, cut, expect)
    await untilNothingLeft(lab, ['h3'], 150_000)
    expect.soft(seconds(cut)).toBeLessThan(timeout + allowance + SLACK)
    expect(await slow.files()).toBe('begun first')
    await lab.heal('h3')
    await slow.go()
    const again = await play.run(slow.words)
    expect(again.code, again.stdout).toBe(0)
  })

  test.concurrent('keeps others out while the change of the lost run goes on, and no longer', { timeout: 180_000 }, async ({ expect }) => {
    const slow = await slowRun({ lab, play, host: 'h4' })
    const running = await slow.begun()
    const cut = performance.now()
    await lab.cut('h4')
    await toldUnreachable(running, cut, expect)
    await lab.heal('h4')
    const second = await play.run(slow.words)
    expect(second.code, second.stdout).toBe(1)
    expect(second.events.flatMap(event => (event.type === 'run-finished' ? event.failures.map(({ failure }) => failure.reason) : []))).toEqual(['locked'])
    expect(await tracesOf(lab, 'h4')).toMatch(/^lock of .*process \d+/m)
    await slow.go()
    await untilNothingLeft(lab, ['h4'], (PATIENCE + SLACK) * 1000)
    const third = await play.run(slow.words)
    expect(third.code, third.stdout).toBe(0)
    expect(await slow.files()).toBe('begun first go notes second third noted')
  })
})

describe.skipIf(requireLab())('a host that hangs during a long task', () => {
  let lab: Lab
  let play: TsPlay
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1')
    play = await tsPlay(lab)
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  test('is unreachable, and when it wakes it kills a wait, and the next run converges', async () => {
    const slow = await slowRun({ lab, play, host: 'h1', vars: { kind: 'wait' } })
    const running = await slow.begun()
    const frozen = performance.now()
    await lab.freeze('h1')
    const { code, stdout } = await running.finished
    expect(code, stdout).toBe(4)
    expect((performance.now() - frozen) / 1000).toBeLessThan(20 + SLACK)
    await lab.thaw('h1')
    await untilNothingLeft(lab, ['h1'], (PATIENCE + SLACK) * 1000)
    expect(await slow.files()).toBe('first')
    await slow.go()
    const again = await play.run(slow.words)
    expect(again.code, again.stdout).toBe(0)
  })
})
