import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assert, block, flush, groups, handler, modifies, play, playbook, resource, role, secret, sh, value, type Item, type ResourceKind, type TaskOptions } from '../../engine/index.ts'
import { example, expectation, isExpectable } from '../../engine/model/expectation.ts'
import type { Payload } from '../../engine/model/session.ts'
import { runIn, type Ran, type RigOptions } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

const { a } = groups('a')

/** A cell of which a host knows by itself whether it is as wished. */
const KIND: ResourceKind<{ name: string; is: string; brings?: number }, string> = {
  kind: 'quick',
  id: spec => spec.name,
  probe: spec => sh`get ${spec.name}`,
  parse: output => output.stdout,
  plan: ({ spec, state }) => (state === spec.is ? [] : [modifies('value', value(state), value(spec.is))]),
  apply: ({ spec: { name, is, brings } }) => ({ command: sh`set ${name} ${is}`, ...(brings === undefined ? {} : { stdin: new Uint8Array(brings) }) }),
}
const quickly = resource({ ...KIND, settled: ({ spec }) => [spec.is] })
/** The same one at a time. */
const slowly = resource(KIND)
const quick = (name: string, is = '1', options: TaskOptions = {}) => quickly({ name, is }, options)

async function run(items: () => readonly Item[], { world = new World(), how = {}, options = {} }: { world?: World; how?: { readonly maxFailPercentage?: number }; options?: RigOptions } = {}): Promise<Ran & { readonly wrote: string; readonly frames: number }> {
  const before = world.frames
  const result = await runIn(world, playbook('p', [play(role('r', { tasks: items }), { hosts: a, ...how })]), { a: ['h'] }, options)
  return { ...result, wrote: world.log.map(line => line.slice(2)).join(' '), frames: world.frames - before }
}
const outcomes = ({ tasks }: Ran): readonly string[] => tasks.map(line => line.replace(/^\S+ \S+ /, ''))

describe('changes that go together', () => {
  test('cost one round trip beside the look, and are told one by one', async () => {
    const all = await run(() => ['a', 'b', 'c', 'd'].map(name => quick(name)))
    expect(all).toMatchObject({ wrote: 'a=1 b=1 c=1 d=1', frames: 2, exitCode: 0 })
    expect(outcomes(all)).toEqual(['a → changed', 'b → changed', 'c → changed', 'd → changed'])
    expect(all.events.flatMap(event => (event.type === 'task-started' || event.type === 'task-finished' ? [event.type] : []))).toEqual(Array.from({ length: 4 }, () => ['task-started', 'task-finished']).flat())
  })

  test('are 48 at most behind the first one', async () => {
    const framesOf = async (length: number): Promise<number> => (await run(() => Array.from({ length }, (_, index) => quick(`c${index}`)))).frames
    expect(await framesOf(49)).toBe(1 + 1)
    expect(await framesOf(50)).toBe(1 + 2)
  })

  test('bring 256 KiB along at most, in scripts and beside them; what lies on disk here goes by itself', async () => {
    const bringing = (stdin: Payload) => {
      const kind = resource({ ...KIND, settled: ({ spec }) => [spec.is], apply: ({ spec }) => ({ command: sh`set ${spec.name} ${spec.is}`, stdin }) })
      return run(() => Array.from({ length: 8 }, (_, index) => kind({ name: `c${index}`, is: '1' })))
    }
    const bytes = new Uint8Array(60 * 1024)
    // The first one goes in any case, four more with it.
    expect((await bringing(bytes)).frames).toBe(1 + 2)
    expect((await bringing(secret`${'x'.repeat(60 * 1024)}`)).frames).toBe(1 + 2)
    expect((await bringing(new Uint8Array(100))).frames).toBe(1 + 1)
    expect((await bringing({ type: 'source-file', path: '/x', size: 100, sha256: 'x' })).frames).toBe(1 + 8)
  })

  test('end with the first one that fails', async () => {
    const world = new World()
    world.before = (_host, script) => (script === 'set b 1' ? { status: 1, stderr: 'no' } : undefined)
    const failed = await run(() => [quick('a'), quick('b'), quick('c')], { world })
    expect(failed).toMatchObject({ wrote: 'a=1', nodes: { 'r@h': 'failed: apply-failed' } })
    expect(outcomes(failed)).toEqual(['a → changed', 'b → failed'])
  })

  test('end with the first one that does not last, before the next is begun', async () => {
    const world = new World()
    world.before = (host, script) => (script === 'set b 1' ? (world.host(host).set('b', 'something else'), {}) : undefined)
    const failed = await run(() => [quick('a'), quick('b'), quick('c')], { world })
    expect(failed).toMatchObject({ wrote: 'a=1', nodes: { 'r@h': 'failed: did-not-converge' } })
    expect(outcomes(failed)).toEqual(['a → changed', 'b → failed'])
  })

  test('go on after a failure that is forgiven', async () => {
    const world = new World()
    world.before = (_host, script) => (script === 'set b 1' ? { status: 1, stderr: 'no' } : undefined)
    const all = await run(() => [quick('a'), quick('b', '1', { ignoreErrors: 'it may' }), quick('c'), quick('d')], { world })
    expect(all).toMatchObject({ wrote: 'a=1 c=1 d=1', exitCode: 0 })
    expect(outcomes(all)).toEqual(['a → changed', 'b → failed', 'c → changed', 'd → changed'])
  })

  test('are planned anew where one before them turns what was found', async () => {
    const world = new World()
    world.before = (host, script) => { if (script === 'set a 1') world.host(host).set('c', '1'); return undefined }
    const all = await run(() => [quick('a'), quick('b'), quick('c'), quick('d')], { world })
    expect(all).toMatchObject({ wrote: 'a=1 b=1 d=1', exitCode: 0 })
    expect(outcomes(all)).toEqual(['a → changed', 'b → changed', 'c → ok', 'd → changed'])
  })

  test('do not pass by one that was as wanted and is not any more', async () => {
    const world = new World()
    world.host('h').set('b', '1')
    world.before = (host, script) => { if (script === 'set a 1') world.host(host).set('b', 'spoilt'); return undefined }
    const all = await run(() => [quick('a'), quick('b'), quick('c')], { world })
    expect(all).toMatchObject({ wrote: 'a=1 b=1 c=1', exitCode: 0 })
  })

  test('may be edits of one file: each is planned from what the one before it makes', async () => {
    const world = new World()
    world.host('h').set('f', 'a-')
    const edit = resource<{ add: string }, string>({
      kind: 'edit',
      id: spec => spec.add,
      probe: () => sh`get f`,
      parse: output => output.stdout,
      plan: ({ spec, state }) => (state.includes(spec.add) ? [] : [modifies('value', value(state), value(state + spec.add))]),
      effects: () => [{ type: 'path', path: '/f', part: 'line' }],
      apply: ({ spec, state }) => sh`set f ${state + spec.add}`,
      settled: ({ spec, state }) => [state + spec.add],
    })
    const items = () => [edit({ add: 'b-' }), edit({ add: 'c-' }), edit({ add: 'b-' }), quick('x'), edit({ add: 'd-' })]
    const all = await run(items, { world })
    expect(all).toMatchObject({ wrote: 'f=a-b- f=a-b-c- x=1 f=a-b-c-d-', frames: 2 })
    expect(outcomes(all)).toEqual(['b- → changed', 'c- → changed', 'b- → ok', 'x → changed', 'd- → changed'])
    // Somebody else edits meanwhile: planned anew, and nothing is lost.
    const other = new World()
    other.host('h').set('f', 'a-')
    other.before = (host, script) => { if (script === 'set x 1') other.host(host).set('f', `${other.host(host).get('f')}theirs-`); return undefined }
    expect((await run(items, { world: other })).wrote).toBe('f=a-b- f=a-b-c- x=1 f=a-b-c-theirs-d-')
  })

  test('mark their handlers right before they are made', async () => {
    const world = new World()
    const reload = handler('reload', cell({ name: 'reloaded', is: '1' }))
    world.before = (host, script) => (script === 'set c 1' ? { status: 1, stderr: `pending: ${[...world.host(host).keys()].filter(key => key.startsWith('pending/')).length}` } : undefined)
    const failed = await run(() => [quick('a'), quick('b', '1', { notify: [reload] }), quick('c')], { world })
    expect(failed.failures.map(({ failure }) => failure.message)).toEqual(['quick c exited 1: pending: 1'])
    world.before = () => undefined
    expect((await run(() => [quick('a'), quick('b', '1', { notify: [reload] }), quick('c')], { world })).wrote).toBe('a=1 b=1 c=1 reloaded=1')
  })

  test('are told even if Ctrl-C came meanwhile, and nothing else begins', async () => {
    const world = new World()
    const stop = new AbortController()
    world.before = (_host, script) => { if (script === 'set a 1') stop.abort(); return undefined }
    const ended = await run(() => [quick('a'), quick('b'), cell({ name: 'c', is: '1' })], { world, options: { finishing: stop.signal } })
    expect(ended).toMatchObject({ wrote: 'a=1 b=1', nodes: { 'r@h': 'failed: interrupted' } })
    expect(outcomes(ended)).toEqual(['a → changed', 'b → changed'])
  })

  test('never run ahead of a flush, a block, an assertion in it, or a question', async () => {
    const reload = handler('reload', cell({ name: 'reloaded', is: '1' }))
    expect((await run(() => [quick('a', '1', { notify: [reload] }), flush(), quick('b')])).wrote).toBe('a=1 reloaded=1 b=1')
    const refused = assert({ name: 'no', that: false, message: 'no', remedy: 'none' })
    expect((await run(() => [quick('a'), block({ tasks: [quick('b'), refused] })])).wrote).toBe('a=1')
    const asked: string[] = []
    const step = await run(() => [quick('a'), quick('b'), quick('c')], { options: { confirm: async ({ title }) => (asked.push(title), title !== 'quick b') } })
    expect(step.wrote).toBe('a=1 c=1')
    expect(asked).toEqual(['quick a', 'quick b', 'quick c'])
  })

  test('go one by one where failures of other hosts stop the play, or with tries, a deadline or a place of their own', async () => {
    const three = (options: TaskOptions) => () => ['a', 'b', 'c'].map(name => quick(name, '1', options))
    expect((await run(three({}), { how: { maxFailPercentage: 50 } })).frames).toBe(1 + 3)
    expect((await run(three({ retries: 1 }))).frames).toBe(1 + 3)
    expect((await run(three({ timeout: 1000 }))).frames).toBeGreaterThan(1 + 3)
    expect((await run(() => [quick('a'), quick('b', '1', { become: 'someone' }), quick('c')])).frames).toBeGreaterThan(3)
  })
})

test('what runs, in which order, and what is told, is the same as with a round trip for each', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd')
  const steps = fc.array(fc.record({ name, is: fc.constantFrom('1', '2'), brings: fc.constantFrom(undefined, 10, 100 * 1024), fails: fc.boolean(), forgiven: fc.boolean(), in: fc.constantFrom('list', 'list', 'list', 'block') }), { minLength: 1, maxLength: 10 })
  /** What writing a cell does to another one. */
  const spoils = fc.array(fc.tuple(name, name), { maxLength: 2 })
  const before = fc.array(fc.tuple(name, fc.constantFrom('1', '2')), { maxLength: 4 })
  await fc.assert(fc.asyncProperty(steps, spoils, before, async (given, spoiling, there) => {
    const told = async (kind: typeof quickly) => {
      const world = new World()
      for (const [cellName, is] of there) world.host('h').set(cellName, is)
      const failing = new Set(given.flatMap((step, index) => (step.fails && index % 3 === 2 ? [`set ${step.name} ${step.is}`] : [])))
      world.before = (host, script) => {
        if (failing.has(script)) return { status: 1, stderr: 'no' }
        for (const [by, of] of spoiling) if (script.startsWith(`set ${by} `)) world.host(host).set(of, 'spoilt')
        return undefined
      }
      const items = () => given.map((step, index): Item => {
        const task = kind({ name: step.name, is: step.is, ...(step.brings === undefined ? {} : { brings: step.brings }) }, { name: `t${index}`, ...(step.forgiven ? { ignoreErrors: 'it may' } : {}) })
        return step.in === 'block' ? block({ tasks: [task], always: [kind({ name: 'last', is: String(index) }, { name: `l${index}` })] }) : task
      })
      const { tasks, nodes, wrote, exitCode } = await run(items, { world })
      return { tasks, nodes, wrote, exitCode }
    }
    expect(await told(quickly)).toEqual(await told(slowly))
  }), { numRuns: 150 })
})

describe('an expectation', () => {
  test('is text with gaps', () => {
    expect(expectation(['a ', undefined, ' b', '\n'])).toEqual(['a ', ' b\n'])
    expect(expectation([undefined, 'x'])).toEqual(['', 'x'])
    expect(example(expectation(['a ', undefined, ' b\n']))).toBe('a 0 b\n')
  })

  test('that a shell could not compare is none', () => {
    expect(isExpectable(['a'.repeat(4097)])).toBe(false)
    expect(isExpectable(['a\0'])).toBe(false)
    expect(isExpectable(['\uFFFD'])).toBe(false)
  })

  test('is only given where what it describes is what is wanted', () => {
    const lying = resource({ ...KIND, settled: () => ['something else'] })({ name: 'a', is: '1' })
    const source = (): never => { throw new Error('none') }
    expect(lying.assess({ status: 0, stdout: '', stderr: '' }, source).settled()).toBeUndefined()
    expect(quick('a').assess({ status: 0, stdout: '', stderr: '' }, source).settled()).toEqual(['1'])
  })
})
