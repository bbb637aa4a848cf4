import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../../engine/model/event.ts'
import { folderWith, LOCAL, type Folder } from './support.ts'

/** `data` gives what `site` takes; `look` is read only. Hosts a and b are in `web`, c is in `db`. */
const PLAYBOOK = `import { command, everyone, groups, output, play, playbook, role, sh } from 'ts-play'
const { web, db } = groups('web', 'db')
const Text = output('text', (seed): string => seed)
const task = (name: string, tags: readonly string[] = []) => command({ name, run: sh\`true\` }, { tags })
const base = role('base', { tasks: () => [task('users', ['accounts']), task('clock')] })
const look = role('look', { outputs: { seen: Text }, produce: { seen: ({ host }) => host.name } })
const data = role('data', { tags: ['storage'], outputs: { url: Text }, produce: { url: ({ host }) => 'db://' + host.name }, tasks: () => [task('schema', ['deploy']), task('tune')] })
const site = role('site', { inputs: { url: Text, seen: Text }, tasks: () => [task('code', ['deploy']), task('reload')] })
const first = play(base, { hosts: everyone })
const seen = play(look, { hosts: db })
const store = play(data, { hosts: db })
const front = play(site, { hosts: web, with: { url: store.outputs.url.first, seen: seen.outputs.seen.first }, tags: ['front'] })
export default playbook('shop', [first, seen, store, front])
`
const NOTHING = 'nothing is selected'

let folder: Folder
beforeAll(async () => {
  folder = await folderWith({ 'shop.ts': PLAYBOOK, 'inventory.yaml': LOCAL })
})
afterAll(() => folder?.[Symbol.asyncDispose]())

/** What ran, as `play(task task)@hosts`, and `<play` for plays that were only asked for outputs. */
function ran(stdout: string): string {
  const events = stdout.split('\n').filter(line => line !== '').map((line): Event => JSON.parse(line))
  const started = events.find(event => event.type === 'run-started')
  if (started?.type !== 'run-started') return ''
  const done = events.flatMap(event => (event.type === 'task-finished' && event.outcome.type === 'changed' ? [event] : []))
  return started.plays.map(({ name, mode }) => {
    if (mode === 'outputs-only') return `<${name}`
    const own = done.filter(event => event.play === name)
    const hosts = [...new Set(own.map(event => event.host))].sort()
    const tasks = [...new Set(own.map(event => event.task.id))]
    return own.length === 0 ? '' : `${name}(${tasks.join(' ')})@${hosts.join('')}`
  }).filter(text => text !== '').join(' ')
}

describe('a command line selects', () => {
  test.each([
    ['', 'base(users clock)@abc <look data(schema tune)@c site(code reload)@ab'],
    // A tag of a role, of a play, of tasks; several; all.
    ['--tags base', 'base(users clock)@abc'],
    ['--tags storage', 'data(schema tune)@c'],
    ['--tags front', '<look <data site(code reload)@ab'],
    ['--tags site', '<look <data site(code reload)@ab'],
    ['--tags deploy', '<look data(schema)@c site(code)@ab'],
    ['--tags base,front', 'base(users clock)@abc <look <data site(code reload)@ab'],
    ['-t base -t front', 'base(users clock)@abc <look <data site(code reload)@ab'],
    ['--tags accounts,storage', '<look base(users)@abc data(schema tune)@c'],
    ['--tags all', 'base(users clock)@abc <look data(schema tune)@c site(code reload)@ab'],
    // A read-only play does nothing of its own.
    ['--tags look', NOTHING],
    // What is left out wins over what is asked for.
    ['--skip-tags base', '<look data(schema tune)@c site(code reload)@ab'],
    ['--skip-tags deploy', 'base(users clock)@abc <look data(tune)@c site(reload)@ab'],
    ['--tags site --skip-tags deploy', '<look <data site(reload)@ab'],
    ['--tags storage --skip-tags data', NOTHING],
    // Hosts: a limit narrows what is done, not what is known.
    ['-l web', 'base(users clock)@ab <look <data site(code reload)@ab'],
    ['-l db', 'base(users clock)@c data(schema tune)@c'],
    ['-l web:!a', 'base(users clock)@b <look <data site(code reload)@b'],
    ['-l all:&db', 'base(users clock)@c data(schema tune)@c'],
    ['-l [ac]', 'base(users clock)@ac <look data(schema tune)@c site(code reload)@a'],
    ['-l web[0]', 'base(users clock)@a <look <data site(code reload)@a'],
    ['--tags site -l a', '<look <data site(code reload)@a'],
    ['--tags deploy -l c', 'data(schema)@c'],
    ['--tags site -l c', NOTHING],
  ])('%j: %s', async (words, expected) => {
    const { code, stdout, stderr } = await folder.run(`shop.ts -i inventory.yaml -o json${words === '' ? '' : ` ${words}`}`)
    if (expected === NOTHING) return expect({ code, stderr }).toEqual({ code: 64, stderr: 'error: nothing is selected: no play has these tags on these hosts\n  --list-tags and --list-hosts show what there is\n' })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(ran(stdout).split(' ').sort()).toEqual(expected.split(' ').sort())
  })
})
