import { expect, test } from 'vitest'
import { createView } from '../../engine/render/view.ts'
import type { Event } from '../../engine/model/event.ts'
import { failingRun, ROOT } from './support/failing-run.ts'
import { sink } from './support/sink.ts'

async function plain(events: readonly Event[], options: { verbose?: boolean; diff?: boolean; color?: boolean } = {}): Promise<string> {
  const out = sink()
  const view = await createView({ kind: 'plain', write: out.write, color: false, diff: false, verbose: false, root: ROOT, ...options })
  for (const event of events) view.on(event)
  await view.close()
  return out.text()
}

test('a failing run as a log: what is not as wanted, the waiting, then root causes, table and verdict', async () => {
  await expect(await plain(failingRun())).toMatchFileSnapshot('golden/plain-failing-run.txt')
})
