import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { formatDiagnostic } from '../../engine/model/diagnostic.ts'
import type { Play } from '../../engine/model/play.ts'
import { groups, output, play, playbook, role, sh, union, z } from '../../engine/index.ts'
import { plan } from '../../engine/plan/build.ts'
import { listing, mermaid } from '../../engine/plan/explain.ts'
import { topologicalOrder, waitsFor } from '../../engine/plan/graph.ts'
import { everything, type Selection } from '../../engine/plan/select.ts'
import { directory, planned } from '../support/rig.ts'
import { cell } from '../support/world.ts'

const { lb, masters, workers } = groups('lb', 'masters', 'workers')
const hosts = { lb: ['l1'], masters: ['m1', 'm2'], workers: ['w1', 'w2'] }
const Word = output('word', (seed): string => seed)
const Other = output('other', (seed): string => seed)
const giving = role('giving', { tags: ['speech'], outputs: { word: Word, other: Other }, tasks: () => [cell({ name: 'x', is: '1' })], produce: { word: () => 'a', other: () => 'b' } })
const looking = role('looking', { outputs: { word: Word }, produce: { word: ({ on }) => on.query(sh`get x`) } })
const taking = role('taking', { inputs: { word: Word }, tasks: () => [cell({ name: 'y', is: '1' })] })
const base = role('base', { vars: { level: z.int().default(3) }, tasks: () => [cell({ name: 'z', is: '1' }, { tags: ['deep'] })] })

const prep = play(base, { hosts: union(masters, workers) })
const give = play(giving, { hosts: masters })
const look = play(looking, { hosts: masters })
const take = play(taking, { hosts: workers, with: { word: give.outputs.word.first } })
const book = playbook('b', [prep, give, look, take])

const shown = (selection: Partial<Selection> = {}) =>
  [...planned(book, hosts, { ...everything, ...selection }).nodes.values()].map(node => `${node.id}${node.mode === 'full' ? '' : ' (outputs only)'} <- ${[...(node.queue === undefined ? [] : [node.queue]), ...node.barriers].join(' ') || '-'}`)

describe('a plan', () => {
  test('takes each host through its plays in playbook order and joins hosts by data only', () => {
    expect(shown()).toEqual([
      'base@m1 <- -', 'base@m2 <- -', 'base@w1 <- -', 'base@w2 <- -',
      'giving@m1 <- base@m1', 'giving@m2 <- base@m2',
      'taking@w1 <- base@w1', 'taking@w2 <- base@w2',
    ])
    expect(planned(book, hosts).nodes.get('taking@w1')?.inputs).toEqual([{ input: 'word', play: 'giving', from: ['giving@m1', 'giving@m2'], optional: false }])
  })
  test('by tags keeps the producers of what is selected as outputs only', () => {
    expect(shown({ tags: ['taking'] })).toEqual(['giving@m1 (outputs only) <- -', 'giving@m2 (outputs only) <- -', 'taking@w1 <- -', 'taking@w2 <- -'])
  })
  test('by limit runs on these hosts and asks the others for what is needed only', () => {
    expect(shown({ limit: new Set(['w2']) })).toEqual([
      'base@m1 (outputs only) <- -', 'base@m2 (outputs only) <- -', 'base@w1 (outputs only) <- -', 'base@w2 <- -',
      'giving@m1 (outputs only) <- -', 'giving@m2 (outputs only) <- -',
      'taking@w1 (outputs only) <- -', 'taking@w2 <- base@w2',
    ])
  })
  test('leaves out what --skip-tags names', () => {
    expect(shown({ skipTags: ['base', 'taking'] })).toEqual(['giving@m1 <- -', 'giving@m2 <- -'])
  })
  test('enters every play for a tag that only tasks can have', () => {
    const graph = planned(book, hosts, { ...everything, tags: ['deep'] })
    expect(graph.taskTags).toEqual({ only: ['deep'], skip: [] })
    expect(graph.plays.map(({ play: { name } }) => name)).toEqual(['base', 'giving', 'taking'])
  })
  test('draws itself as Mermaid and lists itself', () => {
    expect(mermaid(planned(book, hosts))).toMatchInlineSnapshot(`
      "flowchart TD
        p0["base<br/>m1 m2 w1 w2"]
        p1["giving<br/>m1 m2"]
        p2["taking<br/>w1 w2"]
        p1 -->|word| p2
        p0 -.-> p1
        p0 -.-> p2
      "
    `)
    expect(listing(planned(book, hosts, { ...everything, tags: ['taking'] }), 'hosts')).toMatchInlineSnapshot(`
      "playbook: b
      play #1 giving (outputs only)
      play #2 taking
        w1
        w2
      "
    `)
  })
})

describe('a mistake in a playbook is refused at load with its line', () => {
  const mistakes = (plays: readonly Play[], table: Record<string, readonly string[]> = hosts) =>
    plan({ playbook: playbook('x', plays), directory: directory(table), selection: everything }).diagnostics.map(diagnostic => `${diagnostic.file.split('/').at(-1)}:${diagnostic.line > 0 ? 'line' : 'none'} ${formatDiagnostic(diagnostic).split(': ').slice(2).join(': ')}`)
  // What the compiler refuses as well: JavaScript and `tsc`-less editing get here.
  const untyped = (options: object): Play => Reflect.apply(play, undefined, [taking, options])

  test('an input that is not bound', () => {
    expect(mistakes([untyped({ hosts: workers })])).toEqual(['plan.test.ts:line play taking does not bind input `word` of role taking\n  add it to `with`'])
  })
  test('an output of another kind', () => {
    expect(mistakes([give, untyped({ hosts: workers, with: { word: give.outputs.other.first } })])).toEqual(['plan.test.ts:line input `word` of play taking wants word, and gets other'])
  })
  test('the values of all hosts where one is wanted', () => {
    expect(mistakes([give, untyped({ hosts: workers, with: { word: give.outputs.word.byHost } })])).toEqual(['plan.test.ts:line input `word` of play taking wants word, and gets by host word'])
  })
  test('a producer that is listed later or not at all', () => {
    const message = 'plan.test.ts:line play taking takes `word` from play giving, which is not listed before it\n  list the producer earlier in the playbook'
    expect(mistakes([take, give])).toEqual([message])
    expect(mistakes([take])).toEqual([message])
  })
  test('a binding that is no input', () => {
    expect(mistakes([give, untyped({ hosts: workers, with: { word: give.outputs.word.first, wrod: give.outputs.word.first } })])).toEqual(['plan.test.ts:line play taking binds `wrod`, which is no input of role taking\n  its inputs are: word'])
  })
  test('a group that the inventory does not have', () => {
    expect(mistakes([prep], { masters: ['m1'], workers: [] }).length).toBe(0)
    expect(mistakes([give], { workers: ['w1'] })).toEqual(['plan.test.ts:line play giving: no group masters'])
  })
  test('a group that several plays miss is told once', () => {
    expect(mistakes([give, play(giving, { name: 'again', hosts: masters }), play(base, { hosts: masters })], { workers: ['w1'] })).toEqual(['plan.test.ts:line play giving: no group masters'])
  })
  test('two plays of one name', () => {
    expect(mistakes([give, play(giving, { hosts: lb })])).toEqual(['plan.test.ts:line two plays are called giving\n  give one of them a `name`'])
  })
})

test('any playbook of chained plays on any hosts gives an order in which nothing comes before what it waits for', () => {
  const names = fc.uniqueArray(fc.constantFrom('h1', 'h2', 'h3', 'h4', 'h5'), { minLength: 1 })
  fc.assert(
    fc.property(fc.array(fc.record({ on: names, takes: fc.boolean(), independent: fc.boolean() }), { minLength: 1, maxLength: 8 }), shapes => {
      const table = Object.fromEntries(shapes.map((shape, index) => [`g${index}`, shape.on]))
      const named = groups(...Object.keys(table))
      const plays: Play[] = []
      let source: typeof give | undefined
      for (const [index, shape] of shapes.entries()) {
        const group = named[`g${index}`]!
        if (shape.takes && source) plays.push(play(taking, { name: `t${index}`, hosts: group, independent: shape.independent, with: { word: source.outputs.word.first } }))
        else plays.push((source = play(giving, { name: `s${index}`, hosts: group, independent: shape.independent })))
      }
      const graph = planned(playbook('any', plays), table)
      const order = topologicalOrder(graph).map(node => node.id)
      for (const node of graph.nodes.values())
        for (const before of waitsFor(node)) expect(order.indexOf(before)).toBeLessThan(order.indexOf(node.id))
    }),
  )
})
