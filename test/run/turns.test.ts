import { describe, expect, test } from 'vitest'
import { assert, groups, play, playbook, role, rolling, type Batch, type Play } from '../../engine/index.ts'
import { formatDiagnostic } from '../../engine/model/diagnostic.ts'
import { plan } from '../../engine/plan/build.ts'
import { everything } from '../../engine/plan/select.ts'
import { hostsAtATime } from '../../engine/plan/turns.ts'
import { directory, runIn, type RigOptions } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

const { a } = groups('a')
const hosts = { a: ['h1', 'h2', 'h3', 'h4'] }
const writing = (name: string) => role(name, { tasks: () => [cell({ name, is: '1' }), cell({ name: `${name}-end`, is: '1' })] })
const after = play(writing('after'), { hosts: a })

type Trouble = Readonly<Record<string, 'down' | 'refuses' | 'fails-first' | 'fails-later'>>

/** Runs plays on four hosts, some of which have a trouble in play `x`; gives how each node of `x` and of the play after it ended. */
async function run(x: Parameters<typeof playbook>[1], trouble: Trouble, options: RigOptions = {}) {
  const world = new World()
  for (const [host, what] of Object.entries(trouble)) if (what === 'down') world.down.set(host, { type: 'connect-failure', reason: 'unreachable', message: 'no route', remedy: '' })
  world.before = (host, script) => (script === 'set x 1' && trouble[host] === 'fails-first') || (script === 'set x-end 1' && trouble[host] === 'fails-later') ? { status: 1 } : undefined
  const result = await runIn(world, playbook('p', [...x, after]), hosts, options)
  const short = (node: string) => (result.nodes[node] ?? '-').replace(/:.*|^blocked by .*@/g, '')
  return { ...result, world, x: hosts.a.map(host => short(`x@${host}`)).join(' '), after: hosts.a.map(host => short(`after@${host}`)).join(' '), warnings: result.events.flatMap(event => (event.type === 'warning' ? [event.host] : [])) }
}
const refusing = (trouble: Trouble) => role('x', { tasks: ({ host }) => [assert({ name: 'fit', that: trouble[host.name] !== 'refuses', message: 'not fit', remedy: '' }), cell({ name: 'x', is: '1' }), cell({ name: 'x-end', is: '1' })] })

interface Row {
  readonly options: { readonly serial?: Batch; readonly anyErrorsFatal?: boolean; readonly maxFailPercentage?: number }
  readonly trouble: Trouble
  readonly x: string
  readonly after: string
  readonly warnings?: readonly string[]
}
/** order/turns.ts and order/failures.ts hold what ansible-core has too; here are warnings, and assertions that fail before anything is changed. */
const rows: readonly Row[] = [
  { options: { serial: 1 }, trouble: { h2: 'refuses' }, x: 'done failed done done', after: 'done h2 done done', warnings: ['h2'] },
  { options: { serial: 1 }, trouble: { h1: 'down' }, x: 'unreachable done done done', after: 'h1 done done done', warnings: ['h1'] },
  { options: { serial: 1, anyErrorsFatal: true }, trouble: { h2: 'refuses' }, x: 'done failed h2 h2', after: 'h2 h2 h2 h2' },
  { options: { serial: 1, maxFailPercentage: 100 }, trouble: { h1: 'fails-later', h2: 'fails-later', h3: 'fails-later' }, x: 'failed failed failed done', after: 'h1 h2 h3 done' },
]

describe('failures in a play', () => {
  test.each(rows)('$options with $trouble', async ({ options, trouble, x, after: later, warnings = [] }) => {
    expect(await run([play(refusing(trouble), { hosts: a, ...options })], trouble)).toMatchObject({ x, after: later, warnings })
  })

  test('that are fatal stop the others between two tasks, and nothing is said to have failed that did not', async () => {
    const world = new World()
    const held = Promise.withResolvers<undefined>()
    world.before = (host, script) => (script !== 'set x 1' ? undefined : host === 'h1' ? { status: 1 } : held.promise)
    const result = await runIn(world, playbook('p', [play(writing('x'), { hosts: a, anyErrorsFatal: true })]), hosts, { onEvent: event => void (event.type === 'node-finished' && event.outcome.type === 'failed' && held.resolve(undefined)) })
    expect(result.nodes).toEqual({ 'x@h1': 'failed: apply-failed', 'x@h2': 'blocked by x@h1', 'x@h3': 'blocked by x@h1', 'x@h4': 'blocked by x@h1' })
    expect(world.log).toEqual(['h2 x=1', 'h3 x=1', 'h4 x=1'])
    expect(result.failures).toHaveLength(1)
  })

  test('do not reach hosts that are not in it', async () => {
    const { a: some, b } = groups('a', 'b')
    const world = new World()
    world.before = (_host, script) => (script === 'set x 1' ? { status: 1 } : undefined)
    const result = await runIn(world, playbook('p', [play(writing('x'), { hosts: some, anyErrorsFatal: true }), play(writing('y'), { hosts: b })]), { a: ['h1'], b: ['h2'] })
    expect(result.nodes['y@h2']).toBe('done')
  })
})

test.each<[Batch, number, number]>([[1, 10, 1], [3, 2, 3], ['25%', 4, 1], ['25%', 10, 2], ['30%', 10, 3], ['10%', 3, 1], ['100%', 7, 7]])('a batch of %s of %i hosts is %i at a time', (batch, of, expected) => {
  expect(hostsAtATime(batch, of)).toBe(expected)
})

describe('a rolling', () => {
  const drain = play(writing('drain'), { hosts: a })
  const x = play(writing('x'), { hosts: a })
  const back = play(writing('back'), { hosts: a })
  const order = (world: World) => world.log.map(line => line.replace('=1', '')).filter(line => !line.endsWith('-end')).join(', ')

  test('takes each host through all its plays before the next', async () => {
    const { world } = await run([rolling({ hosts: a, batch: 1 }, [drain, x, back])], {})
    expect(order(world)).toMatch(/^(h1 after, )?h1 drain, h1 x, h1 back, .*h2 drain, (h1 after, )?h2 x/)
    const rolled = order(world).split(', ').filter(line => !line.endsWith('after'))
    expect(rolled).toEqual(hosts.a.flatMap(host => ['drain', 'x', 'back'].map(name => `${host} ${name}`)))
  })

  test('has at most its batch of hosts in it', async () => {
    const inside = new Set<string>()
    let most = 0
    await run([rolling({ hosts: a, batch: '50%' }, [drain, x, back])], {}, {
      onEvent: event => {
        if (event.type === 'node-started' && event.play === 'drain') inside.add(event.host)
        most = Math.max(most, inside.size)
        if (event.type === 'node-finished' && event.play === 'back') inside.delete(event.host)
      },
    })
    expect(most).toBe(2)
  })

  test('stops when more hosts than allowed have failed after they were changed', async () => {
    expect(await run([rolling({ hosts: a, batch: 1 }, [drain, x, back])], { h2: 'fails-first' })).toMatchObject({ x: 'done failed h2 h2', after: 'done h2 h2 h2' })
    expect(await run([rolling({ hosts: a, batch: 1, maxFailures: 1 }, [drain, x, back])], { h1: 'fails-later', h3: 'fails-first' })).toMatchObject({ x: 'failed done failed h3' })
  })

  test('counts a refusal as a failure where an earlier play of it has changed the host', async () => {
    const trouble = { h1: 'refuses' } as const
    expect(await run([rolling({ hosts: a, batch: 1 }, [drain, play(refusing(trouble), { hosts: a }), back])], trouble)).toMatchObject({ x: 'failed h1 h1 h1', warnings: [] })
  })

  test('passes over a host that is down before its first change', async () => {
    expect(await run([rolling({ hosts: a, batch: 1 }, [drain, x, back])], { h1: 'down' })).toMatchObject({ x: 'h1 done done done', warnings: ['h1'] })
  })

  test('rests between one host and the next, not before the first or after the last', async () => {
    let rests = 0
    const result = await run([rolling({ hosts: a, batch: 1, pause: 1000 }, [drain, x, back])], {}, { sleep: async milliseconds => { if (milliseconds === 1000) rests++; else await new Promise(() => undefined) } })
    expect(result.exitCode).toBe(0)
    expect(rests).toBe(3)
  })

  const mistakes = (how: Parameters<typeof rolling>[0], plays: readonly Play[]) => {
    const { diagnostics } = plan({ playbook: playbook('p', [rolling(how, plays)]), directory: directory({ ...hosts, b: ['other'] }), selection: everything })
    return diagnostics.map(found => formatDiagnostic(found).split(': ').slice(2).join(': ').split('\n')[0])
  }
  test('that would wait for itself is refused at load', () => {
    expect(mistakes({ hosts: a, batch: 0 }, [drain])).toEqual(['batch of the rolling of drain is 0'])
    expect(mistakes({ hosts: a, batch: '0%' }, [drain])).toEqual(['batch of the rolling of drain is 0%'])
    expect(mistakes({ hosts: groups('b').b, batch: 1 }, [drain])).toEqual(["play drain is for h1, which is none of its rolling's hosts"])
    expect(mistakes({ hosts: a, batch: 1 }, [play(writing('s'), { hosts: a, serial: 1 })])).toEqual(['play s is serial, and in a rolling'])
    expect(mistakes({ hosts: a, batch: 1 }, [play(writing('i'), { hosts: a, independent: true })])).toEqual(['play i is independent, and in a rolling'])
    expect(mistakes({ hosts: a, batch: 1 }, [drain, play(writing('t'), { hosts: a, after: [drain] })])).toEqual(['play t is after drain, which is in the same rolling'])
  })
})

test('a barrier to a play that is listed later is refused at load', () => {
  const later = play(writing('later'), { hosts: a })
  const { diagnostics } = plan({ playbook: playbook('p', [play(writing('x'), { hosts: a, after: [later] }), later]), directory: directory(hosts), selection: everything })
  expect(diagnostics.map(({ message }) => message)).toEqual(['play x is after play later, which is not listed before it'])
})
