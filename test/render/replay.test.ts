import { describe, expect, test } from 'vitest'
import type { Event } from '../../engine/model/event.ts'
import { encodeEvent } from '../../engine/render/json.ts'
import { profile } from '../../engine/render/profile.ts'
import { replay, type Replayed } from '../../engine/render/replay.ts'
import { createView, type View, type ViewOptions } from '../../engine/render/view.ts'
import { checkRun } from './support/check-run.ts'
import { failingRun, ROOT } from './support/failing-run.ts'
import { ManualClock } from './support/manual-clock.ts'
import { sink } from './support/sink.ts'
import { Terminal } from './support/terminal.ts'

const runs = { 'a failing run': failingRun, 'a check': checkRun }
const recordingOf = (events: readonly Event[]): string[] => events.map(encodeEvent)

/** What is left on a terminal by a view that something feeds. */
async function shown(options: Partial<ViewOptions>, feed: (view: View) => unknown): Promise<string> {
  const terminal = new Terminal(100, 40)
  const view = await createView({ kind: 'plain', write: terminal.write, color: true, diff: true, verbose: true, root: ROOT, clock: new ManualClock(), size: () => terminal, ...options })
  await feed(view)
  await view.close()
  return terminal.text
}

describe.each(Object.entries(runs))('the recording of %s', (_name, make) => {
  test.each(['plain', 'tree', 'json'] as const)('leaves the same on a terminal as the run did, view %s', async kind => {
    const live = await shown({ kind }, view => make().forEach(event => view.on(event)))
    expect(await shown({ kind }, view => replay(recordingOf(make()), view))).toBe(live)
    expect(live).toContain(kind === 'json' ? '"run-finished"' : 'RECAP')
  })

  test('has the same profile', async () => {
    const events: Event[] = []
    await replay(recordingOf(make()), { on: event => void events.push(event), close: () => Promise.resolve() })
    expect(profile(events)).toBe(profile(make()))
  })

  test('is itself what its replay as JSON writes', async () => {
    const out = sink()
    const view = await createView({ kind: 'json', write: out.write, color: false, diff: false, verbose: false })
    await replay(recordingOf(make()), view)
    expect(out.text()).toBe(recordingOf(make()).map(line => `${line}\n`).join(''))
  })
})

describe('a recording', () => {
  const lines = recordingOf(failingRun())
  const [first = ''] = lines
  const given = async (recorded: readonly string[]): Promise<{ replayed: Replayed; events: number }> => {
    let events = 0
    const replayed = await replay(recorded, { on: () => void events++, close: () => Promise.resolve() })
    return { replayed, events }
  }

  test('of a later release of the same version may have fields and kinds of events that this one does not know', async () => {
    const later = lines.flatMap(line => [line.replace(/^\{/, '{"new":{"deep":[1]},'), '{"type":"moon-rose","at":7,"phase":"full"}'])
    expect(await given(later)).toEqual({ replayed: { type: 'replayed', events: lines.length, unknown: lines.length }, events: lines.length })
    const live = await shown({}, view => replay(lines, view))
    expect(await shown({}, view => replay(later, view))).toBe(live)
  })

  test('of a newer version is refused before anything is shown', async () => {
    expect(await given([first.replace('"version":1', '"version":2'), ...lines.slice(1)])).toEqual({
      replayed: { type: 'unreadable', line: 1, message: 'written by a newer ts-play: its events have version 2, this one reads 1' },
      events: 0,
    })
  })

  test.each([
    ['begins with something else', lines.slice(1), 1, 'not the beginning of a recording: the first event is run-started, which tells its version'],
    ['begins with an unknown kind of event', ['{"type":"moon-rose","at":0}', ...lines], 1, 'not the beginning of a recording: the first event is run-started, which tells its version'],
    ['was cut off', [...lines.slice(0, 5), lines[5]?.slice(0, 30) ?? ''], 6, 'not JSON; a recording that was cut off ends like this'],
    ['holds something that is no event', [first, '{"level":"info"}'], 2, 'not an event of a run'],
    ['holds an event without what it must have', [first, '{"type":"node-started","at":1,"node":"a@b"}'], 2, 'not an event of a run'],
    ['holds a list', [first, '[]'], 2, 'not an event of a run'],
  ])('that %s is told with its line', async (_what, recorded, line, message) => {
    expect((await given(recorded)).replayed).toEqual({ type: 'unreadable', line, message })
  })
})
