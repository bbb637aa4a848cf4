import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { Event } from '../../engine/model/event.ts'
import { encodeEvent } from '../../engine/render/json.ts'
import { decodeEvent, replay } from '../../engine/render/replay.ts'
import { createView } from '../../engine/render/view.ts'
import { checkRun } from './support/check-run.ts'
import { failingRun, ROOT } from './support/failing-run.ts'
import { shown } from './support/shown.ts'
import { sink } from './support/sink.ts'

const lines = async (events: readonly Event[]): Promise<string[]> => (await shown(events, { kind: 'json' })).trimEnd().split('\n')

test('one event a line, the version on the first', async () => {
  const written = await lines(failingRun())
  expect(written).toHaveLength(failingRun().length)
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ type: 'run-started', version: 1, mode: 'run' })
  await expect(`${written.join('\n')}\n`).toMatchFileSnapshot('golden/failing-run.jsonl')
})

test('a recording on disk shows the same in any view as the run did', async () => {
  const recorded = (await readFile(new URL('golden/failing-run.jsonl', import.meta.url), 'utf8')).split('\n')
  for (const kind of ['plain', 'json'] as const) {
    const out = sink()
    const view = await createView({ kind, write: out.write, color: false, diff: true, verbose: true, root: ROOT })
    expect(await replay(recorded, view)).toEqual({ type: 'replayed', events: failingRun().length, unknown: 0 })
    await view.close()
    expect(out.text()).toBe(await shown(failingRun(), { kind, diff: true, verbose: true }))
  }
})

test.each([['a failing run', failingRun], ['a check', checkRun]])('what is written of %s and read again are equal', async (_name, make) => {
  for (const event of make()) expect(decodeEvent(encodeEvent(event))).toEqual(JSON.parse(JSON.stringify(event)))
})

test('a line that was cut off, one that is no event, and a newer version are refused with their number', async () => {
  const [first = ''] = await lines(failingRun())
  const view = { on: () => undefined, close: () => Promise.resolve() }
  expect(await replay([first, first.slice(0, 40)], view)).toEqual({ type: 'unreadable', line: 2, message: 'not JSON; a recording that was cut off ends like this' })
  expect(await replay(['', '{"type":"node-started","at":3}'], view)).toEqual({ type: 'unreadable', line: 2, message: 'not an event of a run' })
  expect(await replay(['{"type":"toString","at":3}'], view)).toMatchObject({ type: 'unreadable', line: 1 })
  expect(await replay([first.replace('"version":1', '"version":2')], view)).toEqual({ type: 'unreadable', line: 1, message: 'written by a newer ts-play: its events have version 2, this one reads 1' })
})
