import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groups, include, on, output, play, playbook, role, rolling, z, type Item, type Play } from '../../engine/index.ts'
import { topologicalOrder, waitsFor, type Node } from '../../engine/plan/graph.ts'
import { planned, runIn, type GroupTable } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

const Word = output('word', (seed): string => seed)
const HOSTS = ['h1', 'h2', 'h3', 'h4']

/** How a play writes: on its host, by a role that it includes, or on another host, by a task or as a whole. */
type Way = 'itself' | 'include' | 'task on hub' | 'play on hub' | 'play on h1'
interface Shape {
  readonly on: readonly string[]
  readonly takes: number | undefined
  readonly after: number | undefined
  readonly settled: boolean
  readonly independent: boolean
  readonly way: Way
}
const maybe = fc.option(fc.nat(6), { nil: undefined })
const way = fc.constantFrom<Way>('itself', 'itself', 'include', 'task on hub', 'play on hub', 'play on h1')
const shapes = fc.array(fc.record({ on: fc.subarray(HOSTS, { minLength: 1 }), takes: maybe, after: maybe, settled: fc.boolean(), independent: fc.boolean(), way }), { minLength: 1, maxLength: 6 })

const written = role('written', { vars: { name: z.string() }, tasks: ({ vars }) => [cell({ name: vars.name, is: 'done' })] })

/** What a node writes is a cell of its own name, so that it is recognised wherever it is written. */
function tasksOf(name: string, how: Way): (context: { readonly host: { readonly name: string } }) => readonly Item[] {
  return ({ host }) => {
    const id = `${name}@${host.name}`
    if (how === 'include') return [include(written, { vars: { name: id } })]
    return how === 'task on hub' ? [on('hub', [cell({ name: id, is: 'done' })])] : [cell({ name: id, is: 'done' })]
  }
}

/** Plays that write one cell for each host. */
function build(given: readonly Shape[]): { readonly book: ReturnType<typeof playbook>; readonly table: GroupTable } {
  const table = { ...Object.fromEntries(given.map((shape, index) => [`g${index}`, shape.on])), hubs: ['hub', ...HOSTS] }
  const named = groups(...given.map((_, index) => `g${index}`))
  const sources: Play<{ word: typeof Word }>[] = []
  for (const [index, shape] of given.entries()) {
    const name = `p${index}`
    const tasks = tasksOf(name, shape.way)
    const before = shape.after === undefined ? undefined : sources[shape.after]
    const where = shape.way === 'play on hub' ? { on: 'hub' } : shape.way === 'play on h1' ? { on: 'h1' } : {}
    const common = { hosts: named[`g${index}`]!, independent: shape.independent, ...where, after: before ? [shape.settled ? before.settled : before] : [] }
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

/** The host on which a node writes. */
function workplace(node: Node, given: readonly Shape[]): string {
  return node.on ?? (given[Number(node.play.name.slice(1))]?.way === 'task on hub' ? 'hub' : node.host)
}

interface Step {
  readonly held: readonly string[]
  readonly done: ReadonlySet<string>
}
/** Runs with every change held back, and lets one go at a time; shows which nodes are held at each step. */
async function stepwise(book: ReturnType<typeof playbook>, table: GroupTable, { seed, pick, look }: { seed: number; pick: (choices: number) => number; look: (step: Step) => void }): Promise<void> {
  const world = new World()
  const held = new Map<string, () => void>()
  const done = new Set<string>()
  world.before = (_host, script) => {
    const name = /^set (\S+)/.exec(script)?.[1]
    return name === undefined ? undefined : new Promise(resolve => held.set(name, () => resolve(undefined)))
  }
  let over = false
  const running = runIn(world, book, table, { seed, onEvent: event => event.type === 'node-finished' && done.add(event.node) }).then(result => ((over = true), result))
  while (!over) {
    await settle(() => over)
    if (over) break
    const names = [...held.keys()].toSorted()
    expect(names).not.toEqual([])
    look({ held: names, done })
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

const choice = (stream: fc.Stream<number>) => (choices: number): number => (stream.next().value ?? 0) % choices

test('any playbook is without a cycle: nothing comes before what it waits for', () => {
  fc.assert(
    fc.property(shapes, given => {
      const { book, table } = build(given)
      const graph = planned(book, table)
      const order = topologicalOrder(graph).map(node => node.id)
      expect(order.length).toBe(graph.nodes.size)
      for (const node of graph.nodes.values()) for (const id of waitsFor(node)) expect(order.indexOf(id)).toBeLessThan(order.indexOf(node.id))
    }),
  )
})

test('nothing starts before what it waits for, and everything independent overlaps, whatever the order of events', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(), fc.infiniteStream(fc.nat()), async (given, seed, stream) => {
      const { book, table } = build(given)
      const graph = planned(book, table)
      const at = (ids: readonly string[]): readonly string[] => ids.map(id => workplace(graph.nodes.get(id)!, given)).toSorted()
      const look = ({ held, done }: Step): void => {
        const ready = [...graph.nodes.values()].filter(node => !done.has(node.id) && waitsFor(node).every(id => done.has(id))).map(node => node.id)
        // Only ready nodes are at work, none too early; and all that may overlap do: one on each host, for two must not change a host at once.
        expect(ready).toEqual(expect.arrayContaining([...held]))
        expect(at(held)).toEqual([...new Set(at(ready))])
      }
      await stepwise(book, table, { seed, pick: choice(stream), look })
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
      const world = new World()
      world.before = (_host, script) => (script === `set ${broken} done` ? { status: 1 } : undefined)
      const result = await runIn(world, book, table, { seed })
      // A barrier that any end lifts is not among what blocks.
      const blocks = ({ queue, barriers }: Node): readonly string[] => [...(queue === undefined ? [] : [queue]), ...barriers]
      const behind = new Set([broken])
      for (const node of graph.nodes.values()) if (blocks(node).some(id => behind.has(id))) behind.add(node.id)
      for (const id of ids) expect(result.nodes[id]).toBe(id === broken ? 'failed: apply-failed' : behind.has(id) ? `blocked by ${broken}` : 'done')
    }),
    { numRuns: 100 },
  )
})

test('the end does not depend on the seed', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(), fc.nat(), fc.boolean(), async (given, left, right, fails) => {
      const { book, table } = build(given.map(shape => ({ ...shape, ...(fails ? { takes: undefined } : {}) })))
      const ends = await Promise.all([left, right].map(async seed => {
        const world = new World()
        if (fails) world.before = (_host, script) => (script.startsWith('set p0@') ? { status: 1 } : undefined)
        const { nodes } = await runIn(world, book, table, { seed })
        return { cells: new Map([...world.cells].map(([host, cells]) => [host, new Map(cells)])), ends: Object.fromEntries(Object.entries(nodes).map(([id, end]) => [id, end.split(' by ')[0]])) }
      }))
      expect(ends[0]).toEqual(ends[1])
    }),
    { numRuns: 60 },
  )
})

test('a rolling has at most its batch of hosts in it, each of which goes through all its plays before its place is given on', async () => {
  const some = fc.record({ hosts: fc.subarray(HOSTS, { minLength: 1 }), plays: fc.integer({ min: 1, max: 3 }), batch: fc.integer({ min: 1, max: 3 }), way, between: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(some, fc.nat(), fc.infiniteStream(fc.nat()), async (given, seed, stream) => {
      const { a } = groups('a')
      const where = given.way === 'play on hub' ? { on: 'hub' } : {}
      const rolled = Array.from({ length: given.plays }, (_, index) => play(role(`p${index}`, { tasks: tasksOf(`p${index}`, given.way) }), { hosts: a, ...where }))
      const other = (name: string): Play => play(role(name, { tasks: tasksOf(name, 'itself') }), { hosts: a })
      const book = playbook('r', [...(given.between ? [other('q')] : []), rolling({ hosts: a, batch: given.batch }, rolled), other('r')])
      const hostOf = (id: string): string => id.split('@')[1]!
      let order: readonly string[] = []
      const look = ({ held, done }: Step): void => {
        const inside = new Set([...held, ...done].filter(id => id.startsWith('p')).map(hostOf).filter(host => !rolled.every(({ name }) => done.has(`${name}@${host}`))))
        expect(inside.size).toBeLessThanOrEqual(given.batch)
        order = [...done]
      }
      await stepwise(book, { a: given.hosts, hubs: ['hub', ...HOSTS] }, { seed, pick: choice(stream), look })
      for (const host of given.hosts) {
        const own = order.filter(id => hostOf(id) === host && id.startsWith('p'))
        expect(own).toEqual(rolled.map(({ name }) => `${name}@${host}`).slice(0, own.length))
      }
    }),
    { numRuns: 60 },
  )
})
