import { describe, expect, test } from 'vitest'
import { assert, block, fact, flush, groups, handler, include, Members, optional, output, play, playbook, role, sh, stage, z, type Item, type Role } from '../../engine/index.ts'
import { everything, type Selection } from '../../engine/plan/select.ts'
import { runIn, type RigOptions } from '../support/rig.ts'
import { action, cell, World } from '../support/world.ts'

const { a } = groups('a')
const set = (name: string, is = '1') => cell({ name, is })
const level = fact({ name: 'level', query: sh`get level`, parse: text => text, lifetime: 'volatile' })
const reload = handler('reload', action({ name: 'reload' }))
const Word = output('word', (seed): string => seed)

const web = role('web', { tags: ['http'], vars: { port: z.int().default(80), name: z.string() }, tasks: ({ vars, host }) => [set('conf', `${vars.name}:${vars.port}@${host.name}`), cell({ name: 'x', is: '1' }, { notify: [reload] })] })
const seeing = role('seeing', { facts: { level }, tasks: ({ facts }) => [set('saw', facts.level)] })

async function run(items: () => readonly Item[], options: RigOptions = {}, world = new World()) {
  const result = await runIn(world, playbook('p', [play(role('r', { tasks: items }), { hosts: a })]), { a: ['h'] }, options)
  return { ...result, wrote: world.log.map(line => line.slice(2).replace(/=1$|=ran$/, '')).join(' '), end: result.nodes['r@h'] ?? '', world }
}

describe('an included role', () => {
  test('has its tasks in place, made from the given variables and its defaults; its handlers run with the others', async () => {
    expect((await run(() => [set('before'), include(web, { vars: { name: 'shop' } }), set('after')])).wrote).toBe('before conf=shop:80@h x after reload')
    expect((await run(() => [include(web, { vars: { name: 'shop', port: 8080 } })])).wrote).toBe('conf=shop:8080@h x reload')
  })
  test('costs no round trip of its own where it needs no facts', async () => {
    const world = new World()
    const items = () => [set('v'), include(web, { vars: { name: 'shop' } }), block({ tasks: [include(role('in', { tasks: () => [set('w')] }))] })]
    await run(items, {}, world)
    world.frames = 0
    await run(items, {}, world)
    expect(world.frames).toBe(1)
  })
  test('gathers its facts where it stands', async () => {
    expect((await run(() => [set('level', '7'), include(seeing), set('end')])).wrote).toBe('level=7 saw=7 end')
  })
  test('may be included twice, with other variables', async () => {
    const note = role('note', { vars: { of: z.string() }, tasks: ({ vars }) => [set(vars.of)] })
    expect((await run(() => ['x', 'y'].map(of => include(note, { vars: { of } })))).wrote).toBe('x y')
  })
  test('may include another', async () => {
    const outer = role('outer', { vars: { name: z.string() }, tasks: ({ vars }) => [include(web, { vars }), set('outer')] })
    expect((await run(() => [include(outer, { vars: { name: 'shop' } })])).wrote).toBe('conf=shop:80@h x outer reload')
  })
  test('takes its inputs as values', async () => {
    const taking = role('taking', { inputs: { word: Word, peers: Members, more: optional(Word) }, neededWhen: { more: () => true }, tasks: ({ inputs }) => [set('heard', `${inputs.word}${inputs.peers.length}${inputs.more ?? '-'}`)] })
    expect((await run(() => [include(taking, { inputs: { word: 'hi', peers: [] } })])).wrote).toBe('heard=hi0-')
    expect((await run(() => [include(taking, { inputs: { word: 'hi', peers: [], more: 'ho' } })])).wrote).toBe('heard=hi0ho')
  })
  test('is left out by its own skip, with the reason', async () => {
    const choosy = role('choosy', { facts: { level }, skip: ({ facts }) => (facts.level === '' ? 'no level' : undefined), tasks: () => [set('x')] })
    const result = await run(() => [include(choosy), set('end')])
    expect(result.wrote).toBe('end')
    expect(result.tasks).toEqual(['r@h: include choosy → skipped', 'r@h: cell end → changed'])
    expect((await run(() => [include(choosy)], { mode: 'check' })).tasks).toEqual(['r@h: include choosy → skipped'])
  })
  test('is judged with the assertions of its segment, and rescued with its block', async () => {
    const refusing = role('refusing', { tasks: () => [set('x'), assert({ name: 'room', that: false, message: 'none', remedy: '' })] })
    expect((await run(() => [set('w'), include(refusing)])).wrote).toBe('')
    expect((await run(() => [block({ tasks: [include(refusing)], rescue: [include(web, { vars: { name: 'r' } })] })])).wrote).toBe('conf=r:80@h x reload')
  })
  test('can be flushed for', async () => {
    expect((await run(() => [include(web, { vars: { name: 'n' } }), flush(), set('end')])).wrote).toBe('conf=n:80@h x reload end')
  })

  test.each<[string, Partial<Selection>, string]>([
    ['its name', { tags: ['web'] }, 'conf x reload'],
    ['one of its tags', { tags: ['http'] }, 'conf x reload'],
    ['a tag of the block around it', { tags: ['front'] }, 'conf x reload'],
    ['the play', { tags: ['r'] }, 'own conf x reload'],
    ['what is tagged', { tags: ['tagged'] }, 'conf x reload'],
    ['all but its name', { skipTags: ['web'] }, 'own'],
    ['a task of it to start at', { startAt: { play: 'r', task: 'cell x' } }, 'x reload'],
  ])('is selected by %s', async (_what, selection, wrote) => {
    const result = await run(() => [set('own'), block({ tasks: [include(web, { vars: { name: 'n' } })] }, { tags: ['front'] })], { selection: { ...everything, ...selection } })
    expect(result.wrote.replace('=n:80@h', '')).toBe(wrote)
  })
  test('without tags of its own does not make its tasks tagged', async () => {
    expect((await run(() => [include(role('plain', { tasks: () => [set('x')] }))], { selection: { ...everything, tags: ['untagged'] } })).wrote).toBe('x')
  })

  test('is listed with its tasks and their tags, from where a run is to start', async () => {
    const listed = async (selection: Partial<Selection>) => (await run(() => [set('own'), include(web, { vars: { name: 'n' } }), include(seeing)], { mode: 'check', listing: true, selection: { ...everything, ...selection } })).events.flatMap(event => (event.type === 'task-listed' ? [`${event.title} [${event.tags.join()}]`] : []))
    expect(await listed({})).toEqual(['cell own []', 'cell conf [web,http]', 'cell x [web,http]', '… []'])
    expect(await listed({ startAt: { play: 'r', task: 'cell x' } })).toEqual(['cell x [web,http]', '… []'])
  })
})

describe('an included role in check mode', () => {
  test('is known where what it is made from is', async () => {
    const result = await run(() => [set('before'), include(web, { vars: { name: 'n' } })], { mode: 'check' })
    expect(result.tasks).toEqual(['r@h: cell before → would-change', 'r@h: cell conf → would-change', 'r@h: cell x → would-change'])
    expect(result.wrote).toBe('')
  })
  test('is unknown from where its facts are behind a change', async () => {
    const result = await run(() => [set('level', '7'), include(seeing), set('end')], { mode: 'check' })
    expect(result).toMatchObject({ tasks: ['r@h: cell level → would-change'], end: 'unknown: waits for level, after r: cell level' })
  })
  test('with a variable that is imagined has exactly the tasks unknown that use it', async () => {
    const giving = play(role('giving', { outputs: { word: Word }, tasks: () => [set('said')], produce: { word: ({ on }) => on.query(sh`get said`) } }), { hosts: a })
    const outer = play(role('outer', { inputs: { word: Word }, tasks: ({ inputs }) => [include(web, { vars: { name: inputs.word } })] }), { hosts: a, with: { word: giving.outputs.word.first } })
    const result = await runIn(new World(), playbook('p', [giving, outer]), { a: ['h'] }, { mode: 'check' })
    expect(result.tasks.slice(1)).toEqual(['outer@h: cell conf → unknown', 'outer@h: cell x → would-change'])
  })
})

// What the compiler refuses as well, and what it cannot see.
describe('an include that is wrong fails its node with its own line', () => {
  const untyped = (of: Role | typeof web, given: object): Item => Reflect.apply(include, undefined, [of, given])
  const taking = role('taking', { inputs: { word: Word }, tasks: () => [] })
  const giving = role('giving', { outputs: { word: Word }, produce: { word: () => 'w' } })
  const inner: Role = role('inner', { tasks: () => [untyped(middle, {})] })
  const middle: Role = role('middle', { tasks: () => [untyped(inner, {})] })
  test.each<[string, () => Item, string, string]>([
    ['a variable that is missing', () => untyped(web, {}), 'role web is included without its variable `name`', 'add it to `vars`: an included role does not read the inventory'],
    ['a variable of another type', () => untyped(web, { vars: { name: 5 } }), 'variable `name` of role web: Invalid input: expected string, received number', 'correct it in `vars`'],
    ['a variable that the role does not have', () => untyped(web, { vars: { name: 'n', prot: 1 } }), 'role web has no variable `prot`', 'its variables are: port, name'],
    ['an input that is missing', () => untyped(taking, {}), 'role taking is included without its input `word`', 'add its value to `inputs`'],
    ['an input that the role does not have', () => untyped(taking, { inputs: { word: 'w', wrod: 'w' } }), 'role taking has no input `wrod`', 'its inputs are: word'],
    ['a role that only gives outputs', () => include(giving), 'role giving has no tasks, it only gives outputs, and an included role hands nothing on', 'give it a play of its own, and bind its outputs'],
    ['a role that includes itself', () => untyped(middle, {}), 'role middle includes itself: r → middle → inner → middle', 'loops are TypeScript: give the role a list'],
  ])('%s', async (_what, item, message, remedy) => {
    for (const mode of ['run', 'check'] as const) {
      const { failures, wrote, end } = await run(() => [set('w'), item()], { mode })
      expect({ wrote, end, told: failures.map(({ failure, origin }) => [failure.message, failure.remedy, origin.file.split('/').at(-1), origin.line > 0]) }).toEqual({ wrote: '', end: 'failed: wrong-include', told: [[message, remedy, 'include.test.ts', true]] })
    }
  })
  test('behind a stage too', async () => {
    expect((await run(() => [stage({ facts: { level } }, () => [untyped(web, {})])])).end).toBe('failed: wrong-include')
  })
})
