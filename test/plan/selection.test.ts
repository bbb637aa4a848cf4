import { describe, expect, test } from 'vitest'
import { block, everyone, groups, handler, output, play, playbook, role } from '../../engine/index.ts'
import { dot } from '../../engine/plan/dot.ts'
import { explainNode } from '../../engine/plan/explain-node.ts'
import { plan } from '../../engine/plan/build.ts'
import { everything, type Selection } from '../../engine/plan/select.ts'
import { directory, planned, runIn } from '../support/rig.ts'
import { recorded } from '../run/order/recorded.ts'
import { action, cell, World } from '../support/world.ts'
import { selections } from './selections.ts'

const { web, db } = groups('web', 'db')
const hosts = { web: ['w'], db: ['d'] }
const Word = output('word', (seed): string => seed)
const task = (name: string, ...tags: readonly string[]) => cell({ name, is: '1' }, { tags })

const base = play(role('base', { tasks: () => [task('users'), task('clock', 'slow'), task('wipe', 'never', 'reset'), task('facts', 'always')] }), { hosts: everyone })
const data = play(role('data', { tags: ['storage'], outputs: { word: Word }, tasks: () => [task('schema', 'slow'), task('tune'), block({ tasks: [task('dump', 'never'), task('index')] }, { tags: ['deep'] })], produce: { word: () => 'x' } }), { hosts: db })
const front = role('site', { inputs: { word: Word }, tasks: () => [task('code'), task('cache', 'slow')] })
const site = play(front, { hosts: web, tags: ['front'], with: { word: data.outputs.word.first } })
const purge = play(role('purge', { tasks: () => [task('old')] }), { hosts: db, tags: ['never'] })
const audit = play(role('audit', { tasks: () => [task('log')] }), { hosts: web, tags: ['always'] })
const book = playbook('shop', [base, data, site, purge, audit])

/** What is written where, as `play(task task)`, in playbook order; `<play` was only asked for outputs. */
async function selected(words: string): Promise<string> {
  const result = await runIn(new World(), book, hosts, { selection: selectionOf(words) })
  const plays = planned(book, hosts, selectionOf(words)).plays
  return plays.map(({ play: { name }, full }) => {
    if (full.length === 0) return `<${name}`
    const done = result.events.flatMap(event => (event.type === 'task-finished' && event.play === name && event.outcome.type === 'changed' ? [event.task.id] : []))
    return done.length === 0 ? '' : `${name}(${[...new Set(done)].join(' ')})`
  }).filter(text => text !== '').join(' ')
}

function selectionOf(words: string): Selection {
  const value = (option: string): readonly string[] => new RegExp(`${option} (\\S+)`).exec(words)?.[1]?.split(',') ?? []
  const [start] = value('--start-at')
  const [startPlay = '', ...rest] = (start ?? '').split('/')
  const limit = value('--limit')
  return { tags: value('--tags'), skipTags: value('--skip-tags'), limit: limit.length > 0 ? new Set(limit) : undefined, startAt: start === undefined ? undefined : { play: startPlay, task: rest.join('/').replace('_', ' ') || undefined } }
}

describe('a command line selects', () => {
  test.each(selections)('$words: $selects', async ({ words, selects }) => {
    expect(await selected(words)).toBe(selects)
  })
  test.each(selections.filter(row => !row.ansible || 'selects' in row.ansible))('$words: so it is with ansible-core', ({ words, selects, ansible }) => {
    expect(recorded.selections[words]).toBe(ansible && 'selects' in ansible ? ansible.selects : selects.replaceAll(/<\w+ ?/g, ''))
  })
})

describe('--start-at', () => {
  test('a play that does not exist is refused with those that do', () => {
    const { graph, diagnostics } = plan({ playbook: book, directory: directory(hosts), selection: { ...everything, startAt: { play: 'sight', task: undefined } } })
    expect(graph).toBeUndefined()
    expect(diagnostics.map(({ message, hint }) => [message, hint])).toEqual([['there is no play sight', 'its plays are: base, data, site, purge, audit']])
  })
  test.each(['run', 'check'] as const)('a task that does not exist does nothing and fails, mode %s', async mode => {
    const world = new World()
    const result = await runIn(world, book, hosts, { mode, selection: { ...everything, startAt: { play: 'data', task: 'cell nothing' } } })
    expect(result.nodes).toMatchObject({ 'data@d': 'failed: start-not-found' })
    expect(world.log.filter(line => line.startsWith('d'))).toEqual([])
  })
  test('a task leaves handlers of an earlier run due, and runs them', async () => {
    const note = handler('note', action({ name: 'noted' }))
    const world = new World()
    world.host('d').set('pending/note@action-noted', '')
    const noting = playbook('n', [play(role('noting', { tasks: () => [cell({ name: 'x', is: '1' }, { notify: [note] }), cell({ name: 'y', is: '1' })] }), { hosts: db })])
    await runIn(world, noting, hosts, { selection: { ...everything, startAt: { play: 'noting', task: 'cell y' } } })
    expect(world.log).toEqual(['d y=1', 'd noted=ran'])
  })
})

describe('a plan is explained', () => {
  const explain = (id: string, selection: Selection = everything) => explainNode(planned(book, hosts, selection), id)?.replaceAll(/\S+\/(\S+?):\d+/g, '$1')
  test('by why a node runs, what it waits for and where its inputs come from', () => {
    expect(explain('site@w')).toBe('site@w: role site, selection.test.ts\n  runs: nothing leaves it out\n  after base@w: w goes through its plays one at a time\n  input word: output word of data (first), from data@d\n')
    expect(explain('site@w', { ...everything, tags: ['front'] })).toContain('runs: selected by tag front')
    expect(explain('data@d', { ...everything, tags: ['front'] })).toContain('gives outputs only, changes nothing (it is not selected): site may ask for them')
    expect(explain('base@w', { ...everything, tags: ['slow'] })).toContain('is entered: its tasks may have the tag slow')
    expect(explain('purge@d')).toBeUndefined()
  })
  test('as a picture for Graphviz', () => {
    expect(dot(planned(book, hosts, { ...everything, tags: ['front'] }))).toMatchInlineSnapshot(`
      "digraph "shop" {
        node [shape=box]
        "data" [label="data\\nd", style=dashed]
        "site" [label="site\\nw"]
        "audit" [label="audit\\nw"]
        "data" -> "site" [label="word"]
        "site" -> "audit" [style=dotted]
      }
      "
    `)
  })
})

test('what the nodes of a play wait for is one list, and an inventory is asked for each variable once', () => {
  const many = { web: Array.from({ length: 200 }, (_, index) => `w${index}`), db: ['d'] }
  let asked = 0
  const counting = directory(many)
  const { graph } = plan({ playbook: playbook('big', [data, play(front, { hosts: web, after: [data], with: { word: data.outputs.word.first } })]), directory: { ...counting, vars: (...words) => (asked++, counting.vars(...words)) }, selection: everything })
  const nodes = [...(graph?.nodes.values() ?? [])].filter(node => node.play.name === 'site')
  expect(asked).toBe(201)
  expect(new Set(nodes.map(node => node.barriers)).size).toBe(1)
  expect(new Set(nodes.map(node => node.inputs)).size).toBe(1)
})
