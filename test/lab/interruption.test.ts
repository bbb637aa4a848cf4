import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { slowRun, type SlowRun } from './support/slow-run.ts'
import { untilNothingLeft } from './support/traces.ts'
import { tsPlay, type TsPlay } from './support/ts-play.ts'

describe.skipIf(requireLab())('a run that is interrupted during a long task', () => {
  let lab: Lab
  let play: TsPlay
  /** A change, which is left to end, and a wait, which is killed. */
  let change: SlowRun
  let wait: SlowRun
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1')
    play = await tsPlay(lab)
    change = await slowRun({ lab, play, host: 'h1' })
    wait = await slowRun({ lab, play, host: 'h1', vars: { kind: 'wait' } })
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })
  beforeEach(async () => void (await change.reset()))

  /** Milliseconds in which a host is left once its task has ended: the loop's naps of a second, and a busy machine. */
  const SOON = 6_000
  async function converges(run: SlowRun): Promise<void> {
    await run.go()
    const again = await play.run(run.words)
    expect(again.code, again.stdout).toBe(0)
    expect(await run.files()).toMatch(/^(begun )?first go notes (second )?third noted$/)
    expect(await run.due()).toBe('')
    await untilNothingLeft(lab, ['h1'], SOON)
  }

  test.each(['SIGINT', 'SIGTERM'] as const)('%s lets a change end, starts nothing new, and leaves the handler due for the next run', async signal => {
    const running = await change.begun()
    running.kill(signal)
    await change.go()
    const finished = await running.finished
    expect(finished.code, finished.stdout).toBe(130)
    await untilNothingLeft(lab, ['h1'], SOON)
    expect(await change.files()).toBe('begun first go second')
    expect(await change.due()).toBe('note-it')
    await converges(change)
  })

  test.each([['SIGINT', 'SIGINT'], ['SIGTERM', 'SIGINT']] as const)('%s and %s end a change on the host, too', async (first, second) => {
    const { promise: noticed, resolve } = Promise.withResolvers<void>()
    const running = await change.begun(event => { if (event.type === 'interrupted') resolve() })
    const began = performance.now()
    running.kill(first)
    // Two signals of a kind that come at once are one to a process.
    await noticed
    running.kill(second)
    const finished = await running.finished
    expect(finished.code, finished.stdout).toBe(130)
    await untilNothingLeft(lab, ['h1'], SOON)
    expect(performance.now() - began).toBeLessThan(20_000)
    expect(await change.files()).toBe('begun first')
    expect(await change.due()).toBe('note-it')
    await converges(change)
  })

  test('SIGKILL of the controller leaves a change to end by itself, and nothing of ours afterwards', async () => {
    const running = await change.begun()
    running.kill('SIGKILL')
    await running.finished
    await change.go()
    await untilNothingLeft(lab, ['h1'], SOON)
    expect(await change.files()).toBe('begun first go second')
    await converges(change)
  })

  test.each(['SIGKILL', 'SIGHUP'] as const)('%s of the controller ends a wait on the host at once', async signal => {
    const running = await wait.begun()
    running.kill(signal)
    await running.finished
    await untilNothingLeft(lab, ['h1'], SOON)
    expect(await wait.files()).toBe('first')
    await converges(wait)
  })
})
