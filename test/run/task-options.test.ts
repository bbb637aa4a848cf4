import { describe, expect, test } from 'vitest'
import { block, groups, handler, play, playbook, role, secret, type Item, type TaskOptions } from '../../engine/index.ts'
import { listening } from '../support/listening.ts'
import { runIn, type RigOptions } from '../support/rig.ts'
import { action, cell, World } from '../support/world.ts'

const { a } = groups('a')
interface Sent {
  readonly user: string | undefined
  readonly scripts: readonly string[]
  readonly deadline: number | undefined
}

/** Runs items on one host; gives the frames that were sent, by whom, and how long was waited between them. */
async function run(items: () => readonly Item[], options: RigOptions & { readonly become?: RigOptions['become'] } = {}, world = new World()) {
  const sent: Sent[] = []
  const waited: number[] = []
  listening(world, (user, sections, deadline) => sent.push({ user, scripts: sections.map(({ script }) => script).filter(script => !script.startsWith('tsp_lock')), deadline }))
  const result = await runIn(world, playbook('p', [play(role('r', { tasks: items }), { hosts: a })]), { a: ['h'] }, { sleep: async milliseconds => void (milliseconds === 5000 ? await new Promise(() => undefined) : waited.push(milliseconds)), ...options })
  return { ...result, world, sent, waited }
}
/** A world where writing cell `x` fails so many times. */
function failing(times: number): World {
  const world = new World()
  let left = times
  world.before = (_host, script) => (script === 'set x 1' && left-- > 0 ? { status: 1, stderr: 'not yet' } : undefined)
  return world
}
const x = (options: TaskOptions): Item => cell({ name: 'x', is: '1' }, options)

describe('retries', () => {
  test.each<[string, TaskOptions, number, string, readonly number[]]>([
    ['none by default', {}, 1, 'failed: apply-failed', []],
    ['until it works, a second apart', { retries: 3 }, 2, 'done', [1000, 1000]],
    ['not more often than said', { retries: 2, delay: 10 }, 3, 'failed: apply-failed', [10, 10]],
    ['with a delay of its own', { retries: 1, delay: 250 }, 1, 'done', [250]],
    ['further and further apart', { retries: 4, delay: 100, backoff: 2 }, 4, 'done', [100, 200, 400, 800]],
  ])('%s', async (_title, options, times, end, waits) => {
    const { nodes, waited } = await run(() => [x(options)], {}, failing(times))
    expect({ end: nodes['r@h'], waited }).toEqual({ end, waited: waits })
  })
  test('look first, and do not do again what was done meanwhile', async () => {
    const world = failing(1)
    const { nodes } = await run(() => [x({ retries: 1 })], { sleep: async milliseconds => void (milliseconds === 1000 ? world.host('h').set('x', '1') : await new Promise(() => undefined)) }, world)
    expect(nodes).toEqual({ 'r@h': 'done' })
    expect(world.log).toEqual([])
  })
  test('end with Ctrl-C', async () => {
    const stop = new AbortController()
    const world = failing(9)
    const { nodes, sent } = await run(() => [x({ retries: 9 })], { finishing: stop.signal, sleep: async milliseconds => void (milliseconds === 1000 ? stop.abort() : await new Promise(() => undefined)) }, world)
    expect(nodes['r@h']).toBe('failed: apply-failed')
    expect(sent.filter(({ scripts }) => scripts.includes('set x 1'))).toHaveLength(1)
  })
})

describe('a timeout', () => {
  test('is that of the task alone: its probes have a frame of their own', async () => {
    const { sent, nodes } = await run(() => [x({ timeout: 1500 }), cell({ name: 'y', is: '1' })])
    expect(nodes).toEqual({ 'r@h': 'done' })
    expect(sent.filter(frame => frame.scripts.includes('set x 1'))).toEqual([{ user: undefined, scripts: ['set x 1'], deadline: 1500 }])
    expect(sent.filter(frame => frame.scripts.includes('set y 1')).map(({ scripts }) => scripts)).toEqual([['set y 1', 'get y']])
  })
  test('that is over fails the task, with what it said until then, and can be rescued from', async () => {
    const world = new World()
    world.before = (_host, script) => (script === 'set x 1' ? 'hangs' : undefined)
    const result = await run(() => [block({ tasks: [x({ timeout: 1500 })], rescue: [cell({ name: 'r', is: '1' })] })], {}, world)
    expect(result.tasks).toEqual(['r@h: cell x → failed', 'r@h: cell r → changed'])
    expect(result.events.flatMap(event => (event.type === 'task-finished' && event.outcome.type === 'failed' ? [event.outcome.failure.message] : []))).toEqual(['h did not finish within 2 s; the host ended it'])
  })
})

describe('become', () => {
  test.each<[string, TaskOptions, string | undefined]>([
    ['nothing said: what the inventory says', {}, 'ops'],
    ['a user', { become: 'app' }, 'app'],
    ['true: root', { become: true }, 'root'],
    ['false: the login user', { become: false }, undefined],
  ])('of a task, %s', async (_title, options, user) => {
    const { sent } = await run(() => [x(options)], { become: () => 'ops' })
    expect(sent.map(frame => [frame.scripts[0], frame.user])).toEqual([['get x', user], ['set x 1', user]])
  })
  test('of one task costs a frame for the other user, and leaves the rest together', async () => {
    const items = () => [cell({ name: 'v', is: '1' }), x({ become: 'app' }), cell({ name: 'w', is: '1' })]
    const world = new World()
    await run(items, {}, world)
    const { sent } = await run(items, {}, world)
    expect(sent.map(({ user, scripts }) => [user, scripts.join(' ')])).toEqual([[undefined, 'get v get w'], ['app', 'get x']])
  })
})

describe('a user without a folder of its own', () => {
  const items = () => [x({ become: 'nobody' }), cell({ name: 'y', is: '1' }, { become: 'nobody' })]
  test('is guarded by the lock of the node, also where only such a user works', async () => {
    const { nodes, sent, world } = await run(items)
    expect(nodes).toEqual({ 'r@h': 'done' })
    expect(sent.map(({ user, scripts }) => [user ?? '-', scripts.join(' ')])).toEqual([['nobody', 'get x get y'], ['-', ''], ['nobody', 'get x get y'], ['nobody', 'set x 1 get x get y'], ['nobody', 'set y 1 get y']])
    world.locks.set('h', 'somebody else')
    expect((await run(items, {}, world)).nodes).toEqual({ 'r@h': 'failed: locked' })
  })
})

describe('an environment', () => {
  test('may hold a secret: it reaches probe, task and handler in their frames, and is told to the redactor first', async () => {
    const redacted: string[] = []
    const environment = { TOKEN: secret`s3cr3t'x`, PLAIN: 'p' }
    const note = handler('note', action({ name: 'note' }, { environment: { KEY: secret`k3y` } }))
    const { sent } = await run(() => [cell({ name: 'x', is: '1' }, { environment, notify: [note] })], {
      redact: secrets => redacted.push(...secrets),
      onEvent: event => { if (event.type === 'frame' && event.purpose === 'probe') expect(redacted).toContain("s3cr3t'x") },
    })
    const scripts = sent.flatMap(frame => frame.scripts)
    expect(scripts.filter(script => script.includes('TOKEN'))).toEqual(expect.arrayContaining(["export TOKEN='s3cr3t'\\''x'\nexport PLAIN=p\nget x"]))
    expect(scripts.some(script => script.startsWith('export KEY=k3y\n'))).toBe(true)
    expect(redacted).toContain('k3y')
  })
})
