import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groups, output, play, playbook, role, type Play } from '../../engine/index.ts'
import { waitsFor, type Graph } from '../../engine/plan/graph.ts'
import { planned, runIn, type GroupTable } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

const Word = output('word', (seed): string => seed)
const HOSTS = ['h1', 'h2', 'h3', 'h4']

interface Shape {
  readonly on: readonly string[]
  readonly takes: number | undefined
  readonly after: number | undefined
  readonly independent: boolean
}
const shapes = fc.array(
  fc.record({ on: fc.subarray(HOSTS, { minLength: 1 }), takes: fc.option(fc.nat(6), { nil: undefined }), after: fc.option(fc.nat(6), { nil: undefined }), independent: fc.boolean() }),
  { minLength: 1, maxLength: 6 },
)

/** Plays that write one cell each, named after the play, so that a node is recognised by what it writes. */
function build(given: readonly Shape[]): { readonly book: ReturnType<typeof playbook>; readonly table: GroupTable } {
  const table = Object.fromEntries(given.map((shape, index) => [`g${index}`, shape.on]))
  const named = groups(...Object.keys(table))
  const sources: Play<{ word: typeof Word }>[] = []
  for (const [index, shape] of given.entries()) {
    const name = `p${index}`
    const tasks = () => [cell({ name, is: 'done' })]
    const common = { hosts: named[`g${index}`]!, independent: shape.independent, after: shape.after !== undefined && sources[shape.after] ? [sources[shape.after]!] : [] }
    const source = shape.takes === undefined ? undefined : sources[shape.takes]
    const produce = { word: () => 'said' }
    sources.push(
      source
        ? play(role(name, { inputs: { word: Word }, outputs: { word: Word }, tasks, produce }), { ...common, with: { word: source.outputs.word.first } })
        : play(role(name, { outputs: { word: Word }, tasks, produce }), common),
    )
  }
  return { book: playbook('any', sources), table }
}

const before = waitsFor

/** Runs with every change held back, and lets one go at a time; tells which nodes were held at each step. */
async function stepwise(book: ReturnType<typeof playbook>, table: GroupTable, graph: Graph, seed: number, pick: (choices: number) => number): Promise<void> {
  const world = new World()
  const held = new Map<string, () => void>()
  const done = new Set<string>()
  world.before = (host, script) => {
    const name = /^set (\S+)/.exec(script)?.[1]
    if (name === undefined) return undefined
    return new Promise(resolve => held.set(`${name}@${host}`, () => resolve(undefined)))
  }
  let over = false
  const running = runIn(world, book, table, { seed, onEvent: event => event.type === 'node-finished' && done.add(event.node) }).then(result => ((over = true), result))
  while (!over) {
    await settle(() => over)
    if (over) break
    const ready = [...graph.nodes.values()].filter(node => !done.has(node.id) && before(node).every(id => done.has(id))).map(node => node.id)
    // Only ready nodes are at work, none too early; and all that may overlap do: one on each host, for two must not change a host at once.
    const hostOf = (id: string): string => id.split('@')[1] ?? ''
    expect(ready).toEqual(expect.arrayContaining([...held.keys()]))
    expect([...held.keys()].map(hostOf).toSorted()).toEqual([...new Set(ready.map(hostOf))].toSorted())
    const names = [...held.keys()].toSorted()
    const chosen = names[pick(names.length)]!
    held.get(chosen)!()
    held.delete(chosen)
  }
  expect((await running).exitCode).toBe(0)
}

/** Lets everything that can go on go on. */
async function settle(over: () => boolean): Promise<void> {
  for (let turn = 0; turn < 12 && !over(); turn++) await new Promise(resolve => setImmediate(resolve))
}

test('nothing starts before what it waits for, and everything independent overlaps, whatever the order of events', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(), fc.infiniteStream(fc.nat()), async (given, seed, stream) => {
      const { book, table } = build(given)
      await stepwise(book, table, planned(book, table), seed, choices => (stream.next().value ?? 0) % choices)
    }),
    { numRuns: 60 },
  )
})

test('a failure isolates exactly the nodes behind it', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(), fc.nat(), async (given, seed, which) => {
      const { book, table } = build(given.map(shape => ({ ...shape, takes: undefined })))
      const graph = planned(book, table)
      const ids = [...graph.nodes.keys()]
      const broken = ids[which % ids.length]!
      const [name, host] = broken.split('@')
      const world = new World()
      world.before = (at, script) => (at === host && script === `set ${name} done` ? { status: 1 } : undefined)
      const result = await runIn(world, book, table, { seed })
      const behind = new Set([broken])
      for (const node of graph.nodes.values()) if (before(node).some(id => behind.has(id))) behind.add(node.id)
      for (const id of ids) expect(result.nodes[id]).toBe(id === broken ? 'failed: apply-failed' : behind.has(id) ? `blocked by ${broken}` : 'done')
    }),
    { numRuns: 100 },
  )
})

test('the end does not depend on the seed', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(), fc.nat(), async (given, left, right) => {
      const { book, table } = build(given)
      const [one, other] = [new World(), new World()]
      await runIn(one, book, table, { seed: left })
      await runIn(other, book, table, { seed: right })
      expect(one.cells).toEqual(other.cells)
    }),
    { numRuns: 60 },
  )
})
