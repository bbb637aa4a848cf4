import { describe, expect, test } from 'vitest'
import { flush, groups, handler, include, on, play, playbook, role, stage, fact, sh, topic, type Handler, type Item } from '../../engine/index.ts'
import { runIn, type RigOptions } from '../support/rig.ts'
import { action, cell, World } from '../support/world.ts'

const { a } = groups('a')
const changed = topic('certificates changed')
const other = topic('keys changed')
const set = (name: string, ...notify: readonly (Handler | typeof changed)[]) => cell({ name, is: '1' }, { notify })
const note = (name: string, ...listen: readonly (typeof changed)[]) => handler(name, action({ name }), { listen })

async function run(items: () => readonly Item[], handlers: readonly Handler[], options: RigOptions = {}, world = new World()) {
  const result = await runIn(world, playbook('p', [play(role('r', { tasks: items, handlers }), { hosts: a })]), { a: ['h'] }, options)
  return { ...result, wrote: world.log.map(line => line.slice(2).replace(/=1|=ran/, '')).join(' '), end: result.nodes['r@h'] ?? '', world }
}

interface Row {
  readonly title: string
  readonly items: () => readonly Item[]
  readonly handlers: readonly Handler[]
  readonly wrote: string
}
const [web, mail] = [note('web', changed), note('mail', changed, other)]
const rows: readonly Row[] = [
  { title: 'runs every handler that listens, in the order the role lists them', items: () => [set('x', changed)], handlers: [mail, web], wrote: 'x mail web' },
  { title: 'runs none that listens to something else', items: () => [set('x', other)], handlers: [web, mail], wrote: 'x mail' },
  { title: 'and a name of one handler run it once', items: () => [set('x', changed), set('y', web)], handlers: [web], wrote: 'x y web' },
  { title: 'notified twice runs a handler once', items: () => [set('x', changed), set('y', changed), set('z', other)], handlers: [web, mail], wrote: 'x y z web mail' },
  { title: 'of the same name is the same topic', items: () => [set('x', topic('certificates changed'))], handlers: [web], wrote: 'x web' },
  { title: 'is heard at a flush, and again after it', items: () => [set('x', changed), flush(), set('y', changed)], handlers: [web], wrote: 'x web y web' },
  { title: 'is not heard when nothing changed', items: () => [cell({ name: 'absent', is: '' }, { notify: [changed] })], handlers: [web], wrote: '' },
  { title: 'is notified by a handler, which others defined later hear in the same pass', items: () => [set('x', web)], handlers: [handler('first', action({ name: 'first' })), { ...web, task: { ...web.task, options: { notify: [other] } } }, mail], wrote: 'x web mail' },
  { title: 'is heard by handlers that are not listed but notified by value and listen', items: () => [set('x', web), set('y', changed)], handlers: [], wrote: 'x y web' },
]
describe('a topic', () => {
  test.each(rows)('$title', async ({ items, handlers, wrote }) => {
    expect((await run(items, handlers)).wrote).toBe(wrote)
  })

  test.each(['run', 'check'] as const)('that nobody listens to is refused before anything is changed, mode %s', async mode => {
    const result = await run(() => [set('w'), set('x', changed)], [], { mode })
    expect(result).toMatchObject({ wrote: '', end: 'failed: refused' })
    expect(result.failures.map(({ failure, task, origin }) => [failure.message, task, origin.file.split('/').at(-1)])).toEqual([['it notifies `certificates changed`, and no handler that is known here listens to that', 'cell x', 'topics.test.ts']])
  })

  test('that is only a text is refused', async () => {
    const untyped = Reflect.apply(cell, undefined, [{ name: 'x', is: '1' }, { notify: ['web'] }])
    const { failures, wrote } = await run(() => [untyped], [web])
    expect({ wrote, message: failures[0]?.failure.message }).toEqual({ wrote: '', message: 'it notifies the text "web"' })
  })

  test('left due by a crash is run for by the next run', async () => {
    const world = new World()
    world.before = (_host, script) => { if (script === 'set y 1') throw new Error('power cut'); return undefined }
    const items = () => [set('x', changed), set('y')]
    await run(items, [web, mail], {}, world)
    world.before = () => undefined
    world.log.length = 0
    const checked = await run(items, [web, mail], { mode: 'check' }, world)
    expect(checked.events.flatMap(event => (event.type === 'handler-pending' ? [event.handler] : []))).toEqual(['web', 'mail'])
    expect((await run(items, [web, mail], {}, world)).wrote).toBe('y web mail')
    expect((await run(items, [web, mail], {}, world)).wrote).toBe('y web mail')
    expect([...world.host('h').keys()].filter(key => key.startsWith('pending'))).toEqual([])
  })
})

describe('handlers', () => {
  test('that a role lists are found due although no task notifies them any more', async () => {
    const world = new World()
    world.host('h').set('pending/web@action-web', '')
    expect((await run(() => [], [web], {}, world)).wrote).toBe('web')
  })
  test('of one name for different things are two', async () => {
    const [one, two] = ['one', 'two'].map(name => handler('restart', action({ name })))
    expect((await run(() => [set('x', one!), set('y', two!)], [])).wrote).toBe('x y one two')
  })
  test('of one name that want different things of the same thing are refused', async () => {
    const [up, down] = ['up', 'down'].map(is => handler('restart', cell({ name: 'it', is })))
    const result = await run(() => [set('x', up!), set('y', down!)], [])
    expect(result.failures.map(({ failure }) => failure.message)).toEqual(['two handlers are called `restart` and want different things of cell it'])
    expect(result.wrote).toBe('')
  })
  test('that ran at a flush do not run again for what a stage finds', async () => {
    const world = new World()
    world.host('h').set('pending/web@action-web', '')
    const level = fact({ name: 'level', query: sh`get x`, parse: text => text, lifetime: 'volatile' })
    expect((await run(() => [flush(), stage({ facts: { level } }, () => [set('x')])], [web], {}, world)).wrote).toBe('web x')
  })
  test('of two nodes on one host that are at work together run once for what both had changed before', async () => {
    const world = new World()
    const shared = note('shared')
    const one = play(role('one', { tasks: () => [set('x', shared), set('end')] }), { hosts: a, independent: true })
    const two = play(role('two', { tasks: () => [set('y', shared), set('end2')] }), { hosts: a, independent: true })
    const result = await runIn(world, playbook('p', [one, two]), { a: ['h'] })
    expect(world.log.toSorted()).toEqual(['h end2=1', 'h end=1', 'h shared=ran', 'h x=1', 'h y=1'])
    expect(result.tasks.filter(line => line.includes('shared')).map(line => line.split(' → ')[1] ?? '').toSorted()).toEqual(['changed', 'skipped'])
  })
  test('of an included role are known, and run once where the including role notifies the same', async () => {
    const inner = role('inner', { tasks: () => [set('x', changed)], handlers: [web] })
    const world = new World()
    await runIn(world, playbook('p', [play(role('outer', { tasks: () => [include(inner), set('y', web), set('z', changed)] }), { hosts: a })]), { a: ['h'] })
    expect(world.log.map(line => line.slice(2, 5))).toEqual(['x=1', 'y=1', 'z=1', 'web'])
  })
  test('run on the host where the task that notified them was executed, once on each', async () => {
    const world = new World()
    await runIn(world, playbook('p', [play(role('r', { tasks: () => [set('x', changed), on('lb', [set('y', changed)])], handlers: [web] }), { hosts: a })]), { a: ['h'], b: ['lb'] })
    expect(world.log).toEqual(['h x=1', 'lb y=1', 'h web=ran', 'lb web=ran'])
    expect([...world.host('lb').keys(), ...world.host('h').keys()].filter(key => key.startsWith('pending'))).toEqual([])
  })
})
