import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** What a program of this folder says, as a process of its own: nothing else is in its memory. Times are of the processor, so that a busy machine does not count. */
async function said(name: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--conditions=ts-play-source', fileURLToPath(new URL(name, import.meta.url))])
  return stdout
}

test('1,000 hosts × 20 plays are planned within a second of a core and 300 MB', async () => {
  const told = await said('plan.ts')
  const [, nodes, milliseconds, rss] = /^(\d+) nodes .*\((\d+) ms of a core\).* rss (\d+) MB/.exec(told) ?? []
  expect(nodes, told).toBe('20000')
  expect(Number(milliseconds), told).toBeLessThan(1000)
  expect(Number(rss), told).toBeLessThan(300)
})

test('the executor adds less than 2 ms of a core to a task, whether it changes something or not', async () => {
  const told = await said('execute.ts')
  const costs = [...told.matchAll(/exit 0, \d+ tasks .*\(([\d.]+) ms of a core\)/g)].map(([, cost]) => Number(cost))
  expect(costs, told).toHaveLength(2)
  for (const cost of costs) expect(cost, told).toBeLessThan(2)
})
