import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { openJournal } from '../../engine/cli/journal-file.ts'
import { groups, play, playbook, role } from '../../engine/index.ts'
import { runIn } from '../support/rig.ts'
import { action, cell, World } from '../support/world.ts'

const { a } = groups('a')
const hosts = { a: ['h'] }
const home = mkdtempSync(join(tmpdir(), 'ts-play-journal-'))
afterEach(() => rmSync(join(home, 'ts-play'), { recursive: true, force: true }))
const journal = (resume: boolean) => {
  const opened = openJournal({ playbook: 'p.ts', inventory: ['i.yaml'], resume }, home)
  if ('problem' in opened) throw new Error(opened.problem)
  return opened
}
const items = (last = 'last') => [action({ name: 'first' }), cell({ name: 'x', is: '1' }), action({ name: last })]
const book = (last?: string) => playbook('p', [play(role('r', { tasks: () => items(last) }), { hosts: a })])

/** A run that ends in the middle, after the first command and before the last. */
async function interruptedRun(world: World): Promise<void> {
  const stop = new AbortController()
  world.before = (_host, script) => { if (script === 'set x 1') stop.abort(); return undefined }
  const kept = journal(false)
  kept.finish((await runIn(world, book(), hosts, { journal: kept, finishing: stop.signal })).exitCode)
  world.before = () => undefined
  world.log.length = 0
}

describe('a run that resumes another', () => {
  test('does not run commands again that the other finished, and looks at everything else anew', async () => {
    const world = new World()
    await interruptedRun(world)
    world.host('h').set('x', 'drifted')
    const result = await runIn(world, book(), hosts, { journal: journal(true) })
    expect(world.log).toEqual(['h x=1', 'h last=ran'])
    expect(result.tasks).toEqual(['r@h: action first → skipped', 'r@h: cell x → changed', 'r@h: action last → changed'])
  })
  test('runs a command that was edited in between', async () => {
    const world = new World()
    await interruptedRun(world)
    await runIn(world, playbook('p', [play(role('r', { tasks: () => [action({ name: 'other' }), ...items()] }), { hosts: a })]), hosts, { journal: journal(true) })
    expect(world.log).toEqual(['h other=ran', 'h last=ran'])
  })
  test('knows the second of two equal commands from the first', async () => {
    const world = new World()
    const twice = playbook('p', [play(role('r', { tasks: () => [action({ name: 'sync' }), cell({ name: 'x', is: '1' }), action({ name: 'sync' })] }), { hosts: a })])
    const stop = new AbortController()
    world.before = (_host, script) => { if (script === 'set x 1') stop.abort(); return undefined }
    await runIn(world, twice, hosts, { journal: journal(false), finishing: stop.signal })
    world.log.length = 0
    await runIn(world, twice, hosts, { journal: journal(true) })
    expect(world.log).toEqual(['h sync=ran'])
  })
  test('is told by check mode what would be left out', async () => {
    const world = new World()
    await interruptedRun(world)
    const result = await runIn(world, book(), hosts, { journal: journal(true), mode: 'check' })
    expect(result.tasks).toEqual(['r@h: action first → skipped', 'r@h: cell x → ok', 'r@h: action last → unknown'])
  })
})

describe('the journal', () => {
  test('is gone after a run that went well, and there is nothing to resume', async () => {
    const kept = journal(false)
    kept.finish((await runIn(new World(), book(), hosts, { journal: kept })).exitCode)
    expect(readdirSync(join(home, 'ts-play/journal'))).toEqual([])
    expect(openJournal({ playbook: 'p.ts', inventory: ['i.yaml'], resume: true }, home)).toEqual({ problem: 'there is no interrupted run of this playbook with these inventories' })
  })
  test('begins anew with a run that does not resume', async () => {
    const world = new World()
    await interruptedRun(world)
    journal(false)
    await runIn(world, book(), hosts, { journal: journal(true) })
    expect(world.log).toContain('h first=ran')
  })
  test('says nothing of what was run to anybody else', async () => {
    await interruptedRun(new World())
    const folder = join(home, 'ts-play/journal')
    const [file = ''] = readdirSync(folder)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, file), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
  })
})

describe('--step', () => {
  test('asks before each change, and leaves out what is not wanted', async () => {
    const world = new World()
    const asked: string[] = []
    const result = await runIn(world, book(), hosts, { confirm: async ({ host, title }) => { asked.push(`${host} ${title}`); return title !== 'cell x' } })
    expect(asked).toEqual(['h action first', 'h cell x', 'h action last'])
    expect(result.tasks).toEqual(['r@h: action first → changed', 'r@h: cell x → skipped', 'r@h: action last → changed'])
  })
  test('does not ask about what is as wanted', async () => {
    const world = new World()
    world.host('h').set('x', '1')
    const asked: string[] = []
    await runIn(world, book(), hosts, { confirm: async ({ title }) => { asked.push(title); return true } })
    expect(asked).not.toContain('cell x')
  })
})
