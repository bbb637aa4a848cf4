import { expect, test } from 'vitest'
import { checkRun } from './support/check-run.ts'
import { failingRun } from './support/failing-run.ts'
import { label, ok, Recording } from './support/recording.ts'
import { createView } from '../../engine/render/view.ts'
import { ManualClock } from './support/manual-clock.ts'
import { shown } from './support/shown.ts'
import { sink } from './support/sink.ts'

test('a failing run as a log: what is not as wanted, the waiting, then root causes, table and verdict', async () => {
  await expect(await shown(failingRun())).toMatchFileSnapshot('golden/plain-failing-run.txt')
})

test('the same run with differences line by line, a long new file cut after 60 lines', async () => {
  await expect(await shown(failingRun(), { diff: true })).toMatchFileSnapshot('golden/plain-failing-run-with-diff.txt')
})

test('the same run verbose: what is as wanted, left out, notified or blocked is said too', async () => {
  await expect(await shown(failingRun(), { verbose: true })).toMatchFileSnapshot('golden/plain-failing-run-verbose.txt')
})

test('check mode as a log: would change, unknown with the reason, a loss of data first and marked', async () => {
  await expect(await shown(checkRun())).toMatchFileSnapshot('golden/plain-check-run.txt')
})

test('check mode with differences line by line', async () => {
  await expect(await shown(checkRun(), { diff: true })).toMatchFileSnapshot('golden/plain-check-run-with-diff.txt')
})

test('without colour not one escape sequence is written, with colour the same text', async () => {
  const plain = await shown(failingRun(), { diff: true, verbose: true })
  const colored = await shown(failingRun(), { diff: true, verbose: true, color: true })
  const escape = String.fromCodePoint(27)
  expect(plain).not.toContain(escape)
  expect(colored).toContain(`${escape}[31m`)
  expect(colored.replaceAll(new RegExp(`${escape}\\[\\d+m`, 'g'), '')).toBe(plain)
})

test('a run that finds everything as wanted says so in two words', async () => {
  const run = new Recording().start('run', { base: ['a'] }).begin('base', 'a').pass(120).task('base', 'a', { task: label('file', '/etc/motd', 3), outcome: ok }).end('base', 'a')
  expect(await shown(run.finish(0))).toMatchInlineSnapshot(`
    "ha: 1 play on 1 host

    RECAP
    a : ok=1  changed=0  skipped=0  failed=0  unreachable=0

    nothing to do, 1 ok in 120 ms
    "
  `)
})

test('an ignored failure shows why it is ignored and is no failure of the run', async () => {
  const run = new Recording().start('run', { base: ['a'] }).begin('base', 'a')
  const failure = { reason: 'probe-failed', message: 'lsof: not found\nsecond line', remedy: 'install it', status: 127, stderr: '' } as const
  run.task('base', 'a', { task: label('command', 'lsof', 3), outcome: { type: 'failed', failure, ignored: 'only for the report' } }).end('base', 'a')
  expect(await shown(run.finish(0))).toMatchInlineSnapshot(`
    "ha: 1 play on 1 host
    [a] base : command lsof: failed (probe-failed): lsof: not found (ignored: only for the report)

    RECAP
    a : ok=1  changed=0  skipped=0  failed=0  unreachable=0

    nothing to do, 1 ok in 0 ms
    "
  `)
})

test('an interrupt is said at once, and what it stopped is one line of the recap', async () => {
  const run = new Recording().start('run', { base: ['a', 'b'] }).begin('base', 'a').begin('base', 'b').pass(800).interrupt('finish-running').pass(700).interrupt('kill')
  const failed = (host: string) => ({ failure: { reason: 'interrupted', message: 'stopped by Ctrl-C before it was done', remedy: 'run again' }, host, play: 'base', origin: { file: 'x.ts', line: 1 } }) as const
  for (const host of ['a', 'b']) run.end('base', host, { type: 'failed', failed: failed(host) })
  expect(await shown(run.finish(130))).toMatchInlineSnapshot(`
    "ha: 1 play on 2 hosts
    interrupted: nothing new starts, running tasks finish (Ctrl-C again kills them)
    interrupted again: killing what runs
    [a] base : failed (interrupted): stopped by Ctrl-C before it was done
    [b] base : failed (interrupted): stopped by Ctrl-C before it was done

    2 plays stopped by the interrupt

    RECAP
    a : ok=0  changed=0  skipped=0  failed=1  unreachable=0
    b : ok=0  changed=0  skipped=0  failed=1  unreachable=0

    interrupted after 1.5 s: 0 changed; the same command goes on from here (exit code 130)
    "
  `)
})

test('a long silence is broken by what still runs, once a minute, and by nothing after the end', async () => {
  const out = sink()
  const clock = new ManualClock()
  const view = await createView({ kind: 'plain', write: out.write, color: false, diff: false, verbose: false, clock })
  const init = label('command', 'kubeadm init', 31)
  const run = new Recording().start('run', { init: ['a', 'b'] }).begin('init', 'a').taskStarted('init', 'a', init).begin('init', 'b').taskStarted('init', 'b', init)
  for (const event of run.events) view.on(event)
  clock.to(59_000)
  expect(out.text()).toBe('ha: 1 play on 2 hosts\n')
  clock.to(150_000)
  expect(out.pieces.slice(1)).toEqual(['still running after 1 min 00 s: init : command kubeadm init on a, b\n', 'still running after 2 min 00 s: init : command kubeadm init on a, b\n'])
  await view.close()
  expect(clock.timers).toBe(0)
})
