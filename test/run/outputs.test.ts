import { describe, expect, test } from 'vitest'
import { byHost, fact, groups, Members, minted, optional, output, play, playbook, role, secret, sh, z } from '../../engine/index.ts'
import { runIn } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

const { a, b } = groups('a', 'b')
const hosts = { a: ['a1', 'a2'], b: ['b1'] }

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
const listener = role('listener', { inputs: { word: Word }, tasks: ({ inputs }) => [cell({ name: 'heard', is: inputs.word }), cell({ name: 'other', is: '1' })] })
const joined = fact({ name: 'joined', query: sh`get joined`, parse: text => text === 'yes', lifetime: 'volatile' })
const joiner = role('joiner', {
  facts: { joined },
  inputs: { token: optional(Token) },
  neededWhen: { token: ({ facts }) => !facts.joined },
  tasks: ({ inputs }) => (inputs.token ? [cell({ name: 'joined', is: 'yes' })] : []),
})

describe('outputs', () => {
  const source = play(speaker, { hosts: a, vars: { say: 'hello' } })
  test('order a consumer after the node that gives them', async () => {
    const world = new World()
    for (const seed of [1, 2, 3, 4, 5]) {
      world.cells.clear()
      const result = await runIn(world, playbook('p', [source, play(listener, { hosts: b, with: { word: source.outputs.word.first } })]), hosts, { seed })
      expect(result.nodes['listener@b1']).toBe('done')
      expect(world.host('b1').get('heard')).toBe('hello')
    }
  })
  test('are made with the members of groups in sight, and with no other input', async () => {
    const world = new World()
    const counter = role('counter', { inputs: { others: Members, word: Word }, outputs: { word: Word }, produce: { word: ({ inputs, host }) => `${host.name}-${inputs.others.map(({ name }) => name).join('+')}-${Object.keys(inputs).join('+')}` } })
    const counted = play(counter, { hosts: b, with: { others: a.members, word: source.outputs.word.first } })
    await runIn(world, playbook('p', [source, counted, play(listener, { hosts: b, with: { word: counted.outputs.word.first } })]), hosts)
    expect(world.host('b1').get('heard')).toBe('b1-a1+a2-others')
  })
  test('that are minted are made only if somebody asks, once, and revoked after the last consumer', async () => {
    const world = new World()
    const book = playbook('p', [source, play(joiner, { hosts: b, with: { token: source.outputs.token.first } })])
    const first = await runIn(world, book, hosts)
    expect(world.log.filter(line => /token|joined/.test(line))).toEqual(['a1 token=t0', 'b1 joined=yes', 'a1 token=revoked'])
    expect(first.events.filter(event => event.type === 'output-revoked')).toHaveLength(1)
    world.log.length = 0
    await runIn(world, book, hosts)
    expect(world.log).toEqual([])
  })
  test('that are minted are revoked also when the consumer fails', async () => {
    const world = new World()
    world.before = (_host, script) => (script === 'set joined yes' ? { status: 1 } : undefined)
    await runIn(world, playbook('p', [source, play(joiner, { hosts: b, with: { token: source.outputs.token.first } })]), hosts)
    expect(world.log.at(-1)).toBe('a1 token=revoked')
  })
  test('are never minted in check mode', async () => {
    const world = new World()
    const result = await runIn(world, playbook('p', [source, play(joiner, { hosts: b, with: { token: source.outputs.token.first } })]), hosts, { mode: 'check' })
    expect(world.log).toEqual([])
    expect(result.tasks).toContain('joiner@b1: cell joined → would-change')
  })
  test('behind a pending change make exactly the tasks unknown that use them', async () => {
    const world = new World()
    const result = await runIn(world, playbook('p', [source, play(listener, { hosts: b, with: { word: source.outputs.word.first } })]), hosts, { mode: 'check' })
    expect(result.tasks.filter(line => line.startsWith('listener'))).toEqual(['listener@b1: cell heard → unknown', 'listener@b1: cell other → would-change'])
  })
  test('of hosts that disagree are an error that names two of them', async () => {
    const world = new World()
    const odd = role('odd', { outputs: { word: Word }, tasks: () => [], produce: { word: ({ host }) => host.name } })
    const from = play(odd, { hosts: a })
    const result = await runIn(world, playbook('p', [from, play(listener, { hosts: b, with: { word: from.outputs.word.agreed } })]), hosts)
    expect(result.failures.map(({ failure }) => failure.message)).toEqual(['the hosts of odd do not agree on word: a1 and a2 give different values'])
  })
  test('by host need every host; reachable ones are content with those that answer', async () => {
    const world = new World()
    world.down.set('a2', { type: 'connect-failure', reason: 'unreachable', message: 'gone', remedy: 'wait' })
    const told = role('told', { facts: { joined }, outputs: { word: Word }, produce: { word: ({ host }) => host.name } })
    const counting = role('counting', { inputs: { words: byHost(Word) }, tasks: ({ inputs }) => [cell({ name: 'who', is: [...inputs.words.keys()].join() })] })
    const from = play(told, { hosts: a })
    const strict = await runIn(world, playbook('p', [from, play(counting, { hosts: b, with: { words: from.outputs.word.byHost } })]), hosts)
    expect(strict.nodes).toEqual({ 'counting@b1': 'blocked by told@a2' })
    expect(strict.failures.map(({ host, failure }) => [host, failure.message])).toEqual([['a2', 'gone']])
    expect(strict.exitCode).toBe(4)
    await runIn(world, playbook('p', [from, play(counting, { hosts: b, with: { words: from.outputs.word.reachable } })]), hosts)
    expect(world.host('b1').get('who')).toBe('a1')
  })
})

describe('an output that cannot be had', () => {
  const broken = role('broken', { outputs: { word: Word }, produce: { word: ({ on }) => on.query(sh`cat nothing`) } })
  const from = play(broken, { hosts: b })
  const many = { a: ['a1', 'a2', 'a3'], b: ['b1'] }
  test('is told once, of the host that did not give it, however many wait for it', async () => {
    const { nodes, failures, events, hosts: rows, exitCode } = await runIn(new World(), playbook('p', [from, play(listener, { hosts: a, with: { word: from.outputs.word.first } })]), many)
    expect(nodes).toEqual({ 'listener@a1': 'blocked by broken@b1', 'listener@a2': 'blocked by broken@b1', 'listener@a3': 'blocked by broken@b1' })
    expect(failures.map(({ host, failure }) => [host, failure.reason, failure.message])).toEqual([['b1', 'output-failed', 'output word of broken@b1 could not be made: cat nothing exited 127: cat nothing: not found']])
    expect(events.filter(event => event.type === 'output-failed')).toHaveLength(1)
    expect(rows.map(({ host, failed, blocked }) => [host, failed, blocked])).toEqual([['a1', 0, 1], ['a2', 0, 1], ['a3', 0, 1], ['b1', 1, 0]])
    expect(exitCode).toBe(1)
  })
  test('is not told where nobody needs it', async () => {
    const counting = role('counting', { inputs: { words: byHost(Word) }, tasks: ({ inputs }) => [cell({ name: 'who', is: `${inputs.words.size}` })] })
    const { failures, exitCode } = await runIn(new World(), playbook('p', [from, play(counting, { hosts: a, with: { words: from.outputs.word.reachable } })]), many)
    expect({ failures, exitCode }).toEqual({ failures: [], exitCode: 0 })
  })
})
