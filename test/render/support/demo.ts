/** Looks at a view with one's own eyes: `node test/render/support/demo.ts tree failing 4` plays a recording four times as fast. */
import { setTimeout as sleep } from 'node:timers/promises'
import { profile } from '../../../engine/render/profile.ts'
import { createView } from '../../../engine/render/view.ts'
import { bigRun } from './big-run.ts'
import { checkRun } from './check-run.ts'
import { failingRun, ROOT } from './failing-run.ts'

const [kind = 'tree', which = 'failing', speed = '4', ...flags] = process.argv.slice(2)
const recordings = new Map([['failing', failingRun], ['check', checkRun], ['big', () => bigRun()]])
const events = recordings.get(which)?.() ?? []
const view = await createView({
  kind: kind === 'plain' || kind === 'json' ? kind : 'tree',
  write: text => void process.stdout.write(text),
  color: !flags.includes('--no-color'),
  diff: flags.includes('--diff'),
  verbose: flags.includes('-v'),
  root: ROOT,
  size: () => ({ columns: process.stdout.columns, rows: process.stdout.rows }),
})
const begun = performance.now()
const before = process.cpuUsage()
for (const event of events) {
  const early = event.at / Number(speed) - (performance.now() - begun)
  if (early > 1) await sleep(early)
  view.on(event)
}
await view.close()
if (flags.includes('--profile')) process.stdout.write(profile(events, { color: true }))
if (flags.includes('--cost')) {
  const { user, system } = process.cpuUsage(before)
  const wall = performance.now() - begun
  process.stdout.write(`\n${events.length} events, ${(wall / 1000).toFixed(1)} s, CPU ${((user + system) / 1e6).toFixed(2)} s = ${((user + system) / 10 / wall).toFixed(1)} % of a core\n`)
}
