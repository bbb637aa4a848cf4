import { expect, test } from 'vitest'
import type { Event } from '../../engine/model/event.ts'
import { createView, type View, type ViewOptions } from '../../engine/render/view.ts'
import { bigRun } from './support/big-run.ts'
import { checkRun } from './support/check-run.ts'
import { failingRun, ROOT } from './support/failing-run.ts'
import { ManualClock } from './support/manual-clock.ts'
import { label, ok, Recording } from './support/recording.ts'
import { Terminal } from './support/terminal.ts'

interface Stage {
  readonly terminal: Terminal
  readonly clock: ManualClock
  readonly view: View
  /** Plays the recording up to a moment. */
  readonly until: (moment: number) => void
  readonly end: () => Promise<void>
}

async function stage(events: readonly Event[], options: Partial<ViewOptions> & { columns?: number; rows?: number } = {}): Promise<Stage> {
  const { columns = 80, rows = 24, ...rest } = options
  const terminal = new Terminal(columns, rows)
  const clock = new ManualClock()
  const view = await createView({ kind: 'tree', write: terminal.write, color: false, diff: false, verbose: false, root: ROOT, clock, size: () => terminal, ...rest })
  const left = [...events]
  const until = (moment: number): void => {
    for (let event = left[0]; event && event.at <= moment; event = left[0]) {
      clock.to(event.at)
      view.on(event)
      left.shift()
    }
    clock.to(moment)
  }
  return { terminal, clock, view, until, end: () => (until(left.at(-1)?.at ?? clock.now()), view.close()) }
}

test('plays are rows: what runs on which hosts, what waits and for whom, how much changed', async () => {
  const { terminal, until, end } = await stage(failingRun())
  until(3000)
  expect(terminal.screen).toMatchInlineSnapshot(`
    "ha: 5 plays on 7 hosts
    ⠏ prereqs             0/5     3 s  package containerd on m1, m2, m3 and 1 more…
    ✔ loadbalancer        2/2  290 ms  4 changed
    · first-master        0/3
    · control-plane-join  0/3
    · worker-join         0/2
      3 s  2 of 15 done  4 changed
    "
  `)
  until(15_000)
  expect(terminal.screen).toMatchInlineSnapshot(`
    "ha: 5 plays on 7 hosts
    [w2] prereqs : unreachable: 10.0.0.22:22: no answer for 10 s
    ✖ prereqs             5/5  10.0 s  1 unreachable  12 changed
    ✔ loadbalancer        2/2  290 ms  4 changed
    ⠏ first-master        2/3     8 s  2 skipped  initialise the cluster on m1
    ◌ control-plane-join  0/3          waiting for first-master@m1
    ◌ worker-join         1/2          1 blocked  waiting for first-master@m1
      15 s  10 of 15 done  16 changed  1 failed
    "
  `)
  await end()
  await expect(terminal.text).toMatchFileSnapshot('golden/tree-failing-run.txt')
})

test('check mode shows in the log what would change, and the rows count it', async () => {
  const { terminal, end } = await stage(checkRun(), { diff: true })
  await end()
  await expect(terminal.text).toMatchFileSnapshot('golden/tree-check-run-with-diff.txt')
})

test('frames come ten times a second at most, whatever happens meanwhile, and none after the end', async () => {
  const { terminal, clock, until, end } = await stage(bigRun({ hosts: 20, plays: 3 }))
  until(100)
  const before = terminal.writes
  until(10_100)
  expect(terminal.writes - before).toBeLessThanOrEqual(100)
  await end()
  expect(clock.timers).toBe(0)
})

test('a minute of 50 hosts in 10 plays costs less than a tenth of a core', async () => {
  const { terminal, end } = await stage(bigRun())
  const before = process.cpuUsage()
  await end()
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1e6 / 60).toBeLessThan(0.1)
  expect(terminal.text).toContain('2000 changed in 1 min 00 s')
})

test('a frame in which nothing moved writes nothing', async () => {
  const run = new Recording().start('run', { base: ['a'] }).waiting('base', 'a', 'b').pass(9000).begin('base', 'a').end('base', 'a')
  const { terminal, until, end } = await stage(run.finish(0))
  until(1100)
  const before = terminal.writes
  until(1400)
  expect(terminal.writes).toBe(before)
  await end()
})

test('a narrow terminal cuts rows, and none ever wraps', async () => {
  const { terminal, until, end } = await stage(failingRun(), { columns: 30 })
  until(15_000)
  expect(terminal.screen).toMatchInlineSnapshot(`
    "ha: 5 plays on 7 hosts
    [w2] prereqs : unreachable: 10
    .0.0.22:22: no answer for 10 s
    ✖ prereqs             5/5  1…
    ✔ loadbalancer        2/2  2…
    ⠏ first-master        2/3   …
    ◌ control-plane-join  0/3   …
    ◌ worker-join         1/2   …
      15 s  10 of 15 done  16 ch…
    "
  `)
  await end()
})

test('a terminal that becomes narrower leaves no torn rows behind', async () => {
  const { terminal, until, end } = await stage(failingRun())
  until(3000)
  terminal.narrow(40)
  until(3200)
  expect(terminal.text).toMatchInlineSnapshot(`
    "ha: 5 plays on 7 hosts
    ⠙ prereqs             0/5     3 s  pac…
    ✔ loadbalancer        2/2  290 ms  4 c…
    · first-master        0/3
    · control-plane-join  0/3
    · worker-join         0/2
      3 s  2 of 15 done  4 changed
    "
  `)
  await end()
})

test('on a low terminal plays that ended fold first, then those to come; what runs is seen', async () => {
  const { terminal, until, end } = await stage(bigRun({ hosts: 2, plays: 10 }), { rows: 8 })
  until(27_000)
  expect(terminal.screen).toMatchInlineSnapshot(`
    "  … 4 done
    ⠏ play-5   0/2    3 s  3 changed  file /etc/example/part-6.conf on node-02; no…
    · play-6   0/2
    · play-7   0/2
    · play-8   0/2
      … 2 more to come
      27 s  8 of 20 done  35 changed
    "
  `)
  terminal.rows = 3
  until(27_200)
  expect(terminal.screen.split('\n').slice(-3).join('\n')).toMatchInlineSnapshot(`
    "⠙ play-5   0/2    3 s  4 changed  file /etc/example/part-7.conf on node-01, no…
      27 s  8 of 20 done  36 changed
    "
  `)
  await end()
})

test.each([{ columns: 0, rows: 0 }, { columns: Number.NaN, rows: -1 }, { columns: 1, rows: 1 }])('a terminal that says it has $columns columns and $rows rows is survived', async size => {
  const { terminal, end } = await stage(failingRun(), { size: () => size, columns: 80, rows: 24 })
  await end()
  expect(terminal.text).toContain('failed: 2 failures on 2 hosts')
})

test('without colour no colour is written, with colour the same text', async () => {
  const plain = await stage(failingRun(), { diff: true })
  const colored = await stage(failingRun(), { diff: true, color: true })
  await Promise.all([plain.end(), colored.end()])
  expect(plain.terminal.colors).toBe(0)
  expect(colored.terminal.colors).toBeGreaterThan(100)
  expect(colored.terminal.text).toBe(plain.terminal.text)
})

test('plays that only give outputs have no row', async () => {
  const events = new Recording().start('run', { survey: ['a'], join: ['a'] }).begin('join', 'a').task('join', 'a', { task: label('file', '/x', 1), outcome: ok }).end('join', 'a').finish(0)
  const { terminal, end } = await stage(events.map(event => (event.type === 'run-started' ? { ...event, plays: event.plays.map(play => (play.name === 'survey' ? { ...play, mode: 'outputs-only' } : play)) } : event)))
  await end()
  expect(terminal.text).toMatchInlineSnapshot(`
    "ha: 1 play on 1 host, 1 more only for outputs
    ✔ join  1/1  0 ms

    RECAP
    a : ok=1  changed=0  skipped=0  failed=0  unreachable=0

    nothing to do, 1 ok in 0 ms
    "
  `)
})

test('a view that is closed in the middle of a run, or before it, leaves a sound terminal', async () => {
  const cut = await stage(failingRun())
  cut.until(3000)
  await cut.view.close()
  expect(cut.terminal.screen.split('\n').at(-1)).toBe('')
  const unused = await stage([])
  await unused.view.close()
  expect(unused.terminal.text).toBe('')
})

test('what is said after the last play ended is not lost', async () => {
  const run = new Recording().start('run', { base: ['a'] }).begin('base', 'a').end('base', 'a').pass(50).revoked('base', 'a', 'WorkerTicket', 'the API server did not answer')
  const { terminal, end } = await stage(run.finish(0))
  await end()
  expect(terminal.text).toMatchInlineSnapshot(`
    "ha: 1 play on 1 host
    [a] base : output WorkerTicket could not be revoked: the API server did not answ
    er
    ✔ base  1/1  0 ms

    RECAP
    a : ok=0  changed=0  skipped=0  failed=0  unreachable=0

    nothing to do, 0 ok in 50 ms
    "
  `)
})
