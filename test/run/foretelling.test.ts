import { describe, expect, test } from 'vitest'
import { flush, groups, handler, modifies, on, play, playbook, resource, role, sh, stage, value, type Item } from '../../engine/index.ts'
import type { Event } from '../../engine/model/event.ts'
import { runIn } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

const { all } = groups('all')
const set = (name: string, options = {}) => cell({ name, is: '1' }, options)

/** A kind of somebody's own, which says nothing of what it looks at. */
const own = resource<{ name: string; is: string }, string>({
  kind: 'own',
  id: spec => spec.name,
  probe: spec => sh`get ${spec.name}`,
  parse: output => output.stdout,
  plan: ({ spec, state }) => (state === spec.is ? [] : [modifies('value', value(state), value(spec.is))]),
  apply: ({ spec }) => sh`set ${spec.name} ${spec.is}`,
})
/** One that only programs of others may turn. */
const quiet = resource<{ name: string }, string>({
  kind: 'quiet',
  id: spec => spec.name,
  probe: spec => sh`get ${spec.name}`,
  parse: output => output.stdout,
  plan: () => [],
  turnedBy: (_found, effect) => effect.type === 'anything',
  apply: () => sh`set nothing 1`,
})
const reload = handler('reload', own({ name: 'reloaded', is: '1' }))

async function check(items: () => readonly Item[]): Promise<Readonly<Record<string, string>>> {
  const events: Event[] = []
  await runIn(new World(), playbook('p', [play(role('r', { tasks: items }), { hosts: all })]), { all: ['h1'], others: ['h2'] }, { mode: 'check', onEvent: event => events.push(event) })
  return Object.fromEntries(events.flatMap(event => (event.type === 'task-finished' ? [[event.task.title, 'why' in event.outcome ? `${event.outcome.type}: ${event.outcome.why}` : event.outcome.type]] : [])))
}

describe('what a pending change may turn', () => {
  test('is unknown, with the change and what would be said now', async () => {
    expect(await check(() => [set('a'), own({ name: 'b', is: '' }), own({ name: 'c', is: '1' })])).toEqual({
      'cell a': 'would-change',
      'own b': 'unknown: as wanted now, but r: cell a comes first and may turn that',
      'own c': 'unknown: would change now, but r: cell a comes first and may turn that',
    })
  })
  test('is known before it, and on another host', async () => {
    expect(await check(() => [own({ name: 'b', is: '' }), on('h2', [set('a')]), own({ name: 'c', is: '1' })].flat())).toEqual({ 'own b': 'ok', 'cell a': 'would-change', 'own c': 'would-change' })
  })
  test('shows nothing of a task that is not to be logged', async () => {
    const events: Event[] = []
    const items = () => [set('a'), own({ name: 'c', is: 'hush' }, { noLog: true })]
    await runIn(new World(), playbook('p', [play(role('r', { tasks: items }), { hosts: all })]), { all: ['h1'] }, { mode: 'check', onEvent: event => events.push(event) })
    expect(JSON.stringify(events)).toContain('own c')
    expect(JSON.stringify(events)).not.toContain('hush')
  })
  test('by a handler is so from where that would run', async () => {
    const notifying = set('a', { notify: [reload] })
    expect(await check(() => [notifying, quiet({ name: 'before' }), flush(), quiet({ name: 'after' })])).toMatchObject({ 'quiet before': 'ok', 'quiet after': 'unknown: as wanted now, but r: reload comes first and may turn that' })
    expect(await check(() => [notifying, stage({ facts: {} }, () => [quiet({ name: 'staged' })])])).toMatchObject({ 'quiet staged': 'ok' })
  })
})
