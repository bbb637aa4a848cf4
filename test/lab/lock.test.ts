import { hostname, userInfo } from 'node:os'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { slowRun, type SlowRun } from './support/slow-run.ts'
import { tsPlay, type TsPlay } from './support/ts-play.ts'

describe.skipIf(requireLab())('a host that a run is at work on', () => {
  let lab: Lab
  let play: TsPlay
  let slow: SlowRun
  beforeAll(async () => {
    lab = await openLab()
    await lab.up('h1')
    play = await tsPlay(lab)
    slow = await slowRun({ lab, play, host: 'h1' })
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })
  beforeEach(async () => void (await slow.reset()))

  const refused = async (): Promise<void> => {
    const second = await play.run(slow.words)
    expect(second.code, second.stdout).toBe(1)
    const failed = second.events.flatMap(event => (event.type === 'run-finished' ? event.failures : []))
    expect(failed).toHaveLength(1)
    expect(failed[0]?.failure.message).toMatch(`another run is at work on h1: ${userInfo().username}@${hostname()}, process `)
    expect(failed[0]?.failure.remedy).toContain('--force-unlock h1')
  }

  test('refuses a second one, which is told who is there; check mode may look; then it is free', async () => {
    const running = await slow.begun()
    await refused()
    expect((await play.run([...slow.words, '--check'])).code).toBe(2)
    await slow.go()
    expect((await running.finished).code).toBe(0)
    const after = await play.run(slow.words)
    expect(after.code, after.stdout).toBe(0)
    expect(after.events.filter(event => event.type === 'frame')).toHaveLength(1)
  })

  test('stays locked after SIGKILL of the controller as long as its task runs, and no longer', async () => {
    const running = await slow.begun()
    running.kill('SIGKILL')
    await running.finished
    await refused()
    await slow.go()
    const after = await play.run(slow.words)
    expect(after.code, after.stdout).toBe(0)
    expect((await lab.exec('h1', 'cat /srv/second /srv/third')).stdout).toBe('done\nthird\n')
  })

  test('can be taken by force, and it is told from whom', async () => {
    const first = await slow.begun()
    const holder = (await lab.exec('h1', 'head -n 1 /var/lib/ts-play/lock/holder')).stdout.trim()
    const taken = play.start([...slow.words, '--force-unlock', 'h1'])
    const changed = await lab.exec('h1', `n=0; while [ "$(head -n 1 /var/lib/ts-play/lock/holder)" = ${holder} ]; do sleep 0.1; n=$((n+1)); [ $n -lt 200 ] || exit 1; done`, { timeout: 60_000 })
    expect(changed.code).toBe(0)
    await slow.go()
    const end = await taken.finished
    expect(end.events.flatMap(event => (event.type === 'warning' ? [event.message] : [])).join()).toMatch(/^the lock was taken by force from .*process \d+/)
    await first.finished
  })
})
