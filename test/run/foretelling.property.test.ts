import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { block, flush, groups, handler, modifies, on, play, playbook, resource, role, sh, stage, value, type Item, type ResourceKind } from '../../engine/index.ts'
import type { Event } from '../../engine/model/event.ts'
import { runIn } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

const { all } = groups('all')
const TABLE = { all: ['h1'], others: ['h2'] }

/** A kind of somebody's own: it looks at a cell that any other task may write, and says nothing of what turns it. */
const LOOSE: ResourceKind<{ id: string; name: string; is: string }, string> = {
  kind: 'loose',
  id: spec => spec.id,
  probe: spec => sh`get ${spec.name}`,
  parse: output => output.stdout,
  plan: ({ spec, state }) => (state === spec.is ? [] : [modifies('value', value(state), value(spec.is))]),
  apply: ({ spec }) => sh`set ${spec.name} ${spec.is}`,
}
const loose = resource(LOOSE)
/** One that says that cells of the other kind are nothing to it. */
const looking = resource({ ...LOOSE, kind: 'looking', turnedBy: (_found, effect) => effect.type === 'anything' })

interface Step {
  readonly kind: 'cell' | 'loose' | 'looking'
  readonly name: string
  readonly is: string
  readonly how: 'plain' | 'block' | 'stage' | 'on h2'
  /** What the handler that it notifies writes. */
  readonly handler: string | undefined
  readonly flush: boolean
}
const is = fc.constantFrom('1', '2')
const steps = fc.array(fc.record<Step>({
  kind: fc.constantFrom('cell', 'cell', 'loose', 'looking'),
  name: fc.constantFrom('a', 'b'),
  is,
  how: fc.constantFrom('plain', 'plain', 'block', 'stage', 'on h2'),
  handler: fc.option(is, { nil: undefined }),
  flush: fc.boolean(),
}), { minLength: 1, maxLength: 6 })
const plays = fc.array(steps, { minLength: 1, maxLength: 3 })

const restart = (to: string) => handler(`set ${to}`, loose({ id: `handler ${to}`, name: 'loose-a', is: to }))

/** Cells of one kind are not those of the other: a declared thing belongs to whoever declares it. */
function itemsOf(given: readonly Step[], title: string): readonly Item[] {
  return given.flatMap((step, index): readonly Item[] => {
    const notify = step.handler === undefined ? [] : [restart(step.handler)]
    const options = { name: `${title}.${index}`, notify }
    const task = step.kind === 'cell' ? cell({ name: `cell-${step.name}`, is: step.is }, options) : (step.kind === 'loose' ? loose : looking)({ id: `${title}.${index}`, name: `loose-${step.name}`, is: step.is }, options)
    const end = step.flush ? [flush()] : []
    switch (step.how) {
      case 'block':
        return [block({ tasks: [task] }), ...end]
      case 'stage':
        return [stage({ facts: {} }, () => [task]), ...end]
      case 'on h2':
        return [on('h2', [task]), ...end]
      default:
        return [task, ...end]
    }
  })
}

function outcomes(events: readonly Event[]): ReadonlyMap<string, Extract<Event, { type: 'task-finished' }>['outcome']> {
  return new Map(events.flatMap(event => (event.type === 'task-finished' && !event.task.handler ? [[event.task.title, event.outcome]] : [])))
}

async function checkAndRun(given: readonly (readonly Step[])[], before: Readonly<Record<string, string>>, left: readonly string[]) {
  const book = playbook('any', given.map((each, index) => play(role(`p${index}`, { tasks: () => itemsOf(each, `p${index}`) }), { hosts: all })))
  const world = new World()
  for (const host of ['h1', 'h2']) for (const [name, is] of Object.entries(before)) world.host(host).set(name, is)
  for (const to of left) world.host('h1').set(`pending/${restart(to).mark}`, '')
  const seen = async (mode: 'check' | 'run') => {
    const events: Event[] = []
    await runIn(world, book, TABLE, { mode, onEvent: event => events.push(event) })
    return outcomes(events)
  }
  return { check: await seen('check'), written: world.log.length, run: await seen('run') }
}
const cells = fc.record({ 'cell-a': is, 'cell-b': is, 'loose-a': is, 'loose-b': is })

describe('a check', () => {
  test('of any tasks says of each what the run does, or that it does not know', { timeout: 60_000 }, async () => {
    const told = { ok: 0, 'would-change': 0, unknown: 0 }
    await fc.assert(fc.asyncProperty(plays, cells, fc.subarray(['1', '2']), async (given, before, left) => {
      const { check, written, run } = await checkAndRun(given, before, left)
      expect(written).toBe(0)
      for (const [title, said] of check) {
        const done = run.get(title)
        if (said.type !== 'ok' && said.type !== 'would-change' && said.type !== 'unknown') expect.fail(`${title}: ${said.type}`)
        told[said.type]++
        if (said.type === 'ok') expect(done?.type, title).toBe('ok')
        if (said.type === 'would-change') expect(done, title).toMatchObject({ type: 'changed', changes: said.changes })
      }
      expect([...check.keys()].sort()).toEqual([...run.keys()].sort())
    }), { numRuns: 150 })
    // What it does not know is not most of it.
    expect(told.ok, JSON.stringify(told)).toBeGreaterThan(100)
    expect(told['would-change']).toBeGreaterThan(100)
  })

  test('knows everything up to the first change, and whatever is declared by one task only', async () => {
    await fc.assert(fc.asyncProperty(plays, cells, async (given, before) => {
      const { check } = await checkAndRun(given, before, [])
      const names = new Map(given.flatMap((each, play) => each.map((step, index): [string, Step] => [`p${play}.${index}`, step])))
      let pending = false
      for (const [title, said] of check) {
        const step = names.get(title)
        const alone = step?.kind === 'cell' && [...names.values()].filter(other => other.kind === 'cell' && other.name === step.name).length === 1
        if (!pending || alone) expect(said.type, title).not.toBe('unknown')
        pending ||= said.type !== 'ok'
      }
    }), { numRuns: 100 })
  })
})
