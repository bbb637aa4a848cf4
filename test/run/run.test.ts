import { describe, expect, test } from 'vitest'
import { assert, fact, groups, handler, flush, minted, modifies, optional, output, play, playbook, resource, role, secret, sh, stage, value, z } from '../../engine/index.ts'
import { runIn } from '../support/rig.ts'
import { action, cell, World } from '../support/world.ts'

const { a, b } = groups('a', 'b')
const hosts = { a: ['a1', 'a2'], b: ['b1'] }
const reload = handler('reload it', action({ name: 'reload' }))
const simple = role('simple', { tasks: () => [cell({ name: 'x', is: '1' }, { notify: [reload] }), cell({ name: 'y', is: '2' })] })

describe('a run', () => {
  test('applies what differs, verifies it, and finds nothing to do the second time', async () => {
    const world = new World()
    const book = playbook('p', [play(simple, { hosts: a })])
    const first = await runIn(world, book, hosts)
    expect(first.tasks.filter(line => line.includes('a1'))).toEqual(['simple@a1: cell x → changed', 'simple@a1: cell y → changed', 'simple@a1: action reload → changed'])
    expect(first.exitCode).toBe(0)
    world.log.length = 0
    const second = await runIn(world, book, hosts)
    expect(world.log).toEqual([])
    expect(second.hosts.map(({ changed, ok }) => ({ changed, ok }))).toEqual([{ changed: 0, ok: 2 }, { changed: 0, ok: 2 }])
  })

  test('costs one frame for a role without changes and one more for each change', async () => {
    const world = new World()
    const book = playbook('p', [play(role('five', { tasks: () => ['v', 'w', 'x', 'y', 'z'].map(name => cell({ name, is: '1' })) }), { hosts: b })])
    world.host('b1').set('v', '1').set('x', '1').set('z', '1')
    await runIn(world, book, hosts)
    expect(world.frames).toBe(3)
    world.frames = 0
    await runIn(world, book, hosts)
    expect(world.frames).toBe(1)
  })

  test('sees what an earlier task of the same node changed behind a later one', async () => {
    const world = new World()
    world.host('b1').set('y', '2')
    // Writing x spoils y: the batch at the start said that y was fine.
    world.before = (host, script) => {
      if (script === 'set x 1') world.host(host).set('y', 'spoiled')
      return undefined
    }
    const result = await runIn(world, playbook('p', [play(simple, { hosts: b })]), hosts)
    expect(result.tasks.slice(0, 2)).toEqual(['simple@b1: cell x → changed', 'simple@b1: cell y → changed'])
    expect(world.host('b1').get('y')).toBe('2')
  })

  test('calls a task that does not stay as applied a failure, not a change', async () => {
    const world = new World()
    world.before = (_host, script) => (script === 'set x 1' ? {} : undefined)
    const result = await runIn(world, playbook('p', [play(simple, { hosts: b })]), hosts)
    expect(result.failures.map(({ failure }) => failure.reason)).toEqual(['did-not-converge'])
    expect(result.exitCode).toBe(1)
  })

  test('isolates a failing host: its own later plays are blocked, its siblings go on', async () => {
    const world = new World()
    world.before = (host, script) => (host === 'a1' && script === 'set x 1' ? { status: 5, stderr: 'no' } : undefined)
    const later = role('later', { tasks: () => [cell({ name: 'z', is: '1' })] })
    const result = await runIn(world, playbook('p', [play(simple, { hosts: a }), play(later, { hosts: a })]), hosts)
    expect(result.nodes).toEqual({ 'simple@a1': 'failed: apply-failed', 'simple@a2': 'done', 'later@a1': 'blocked by simple@a1', 'later@a2': 'done' })
    expect(result.failures).toHaveLength(1)
  })

  test('keeps unreachable apart from failed', async () => {
    const world = new World()
    world.down.set('a1', { type: 'connect-failure', reason: 'unreachable', message: 'no route', remedy: 'plug it in' })
    const result = await runIn(world, playbook('p', [play(simple, { hosts: a })]), hosts)
    expect(result.nodes).toEqual({ 'simple@a1': 'unreachable: unreachable', 'simple@a2': 'done' })
    expect(result.exitCode).toBe(4)
  })

  test('runs nothing of a role whose assertion does not hold', async () => {
    const world = new World()
    const refusing = role('refusing', { tasks: () => [cell({ name: 'x', is: '1' }), assert({ name: 'memory', that: false, message: '1 GB', remedy: 'buy more' })] })
    const result = await runIn(world, playbook('p', [play(refusing, { hosts: b })]), hosts)
    expect(result.nodes).toEqual({ 'refusing@b1': 'failed: refused' })
    expect(world.log).toEqual([])
  })
})

describe('handlers', () => {
  test('run once at the end of the node, and not when nothing changed', async () => {
    const world = new World()
    const twice = role('twice', { tasks: () => [cell({ name: 'x', is: '1' }, { notify: [reload] }), cell({ name: 'y', is: '1' }, { notify: [reload] })] })
    await runIn(world, playbook('p', [play(twice, { hosts: b })]), hosts)
    expect(world.log).toEqual(['b1 x=1', 'b1 y=1', 'b1 reload=ran'])
    await runIn(world, playbook('p', [play(twice, { hosts: b })]), hosts)
    expect(world.log).toHaveLength(3)
  })

  test('run at a flush when one is due', async () => {
    const world = new World()
    const flushing = role('flushing', { tasks: () => [cell({ name: 'x', is: '1' }, { notify: [reload] }), flush(), cell({ name: 'y', is: '1' })] })
    await runIn(world, playbook('p', [play(flushing, { hosts: b })]), hosts)
    expect(world.log).toEqual(['b1 x=1', 'b1 reload=ran', 'b1 y=1'])
  })

  test('that a crash left due run the next time, although their task is already ok', async () => {
    const world = new World()
    const book = playbook('p', [play(simple, { hosts: b })])
    world.before = (_host, script) => { if (script === 'set y 2') throw new Error('power cut'); return undefined }
    await runIn(world, book, hosts)
    expect([...world.host('b1').keys()]).toContain('pending/reload-it@action-reload')
    world.before = () => undefined
    world.log.length = 0
    const again = await runIn(world, book, hosts)
    expect(world.log).toEqual(['b1 y=2', 'b1 reload=ran'])
    expect(again.events.filter(event => event.type === 'handler-pending')).toHaveLength(1)
    expect([...world.host('b1').keys()]).not.toContain('pending/reload-it@action-reload')
  })
})

describe('stages', () => {
  const level = fact({ name: 'level', query: sh`get x`, parse: text => text, lifetime: 'volatile' })
  const staged = role('staged', { tasks: () => [cell({ name: 'x', is: '7' }), stage({ facts: { level } }, ({ facts }) => [cell({ name: 'copy', is: facts.level })])] })
  test('gather their facts after the tasks before them', async () => {
    const world = new World()
    await runIn(world, playbook('p', [play(staged, { hosts: b })]), hosts)
    expect(world.log).toEqual(['b1 x=7', 'b1 copy=7'])
  })
  test('are unknown in check mode while a change before them is pending, and known afterwards', async () => {
    const world = new World()
    const book = playbook('p', [play(staged, { hosts: b })])
    const checked = await runIn(world, book, hosts, { mode: 'check' })
    expect(checked.tasks).toEqual(['staged@b1: cell x → would-change'])
    expect(checked.nodes).toEqual({ 'staged@b1': 'unknown: waits for level, after staged: cell x' })
    expect(checked.exitCode).toBe(3)
    expect(world.log).toEqual([])
    await runIn(world, book, hosts)
    const after = await runIn(world, book, hosts, { mode: 'check' })
    expect(after.tasks).toEqual(['staged@b1: cell x → ok', 'staged@b1: cell copy → ok'])
    expect(after.exitCode).toBe(0)
  })
})

const Word = output('word', seed => `imagined-${seed}`)
const Token = minted('token', seed => secret`${seed}`)
const speaker = role('speaker', {
  vars: { say: z.string() },
  outputs: { word: Word, token: Token },
  tasks: ({ vars }) => [cell({ name: 'said', is: vars.say })],
  produce: {
    word: ({ on }) => on.query(sh`get said`),
    token: { mint: async ({ on }) => { await on.run(sh`set token t0`); return secret`t0` }, revoke: async ({ on }) => { await on.run(sh`set token revoked`) } },
  },
})
describe('serial plays', () => {
  test('run one host at a time in inventory order and stop after a failure', async () => {
    const world = new World()
    const book = playbook('p', [play(simple, { hosts: a, serial: 1 })])
    await runIn(world, book, hosts)
    expect(world.log.map(line => line.split(' ')[0])).toEqual(['a1', 'a1', 'a1', 'a2', 'a2', 'a2'])
    const broken = new World()
    broken.before = (_host, script) => (script === 'set y 2' ? { status: 1 } : undefined)
    expect((await runIn(broken, book, hosts)).nodes).toEqual({ 'simple@a1': 'failed: apply-failed', 'simple@a2': 'blocked by simple@a1' })
  })
})

test('check mode says of a change that a program would judge first that it was not judged', async () => {
  const judged = resource<{ name: string }, string>({ kind: 'judged', id: spec => spec.name, validates: () => true, probe: spec => sh`get ${spec.name}`, parse: output => output.stdout, plan: ({ state }) => (state === '1' ? [] : [modifies('value', value(state), value(1))]), apply: ({ spec }) => sh`set ${spec.name} 1` })
  const result = await runIn(new World(), playbook('p', [play(role('judging', { tasks: () => [judged({ name: 'x' }), cell({ name: 'y', is: '1' })] }), { hosts: b })]), hosts, { mode: 'check' })
  const outcomes = result.events.flatMap(event => (event.type === 'task-finished' && event.outcome.type === 'would-change' ? [event.outcome.validated] : []))
  expect(outcomes).toEqual([false, undefined])
})

describe('a decision on something unknown', () => {
  const named = role('named', { tasks: () => [cell({ name: 'x', is: '1' })], outputs: { word: Word }, produce: { word: ({ on }) => on.query(sh`get x`) } })
  const from = play(named, { hosts: a })
  test('to leave a host out is unknown, also where every imagined value says the same', async () => {
    const world = new World()
    const chosen = role('chosen', { inputs: { word: Word }, skip: ({ inputs, host }) => (inputs.word === host.name ? undefined : 'not elected'), tasks: () => [cell({ name: 'y', is: '1' })] })
    const result = await runIn(world, playbook('p', [from, play(chosen, { hosts: b, with: { word: from.outputs.word.first } })]), hosts, { mode: 'check' })
    expect(result.nodes['chosen@b1']).toBe('unknown: whether it runs waits for named on a1 (word)')
    expect(result.exitCode).toBe(3)
  })
  test('to ask for an optional input shows nothing as certain that is made from it', async () => {
    const world = new World()
    const asking = role('asking', { inputs: { word: Word, token: optional(Token) }, neededWhen: { token: ({ inputs }) => inputs.word === 'exactly this' }, tasks: ({ inputs }) => (inputs.token ? [cell({ name: 'joined', is: 'yes' })] : []) })
    const source = play(speaker, { hosts: a, vars: { say: 'hello' } })
    const result = await runIn(world, playbook('p', [source, play(asking, { hosts: b, with: { word: source.outputs.word.first, token: source.outputs.token.first } })]), hosts, { mode: 'check' })
    expect(result.nodes['asking@b1']).toMatch(/^unknown: waits for /)
  })
})

test('an interrupted run ends with 130, starts no further task, and does not call what it left undone a failure of its own', async () => {
  const world = new World()
  const stop = new AbortController()
  world.before = (_host, script) => { if (script === 'set x 1') stop.abort(); return undefined }
  const result = await runIn(world, playbook('p', [play(simple, { hosts: b })]), hosts, { finishing: stop.signal })
  expect(result.exitCode).toBe(130)
  expect(result.nodes).toEqual({ 'simple@b1': 'failed: interrupted' })
  expect(world.log).toEqual(['b1 x=1'])
})
