import { describe, expect, test } from 'vitest'
import { assert, block, fact, groups, play, playbook, role, sh, stage, type Item } from '../../engine/index.ts'
import type { Selection } from '../../engine/plan/select.ts'
import { everything } from '../../engine/plan/select.ts'
import { runIn, type RigOptions } from '../support/rig.ts'
import { action, cell, World } from '../support/world.ts'

const { a } = groups('a')
const set = (name: string) => cell({ name, is: '1' })
const bad = (name = 'bad') => cell({ name, is: '1' })

/** Runs items on one host where writing a cell whose name begins with `bad` fails: what was written, in order, and how the node ended. */
async function run(items: () => readonly Item[], options: RigOptions = {}, world = new World()) {
  const before = world.before
  world.before = (host, script) => (script.startsWith('set bad') ? { status: 1, stderr: 'no' } : before(host, script))
  const result = await runIn(world, playbook('p', [play(role('r', { tasks: items }), { hosts: a })]), { a: ['h'] }, options)
  return { ...result, wrote: world.log.map(line => line.slice(2).replace('=1', '').replace('=ran', '')).join(' '), end: result.nodes['r@h'] ?? '', world }
}

describe('a block', () => {
  test('with nothing in it is nothing', async () => {
    expect(await run(() => [block({ tasks: [] }), set('y')])).toMatchObject({ wrote: 'y', end: 'done' })
  })

  test('tells the failure as rescued, and a failed rescue with its cause', async () => {
    const rescued = await run(() => [block({ tasks: [bad()], rescue: [set('r')] }, { name: 'swap' })])
    expect(rescued.events.flatMap(event => (event.type === 'task-finished' && event.outcome.type === 'failed' ? [event.outcome.ignored] : []))).toEqual(['rescued by swap'])
    expect(rescued.events.flatMap(event => (event.type === 'block-rescued' ? [`${event.block}: ${event.failed.task}`] : []))).toEqual(['swap: cell bad'])
    expect(rescued.exitCode).toBe(0)
    const failed = await run(() => [block({ tasks: [bad()], rescue: [bad('bad2')] })])
    expect(failed.failures.map(({ failure }) => failure.message)).toEqual(['cell bad2 exited 1: no\nit was to rescue from: cell bad exited 1: no'])
  })

  test('that has nothing to do costs no round trip of its own', async () => {
    const world = new World()
    const items = () => [set('v'), block({ tasks: [set('w'), block({ tasks: [set('x')] })], rescue: [set('r')], always: [set('y')] }), set('z')]
    await run(items, {}, world)
    world.frames = 0
    await run(items, {}, world)
    expect(world.frames).toBe(1)
  })

  test('rescues nothing on a host that is gone', async () => {
    const world = new World()
    world.before = (_host, script) => { if (script === 'set x 1') throw new Error('cable'); return undefined }
    expect(await run(() => [block({ tasks: [set('x')], rescue: [set('r')], always: [set('z')] })], {}, world)).toMatchObject({ wrote: '', end: 'unreachable: connection-lost' })
  })

  test('does not rescue a refused destruction', async () => {
    const wipe = { ...action({ name: 'wipe' }), assess: () => ({ changes: [{ effect: 'destroys' as const, attribute: 'data', from: { type: 'absent' as const }, to: { type: 'absent' as const }, permitted: false, because: 'it is full' }], turnedBy: () => false, settled: () => undefined, apply: () => ({ command: sh`set wiped 1` }) }) }
    expect(await run(() => [block({ tasks: [wipe], rescue: [set('r')] })])).toMatchObject({ wrote: '', end: 'failed: destroy-refused' })
  })

  test('runs always after Ctrl-C, but neither rescue nor what follows', async () => {
    const world = new World()
    const stop = new AbortController()
    world.before = (_host, script) => { if (script === 'set x 1') stop.abort(); return undefined }
    expect(await run(() => [block({ tasks: [set('x'), set('w')], rescue: [set('r')], always: [set('z')] }), set('y')], { finishing: stop.signal }, world)).toMatchObject({ wrote: 'x z', end: 'failed: interrupted' })
  })

  test('may hold a stage: what follows the block is looked at with it', async () => {
    const world = new World()
    const level = fact({ name: 'level', query: sh`get x`, parse: text => text, lifetime: 'volatile' })
    const items = () => [block({ tasks: [set('x'), stage({ facts: { level } }, ({ facts }) => [cell({ name: 'copy', is: facts.level }), bad()])], rescue: [set('r')] }), set('y')]
    expect(await run(items, {}, world)).toMatchObject({ wrote: 'x copy r y', end: 'done' })
  })

  test('gives its tags to every task in it', async () => {
    const selection: Selection = { ...everything, tags: ['deep'] }
    const items = () => [set('v'), block({ tasks: [set('w'), block({ tasks: [set('x')] })], always: [set('z')] }, { tags: ['deep'] })]
    expect(await run(items, { selection })).toMatchObject({ wrote: 'w x z' })
  })
})

describe('a block in check mode', () => {
  test('tells what its tasks and always would do, and writes nothing', async () => {
    const result = await run(() => [block({ tasks: [set('x')], rescue: [set('r')], always: [set('z')] }), set('y')], { mode: 'check' })
    expect(result.tasks).toEqual(['r@h: cell x → would-change', 'r@h: cell z → would-change', 'r@h: cell y → would-change'])
    expect(result.wrote).toBe('')
  })
  test('follows the rescue of what is known to fail', async () => {
    const result = await run(() => [block({ tasks: [assert({ name: 'room', that: false, message: 'none', remedy: '' }), set('x')], rescue: [set('r')], always: [set('z')] }), set('y')], { mode: 'check' })
    expect(result.tasks).toEqual(['r@h: assert room → failed', 'r@h: cell r → would-change', 'r@h: cell z → would-change', 'r@h: cell y → would-change'])
    expect(result.end).toBe('done')
  })
  test('is unknown from where its facts are', async () => {
    const level = fact({ name: 'level', query: sh`get x`, parse: text => text, lifetime: 'volatile' })
    const result = await run(() => [block({ tasks: [set('x'), stage({ facts: { level } }, ({ facts }) => [cell({ name: 'copy', is: facts.level })])], always: [set('z')] })], { mode: 'check' })
    expect(result).toMatchObject({ tasks: ['r@h: cell x → would-change'], end: 'unknown: waits for level, after r: cell x' })
  })
})
