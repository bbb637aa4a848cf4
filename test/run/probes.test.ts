import { describe, expect, test } from 'vitest'
import { directory, file, group, groups, lineInFile, pkg, play, playbook, role, secret, service, symlink, user, type Item } from '../../engine/index.ts'
import type { Section } from '../../engine/model/session.ts'
import { sha256 } from '../../engine/resources/staged-file.ts'
import { probeSection } from '../../engine/run/scope.ts'
import { listening } from '../support/listening.ts'
import { runIn } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

const { a } = groups('a')

/** Checks items on one host; gives the sections of each query, and how each task ended. */
async function checked(items: () => readonly Item[], world = new World()) {
  const asked: (readonly Section[])[] = []
  listening(world, (_user, sections) => asked.push(sections))
  const outcomes: string[] = []
  await runIn(world, playbook('p', [play(role('r', { tasks: items }), { hosts: a })]), { a: ['h'] }, { mode: 'check', onEvent: event => void (event.type === 'task-finished' && outcomes.push(`${event.task.id} ${event.outcome.type}`)) })
  return { asked, outcomes }
}

describe('the probes of a list', () => {
  test('that ask the same are asked once, and each task has the answer', async () => {
    const world = new World()
    world.host('h').set('x', '1').set('y', '2')
    const { asked, outcomes } = await checked(() => [['x', '1'], ['y', '2'], ['x', '1'], ['y', '2'], ['x', '2']].map(([name = '', is = '']) => cell({ name, is })), world)
    expect(asked.map(sections => sections.filter(({ script }) => script.startsWith('get ')).length)).toEqual([2])
    expect(outcomes).toEqual(['x ok', 'y ok', 'x ok', 'y ok', 'x would-change'])
  })
})

describe('a probe', () => {
  test('shares what many can be told at once, unless it has an environment of its own, or a name that a shell would have to take care of', () => {
    const shares = (...tasks: Parameters<typeof probeSection>): unknown => probeSection(...tasks).shares
    const says = (...words: readonly string[]) => ({ by: 'tsp_path_says', words, alone: 'tsp_path_now' })
    expect(shares(file({ path: '/etc/motd', content: 'x' }))).toEqual([{ by: 'tsp_paths', word: 'h/etc/motd', says: says('8a', 'hash', '262144', sha256('x')) }])
    expect(shares(file({ path: '/etc/key', content: secret`x` }))).toEqual([{ by: 'tsp_paths', word: 'h/etc/key' }])
    expect(shares(directory({ path: '/etc//x/' }))).toEqual([{ by: 'tsp_paths', word: 'a/etc/x', says: says('4', 'attributes') }])
    expect(shares(symlink({ path: '/etc/l', target: 'x' }))).toEqual([{ by: 'tsp_paths', word: 'a/etc/l', says: says('a', 'attributes') }])
    expect(shares(file({ path: '/etc/motd', content: 'x' }, { environment: { PATH: '/opt/bin' } }))).toBeUndefined()
    expect([' ', '*', "'", '\n', 'é', '$'].map(odd => shares(directory({ path: `/etc/${odd}` })))).toEqual(Array.from({ length: 6 }, () => []))
    expect(shares(lineInFile({ path: '/etc/hosts', line: 'x' }))).toBeUndefined()
  })

  test('is told in the shell that looked for all, where that saw all of it', () => {
    const says = (task: Parameters<typeof probeSection>[0]): unknown => probeSection(task).shares?.map(({ says: by }) => by)
    expect(says(service({ name: 'ssh', state: 'running' }))).toEqual([{ by: 'tsp_unit_says', words: ['LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'NeedDaemonReload'] }])
    expect(says(group({ name: 'etcd' }))).toEqual([{ by: 'tsp_group_says', words: ['etcd'] }])
    expect(says(user({ name: 'etcd' }))).toEqual([{ by: 'tsp_user_says', words: ['etcd'] }])
    expect(says(user({ name: 'etcd', home: '/srv/etcd' }))).toEqual([{ by: 'tsp_user_says', words: ['etcd', '/srv/etcd'] }])
    expect(says(pkg({ name: ['curl', 'sudo'] }))).toEqual([{ by: 'tsp_dpkg_says', words: ['curl', 'sudo'] }])
    expect(says(pkg({ name: 'libc6:amd64' }))).toEqual([undefined])
  })
})
