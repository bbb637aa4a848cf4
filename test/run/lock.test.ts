import { describe, expect, test } from 'vitest'
import { controller, groups, output, play, playbook, role } from '../../engine/index.ts'
import { everything } from '../../engine/plan/select.ts'
import { runIn } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

const { a } = groups('a')
const hosts = { a: ['a1', 'a2'] }
const writing = role('writing', { tasks: () => [cell({ name: 'x', is: '1' })] })
const later = role('later', { tasks: () => [cell({ name: 'y', is: '1' })] })
const book = playbook('p', [play(writing, { hosts: a }), play(later, { hosts: a })])

describe('two controllers', () => {
  test('cannot be at work on one host: the second is told who is, and the other hosts go on', async () => {
    const world = new World()
    world.locks.set('a1', 'ada@laptop, process 7, since noon')
    const result = await runIn(world, book, hosts)
    expect(result.nodes).toEqual({ 'writing@a1': 'failed: locked', 'writing@a2': 'done', 'later@a1': 'blocked by writing@a1', 'later@a2': 'done' })
    expect(result.failures.map(({ failure }) => [failure.message, failure.remedy])).toEqual([['another run is at work on a1: ada@laptop, process 7, since noon', 'let that run end; if it must be given up: --force-unlock a1']])
    expect(world.log.filter(line => line.startsWith('a1'))).toEqual([])
    expect(result.exitCode).toBe(1)
  })

  test('that run at the same time share no host: one of them gets each', async () => {
    const world = new World()
    const [one, other] = await Promise.all([runIn(world, book, hosts, { as: 'one' }), runIn(world, book, hosts, { as: 'other' })])
    for (const host of hosts.a) expect(new Set([one, other].map(result => result.nodes[`writing@${host}`]))).toEqual(new Set(['done', 'failed: locked']))
    expect(world.log.toSorted()).toEqual(['a1 x=1', 'a1 y=1', 'a2 x=1', 'a2 y=1'])
    expect(world.locks.size).toBe(0)
  })

  test('are not kept apart by --force-unlock, and it is told from whom the lock was taken', async () => {
    const world = new World()
    world.locks.set('a1', 'ada').set('a2', 'ada')
    const result = await runIn(world, book, hosts, { forceUnlock: ['a1'] })
    expect(result.nodes).toMatchObject({ 'later@a1': 'done', 'writing@a2': 'failed: locked' })
    expect(result.events.flatMap(event => (event.type === 'warning' ? [`${event.host}: ${event.message}`] : []))).toEqual(['a1: the lock was taken by force from ada'])
  })
})

describe('a lock', () => {
  test('costs no frame of its own', async () => {
    const world = new World()
    await runIn(world, book, { a: ['a1'] })
    world.frames = 0
    await runIn(world, book, { a: ['a1'] })
    expect(world.frames).toBe(2)
  })

  test('is given back after a failure and after Ctrl-C', async () => {
    const world = new World()
    world.before = (_host, script) => (script === 'set x 1' ? { status: 1 } : undefined)
    await runIn(world, book, hosts)
    expect(world.locks.size).toBe(0)
    const stop = new AbortController()
    world.before = (_host, script) => { if (script === 'set x 1') stop.abort(); return undefined }
    expect((await runIn(world, book, hosts, { finishing: stop.signal })).nodes['later@a1']).toBe('failed: interrupted')
    expect(world.locks.size).toBe(0)
  })

  test('is neither taken nor asked for by check mode, nor by a node that only gives outputs', async () => {
    const world = new World()
    world.locks.set('a1', 'ada').set('a2', 'ada')
    expect((await runIn(world, book, hosts, { mode: 'check' })).exitCode).toBe(2)
    const Word = output('word', (seed): string => seed)
    const telling = play(role('telling', { outputs: { word: Word }, tasks: () => [], produce: { word: () => 'hi' } }), { hosts: a })
    const { b } = groups('b')
    const hearing = play(role('hearing', { inputs: { word: Word }, tasks: ({ inputs }) => [cell({ name: 'heard', is: inputs.word })] }), { hosts: b, with: { word: telling.outputs.word.first } })
    const result = await runIn(world, playbook('q', [telling, hearing]), { ...hosts, b: ['b1'] }, { selection: { ...everything, tags: ['hearing'] } })
    expect(result.nodes).toEqual({ 'hearing@b1': 'done' })
  })
})

test('the controller itself is not locked: runs for different hosts may meet there', async () => {
  const world = new World()
  world.locks.set('localhost', 'ada')
  const here = playbook('here', [play(writing, { hosts: controller })])
  expect((await runIn(world, here, {})).nodes).toEqual({ 'writing@localhost': 'done' })
})
