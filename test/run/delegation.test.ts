import { describe, expect, test } from 'vitest'
import { block, controller, fact, flush, groups, handler, include, on, output, play, playbook, role, sh, stage, z, type Item, type Play } from '../../engine/index.ts'
import { formatDiagnostic } from '../../engine/model/diagnostic.ts'
import { plan } from '../../engine/plan/build.ts'
import { dot } from '../../engine/plan/dot.ts'
import { listing, mermaid } from '../../engine/plan/explain.ts'
import { explainNode } from '../../engine/plan/explain-node.ts'
import { everything } from '../../engine/plan/select.ts'
import { directory, planned, runIn, type RigOptions } from '../support/rig.ts'
import { action, cell, World } from '../support/world.ts'

const { web, lb, pair } = groups('web', 'lb', 'pair')
const hosts = { web: ['w1', 'w2'], lb: ['lb1'], pair: ['lb1', 'w1'] }
const set = (name: string, is = '1') => cell({ name, is })
const level = fact({ name: 'level', query: sh`get level`, parse: text => text, lifetime: 'volatile' })
const Word = output('word', (seed): string => seed)

async function run(plays: Play | readonly Play[], options: RigOptions = {}, world = new World()) {
  const result = await runIn(world, playbook('p', [plays].flat()), hosts, options)
  return { ...result, world, log: world.log.map(line => line.replace(/=1$|=ran$/, '')) }
}
const onWeb = (items: (host: string) => readonly Item[]): Play => play(role('r', { tasks: ({ host }) => items(host.name) }), { hosts: web })
const down = (world: World, host: string) => world.down.set(host, { type: 'connect-failure', reason: 'unreachable', message: 'no route', remedy: 'plug it in' })

describe('a task executed on another host', () => {
  test('is made of this host, done there, and counts here', async () => {
    const result = await run(onWeb(host => [cell({ name: `out-${host}`, is: '1' }, { on: 'lb1' }), set('x')]), { seed: 3 })
    expect(result.log.filter(line => line.startsWith('lb1')).toSorted()).toEqual(['lb1 out-w1', 'lb1 out-w2'])
    expect(result.log.filter(line => line.startsWith('w')).toSorted()).toEqual(['w1 x', 'w2 x'])
    expect(result.hosts.map(({ host, changed }) => [host, changed])).toEqual([['w1', 2], ['w2', 2]])
    const labels = result.events.flatMap(event => (event.type === 'task-finished' && event.host === 'w1' ? [`${event.host} → ${event.task.on ?? event.host}: ${event.task.title}`] : []))
    expect(labels).toEqual(['w1 → lb1: cell out-w1', 'w1 → w1: cell x'])
  })
  test('finds nothing to do the second time, in one frame for each host', async () => {
    const world = new World()
    const book = onWeb(host => [set('x'), cell({ name: `out-${host}`, is: '1' }, { on: 'lb1' }), set('y'), cell({ name: 'shared', is: '1' }, { on: 'lb1' })])
    await run(book, {}, world)
    world.frames = 0
    world.log.length = 0
    await run(book, {}, world)
    expect(world.log).toEqual([])
    expect(world.frames).toBe(4)
  })
  test('is done once where two nodes want the same, whatever they saw before', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const { log, tasks } = await run(onWeb(() => [cell({ name: 'shared', is: '1' }, { on: 'lb1' })]), { seed })
      expect(log).toEqual(['lb1 shared'])
      expect(tasks.map(line => line.split(' → ')[1] ?? '').toSorted()).toEqual(['changed', 'ok'])
    }
  })
  test('is never at work at the same time as another one there, whatever users they run as', async () => {
    const world = new World()
    let inside = 0
    let most = 0
    world.before = async (host, script) => {
      if (host !== 'lb1' || !script.startsWith('set ')) return undefined
      most = Math.max(most, ++inside)
      for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
      inside--
      return undefined
    }
    await run(onWeb(host => [cell({ name: `out-${host}`, is: '1' }, { on: 'lb1', ...(host === 'w1' ? { become: 'app' } : {}) })]), {}, world)
    expect(most).toBe(1)
  })
  test('runs as the user that the inventory says for that host, or the play, or the task', async () => {
    const users: string[] = []
    const world = new World()
    const connect = world.connect
    world.connect = async host => {
      const session = await connect(host)
      return 'type' in session ? session : { ...session, shell: user => (users.push(`${user ?? '-'}@${host}`), session.shell(user)) }
    }
    const items = () => [set('x'), on('lb1', [set('y'), cell({ name: 'z', is: '1' }, { become: 'app' })])]
    const table = { lone: ['w1'], rest: ['lb1'] }
    const book = (options: { become?: boolean }) => runIn(world, playbook('p', [play(role('r', { tasks: items }), { hosts: groups('lone').lone, ...options })]), table, { become: host => (host === 'lb1' ? 'root' : undefined) })
    await book({})
    expect([...new Set(users)].toSorted()).toEqual(['-@w1', 'app@lb1', 'root@lb1'])
    users.length = 0
    world.cells.clear()
    await book({ become: false })
    expect([...new Set(users)].toSorted()).toEqual(['-@lb1', '-@w1', 'app@lb1'])
  })
  test('takes the lock of the host where it is done', async () => {
    const world = new World()
    world.locks.set('lb1', 'somebody else')
    const { failures, log } = await run(onWeb(() => [set('x'), cell({ name: 'y', is: '1' }, { on: 'lb1' })]), {}, world)
    expect(failures.map(({ failure }) => failure.message)).toEqual(['another run is at work on lb1: somebody else', 'another run is at work on lb1: somebody else'])
    expect(log.filter(line => line.startsWith('lb1'))).toEqual([])
  })
  test('runs in a run with a limit, too', async () => {
    const { log } = await run(onWeb(host => [cell({ name: host, is: '1' }, { on: 'lb1' })]), { selection: { ...everything, limit: new Set(['w2']) } })
    expect(log).toEqual(['lb1 w2'])
  })
  test('on the controller needs no host in the inventory, and takes no lock', async () => {
    const { log, world } = await run(onWeb(host => [cell({ name: host, is: '1' }, { on: 'localhost' })]))
    expect(log.toSorted()).toEqual(['localhost w1', 'localhost w2'])
    expect([...world.locks.keys()]).toEqual([])
  })
  test('that waits for another one there when Ctrl-C comes does not begin', async () => {
    const world = new World()
    const stop = new AbortController()
    world.before = async (_host, script) => {
      if (!script.startsWith('set ')) return undefined
      for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve))
      stop.abort()
      return undefined
    }
    const { nodes, log } = await run(onWeb(host => [cell({ name: host, is: '1' }, { on: 'lb1' })]), { finishing: stop.signal }, world)
    expect(log).toHaveLength(1)
    expect(Object.values(nodes).toSorted()).toEqual(['done', 'failed: interrupted'])
  })
  test('is asked about with both hosts', async () => {
    const asked: string[] = []
    await run(onWeb(host => [cell({ name: host, is: '1' }, { on: 'lb1' })]), { confirm: async ({ host }) => (asked.push(host), false) })
    expect(asked.toSorted()).toEqual(['w1 → lb1', 'w2 → lb1'])
  })
  test('keeps its retries', async () => {
    const world = new World()
    let failures = 2
    world.before = (host, script) => (host === 'lb1' && script === 'set y 1' && failures-- > 0 ? { status: 1 } : undefined)
    const { nodes } = await run(play(role('r', { tasks: () => [cell({ name: 'y', is: '1' }, { on: 'lb1', retries: 2 })] }), { hosts: lb }), { sleep: async () => undefined }, world)
    expect(nodes).toEqual({ 'r@lb1': 'done' })
  })
})

describe('a host that is only to help', () => {
  test('and cannot be reached fails the task, not the host it was for, and is named', async () => {
    const world = new World()
    down(world, 'lb1')
    const { nodes, failures, exitCode } = await run(onWeb(() => [set('x'), cell({ name: 'y', is: '1' }, { on: 'lb1' }), set('z')]), {}, world)
    expect(nodes).toEqual({ 'r@w1': 'failed: delegate-unreachable', 'r@w2': 'failed: delegate-unreachable' })
    expect(failures.find(({ host }) => host === 'w1')).toMatchObject({ on: 'lb1', task: 'cell y', failure: { message: 'lb1, where this is executed for w1, cannot be used: no route', remedy: 'plug it in' } })
    expect(exitCode).toBe(1)
    expect([...world.host('w1').keys()]).toEqual(['x'])
  })
  test('and cannot be reached can be rescued from, or forgiven', async () => {
    const world = new World()
    down(world, 'lb1')
    const { log, nodes } = await run(onWeb(host => [host === 'w1' ? block({ tasks: [on('lb1', [set('y')])], rescue: [set('r')] }) : cell({ name: 'y', is: '1' }, { on: 'lb1', ignoreErrors: 'not needed' }), set('z')]), {}, world)
    expect(log.toSorted()).toEqual(['w1 r', 'w1 z', 'w2 z'])
    expect(nodes).toEqual({ 'r@w1': 'done', 'r@w2': 'done' })
  })
  test('is said to be unreachable in check mode too', async () => {
    const world = new World()
    down(world, 'lb1')
    expect((await run(onWeb(() => [cell({ name: 'y', is: '1' }, { on: 'lb1' })]), { mode: 'check' }, world)).nodes['r@w1']).toBe('failed: delegate-unreachable')
  })
  test('and is not in the inventory is a mistake', async () => {
    const { failures, log } = await run(onWeb(() => [set('x'), cell({ name: 'y', is: '1' }, { on: 'lb9' })]))
    expect(failures[0]).toMatchObject({ task: 'cell y', failure: { reason: 'refused', message: 'lb9, where this is to be executed, is not in the inventory' } })
    expect(log.some(line => line.startsWith('lb9'))).toBe(false)
  })
  test('loses its connection in the middle: that is the task, and every later task there', async () => {
    const world = new World()
    world.before = (host, script) => { if (host === 'lb1' && script === 'set y 1') throw new Error('cable'); return undefined }
    const { nodes, failures } = await run(onWeb(() => [cell({ name: 'y', is: '1' }, { on: 'lb1' })]), {}, world)
    expect(Object.values(nodes)).toEqual(['failed: delegate-unreachable', 'failed: delegate-unreachable'])
    expect(failures.every(({ failure }) => failure.message.startsWith('lb1, where this is executed for w'))).toBe(true)
  })
})

describe('on(host, items)', () => {
  test('reaches through blocks, stages and included roles; what an item says itself wins', async () => {
    const inner = role('inner', { facts: { level }, tasks: ({ facts, host, on: where }) => [set('inner', `${facts.level}-${host.name}-${where.name}`)] })
    const world = new World()
    world.host('lb1').set('level', 'far')
    world.host('w1').set('level', 'near')
    const items = () => [on('lb1', [set('a'), block({ tasks: [set('b')] }), stage({ facts: { level } }, ({ facts }) => [set('c', facts.level), cell({ name: 'd', is: '1' }, { on: 'w2' })]), include(inner), on('w2', [set('e')])]), set('f')]
    const { log } = await run(play(role('r', { tasks: items }), { hosts: groups('pair').pair, vars: {} }), { selection: { ...everything, limit: new Set(['w1']) } }, world)
    expect(log).toEqual(['lb1 a', 'lb1 b', 'lb1 c=far', 'w2 d', 'lb1 inner=far-w1-lb1', 'w2 e', 'w1 f'])
  })
  test('runs handlers where the task was executed; one that says where runs there', async () => {
    const here = handler('here', action({ name: 'here' }))
    const there = handler('there', action({ name: 'there' }, { on: 'lb1' }))
    const { log, world } = await run(play(role('r', { tasks: () => [on('w2', [cell({ name: 'x', is: '1' }, { notify: [here] })]), flush(), cell({ name: 'y', is: '1' }, { notify: [here, there] })] }), { hosts: lb }))
    expect(log).toEqual(['w2 x', 'w2 here', 'lb1 y', 'lb1 here', 'lb1 there'])
    expect([...world.cells.values()].flatMap(cells => [...cells.keys()]).filter(key => key.includes('pending'))).toEqual([])
  })
  test('leaves what is due on that host, where the next run finds it', async () => {
    const note = handler('note', action({ name: 'noted' }))
    const book = play(role('r', { tasks: () => [on('w2', [cell({ name: 'x', is: '1' }, { notify: [note] })]), set('y')] }), { hosts: lb })
    const world = new World()
    world.before = (_host, script) => (script === 'set y 1' ? { status: 1 } : undefined)
    await run(book, {}, world)
    expect([...world.host('w2').keys()]).toEqual(['pending/note@action-noted', 'x'])
    world.before = () => undefined
    world.log.length = 0
    expect((await run(book, {}, world)).log).toEqual(['lb1 y', 'w2 noted'])
    expect([...world.host('w2').keys()]).not.toContain('pending/note@action-noted')
  })
})

describe('a play executed on another host', () => {
  const register = role('register', { vars: { weight: z.int().default(5) }, facts: { level }, outputs: { word: Word }, tasks: ({ host, on: where, vars, facts }) => [set(`of-${host.name}`, `${where.name}-${vars.weight}-${facts.level}`)], produce: { word: ({ on: at }) => at.query(sh`get level`) } })
  const registered = play(register, { hosts: web, on: lb, vars: { weight: 7 } })
  const seeded = () => {
    const world = new World()
    world.host('lb1').set('level', 'far')
    return world
  }
  test('has facts and outputs of that host, and variables and name of each of its own', async () => {
    const world = seeded()
    const reading = play(role('reading', { inputs: { word: Word }, tasks: ({ inputs }) => [set('heard', inputs.word)] }), { hosts: lb, with: { word: registered.outputs.word.first } })
    const { log, nodes } = await run([registered, reading], {}, world)
    expect(log.toSorted()).toEqual(['lb1 heard=far', 'lb1 of-w1=w1-7-far', 'lb1 of-w2=w2-7-far'].map(line => line.replace(/=w\d/, '=lb1')).toSorted())
    expect(Object.keys(nodes).toSorted()).toEqual(['reading@lb1', 'register@w1', 'register@w2'])
  })
  test('needs none of its own hosts to be up', async () => {
    const world = seeded()
    down(world, 'w1')
    down(world, 'w2')
    expect((await run(registered, {}, world)).nodes).toEqual({ 'register@w1': 'done', 'register@w2': 'done' })
  })
  test('by name, or on the controller', async () => {
    const { log } = await run([play(role('here', { tasks: ({ host }) => [set(host.name)] }), { hosts: web, on: 'localhost' })])
    expect(log.toSorted()).toEqual(['localhost w1', 'localhost w2'])
  })
  test('is explained', () => {
    expect(explainNode(planned(playbook('p', [registered]), hosts), 'register@w1')).toContain('  executed on lb1, its facts gathered there, with the variables of w1\n')
  })
  test('is drawn and listed with that host', () => {
    const graph = planned(playbook('p', [registered]), hosts)
    expect(mermaid(graph)).toContain('register<br/>w1 w2<br/>on lb1"]')
    expect(dot(graph)).toContain('label="register\\nw1 w2\\non lb1"')
    expect(listing(graph, 'hosts')).toContain('  w1 (on lb1)\n  w2 (on lb1)\n')
  })
  test('on what is not one host is refused at load', () => {
    const mistakes = (where: Parameters<typeof play>[1]['on'] & {}) => plan({ playbook: playbook('p', [play(register, { hosts: web, on: where })]), directory: directory({ ...hosts, none: [] }), selection: everything }).diagnostics.map(found => formatDiagnostic(found).split(': ').slice(2).join(': '))
    expect(mistakes(pair)).toEqual(['play register is executed on 2 hosts: lb1, w1\n  name one of them: `on` is where the tasks of each host are executed'])
    expect(mistakes(groups('none').none)).toEqual(['play register is executed on 0 hosts: none\n  name one of them: `on` is where the tasks of each host are executed'])
    expect(mistakes('lb9')).toEqual(['play register is executed on lb9, which is not in the inventory\n  `on` takes the name of a host, localhost, or a group of one host'])
  })
  test('in check mode makes only that host uncertain', async () => {
    const world = seeded()
    const seeing = (name: string) => role(name, { facts: { level }, tasks: ({ facts }) => [set('saw', facts.level)] })
    const { nodes } = await run([registered, play(seeing('there'), { hosts: lb, after: [registered] }), play(seeing('here'), { hosts: web })], { mode: 'check' }, world)
    expect(nodes).toMatchObject({ 'there@lb1': expect.stringMatching(/^unknown: waits for level, after register: cell of-w[12]$/), 'here@w1': 'done', 'here@w2': 'done' })
  })
})

describe('the controller', () => {
  test('is a host of its own for a play, and a play of one host is run once', async () => {
    const { nodes, log } = await run(play(role('once', { tasks: ({ host }) => [set(host.name)] }), { hosts: controller }))
    expect(nodes).toEqual({ 'once@localhost': 'done' })
    expect(log).toEqual(['localhost localhost'])
  })
})
