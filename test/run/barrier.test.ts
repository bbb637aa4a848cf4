import { describe, expect, test } from 'vitest'
import { assert, groups, play, playbook, role, rolling, type Play } from '../../engine/index.ts'
import { plan } from '../../engine/plan/build.ts'
import { dot } from '../../engine/plan/dot.ts'
import { explainNode } from '../../engine/plan/explain-node.ts'
import { mermaid } from '../../engine/plan/explain.ts'
import { everything } from '../../engine/plan/select.ts'
import { directory, planned, runIn } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

const { a, b } = groups('a', 'b')
const hosts = { a: ['h1', 'h2'], b: ['c'] }
const set = (name: string) => cell({ name, is: '1' })
const x = play(role('x', { tasks: ({ host }) => [assert({ name: 'fit', that: host.name !== 'h3', message: 'no', remedy: '' }), set('x')] }), { hosts: a })

type How = 'ok' | 'fails' | 'down' | 'blocked' | 'skipped'
/** Runs `x` on two hosts, the first of which ends in some way, then a play on another host behind a barrier. */
async function run(how: How, barrier: (of: Play) => Play | Play['settled']) {
  const world = new World()
  const first = play(role('first', { tasks: () => [set('first')] }), { hosts: a })
  const it = how === 'skipped' ? play(role('x', { skip: ({ host }) => (host.name === 'h1' ? 'not elected' : undefined), tasks: () => [set('x')] }), { hosts: a }) : x
  if (how === 'down') world.down.set('h1', { type: 'connect-failure', reason: 'unreachable', message: 'no route', remedy: '' })
  world.before = (host, script) => (host === 'h1' && ((how === 'fails' && script === 'set x 1') || (how === 'blocked' && script === 'set first 1')) ? { status: 1 } : undefined)
  const report = play(role('report', { tasks: () => [set('report')] }), { hosts: b, after: [barrier(it)] })
  const result = await runIn(world, playbook('p', [first, it, report]), hosts)
  return { ...result, world, report: result.nodes['report@c'] }
}

describe('a barrier until a play', () => {
  test.each<[How, string, string]>([
    ['ok', 'done', 'done'],
    ['skipped', 'done', 'done'],
    ['fails', 'blocked by x@h1', 'done'],
    ['down', 'blocked by first@h1', 'done'],
    ['blocked', 'blocked by first@h1', 'done'],
  ])('that on one host is %s: is done → %s, has settled → %s', async (how, done, settled) => {
    expect((await run(how, of => of)).report).toBe(done)
    const after = await run(how, of => of.settled)
    expect(after.report).toBe(settled)
    // Not a moment before both hosts have ended.
    expect(after.events.findIndex(event => event.type === 'node-started' && event.play === 'report')).toBeGreaterThan(after.events.findLastIndex(event => event.type === 'node-finished' && event.play === 'x'))
  })

  test('on a host that failed itself still ends its queue, unless it is independent', async () => {
    const world = new World()
    world.before = (host, script) => (host === 'h1' && script === 'set x 1' ? { status: 1 } : undefined)
    const queued = play(role('queued', { tasks: () => [set('queued')] }), { hosts: a, after: [x.settled] })
    const tidy = play(role('tidy', { tasks: () => [set('tidy')] }), { hosts: a, after: [x.settled], independent: true })
    const { nodes } = await runIn(world, playbook('p', [x, queued, tidy]), hosts)
    expect(nodes).toMatchObject({ 'queued@h1': 'blocked by x@h1', 'queued@h2': 'done', 'tidy@h1': 'done', 'tidy@h2': 'done' })
  })

  const report = play(role('report', { tasks: () => [set('report')] }), { hosts: b, after: [x.settled] })
  test('is told and drawn', () => {
    const graph = planned(playbook('p', [x, report]), hosts)
    expect(explainNode(graph, 'report@c')).toContain('  after x on all its hosts: barrier, however it ended there\n')
    expect(mermaid(graph)).toContain('p0 -.->|settled| p1')
    expect(dot(graph)).toContain('"x" -> "report" [style=dotted, label="settled"]')
  })

  test('that is listed later, or in the same rolling, is refused at load', () => {
    const mistakes = (items: Parameters<typeof playbook>[1]) => plan({ playbook: playbook('p', items), directory: directory(hosts), selection: everything }).diagnostics.map(({ message }) => message)
    expect(mistakes([report, x])).toEqual(['play report is after play x, which is not listed before it'])
    expect(mistakes([rolling({ hosts: a, batch: 1 }, [x, play(role('y', { tasks: () => [] }), { hosts: a, after: [x.settled] })])])).toEqual(['play y is after x, which is in the same rolling'])
  })
})
