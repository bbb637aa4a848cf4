import { expect, test } from 'vitest'
import { groups, play, playbook, role } from '../../engine/index.ts'
import type { ConnectFailure } from '../../engine/model/session.ts'
import { runIn, type RigOptions } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

const { a } = groups('a')
const missing: ConnectFailure = { type: 'connect-failure', reason: 'no-such-user', message: 'there is no user deploy on h', remedy: 'create it' }

/** A host whose user `deploy` is there as soon as the cell `user` is set. */
function world(): World {
  const made = new World()
  const connect = made.connect
  made.connect = async host => {
    const session = await connect(host)
    if ('type' in session) return session
    return { host: session.host, close: () => session.close(), shell: async user => (user === 'deploy' && made.host(host).get('user') !== '1' ? missing : session.shell(user)) }
  }
  return made
}
const user = cell({ name: 'user', is: '1' })
const own = cell({ name: 'own', is: '1' }, { become: 'deploy' })
const inOne = playbook('p', [play(role('r', { tasks: () => [user, own] }), { hosts: a })])
const inTwo = playbook('p', [play(role('first', { tasks: () => [user] }), { hosts: a }), play(role('second', { tasks: () => [cell({ name: 'own', is: '1' })] }), { hosts: a, become: 'deploy' })])
const run = (book: typeof inOne, options: RigOptions = {}) => runIn(world(), book, { a: ['h'] }, options)

test('a task runs as a user that a task before it makes', async () => {
  const result = await run(inOne)
  expect({ exitCode: result.exitCode, tasks: result.tasks }).toEqual({ exitCode: 0, tasks: ['r@h: cell user → changed', 'r@h: cell own → changed'] })
})

test('a play runs as a user that a play before it makes', async () => {
  expect((await run(inTwo)).nodes).toEqual({ 'first@h': 'done', 'second@h': 'done' })
})

test('check mode cannot know what is done as a user that is still to be made', async () => {
  const task = await run(inOne, { mode: 'check' })
  expect({ exitCode: task.exitCode, tasks: task.tasks }).toEqual({ exitCode: 3, tasks: ['r@h: cell user → would-change', 'r@h: cell own → unknown'] })
  const node = await run(inTwo, { mode: 'check' })
  expect(node.exitCode).toBe(3)
  expect(node.nodes['second@h']).toBe('unknown: there is no user deploy on h, before first: cell user')
})

test('a user that nobody makes is the failure of who wants it, and the host is not called unreachable', async () => {
  const alone = await run(playbook('p', [play(role('r', { tasks: () => [cell({ name: 'x', is: '1' }), own, cell({ name: 'y', is: '1' })] }), { hosts: a })]))
  expect({ exitCode: alone.exitCode, tasks: alone.tasks, nodes: alone.nodes }).toEqual({ exitCode: 1, tasks: ['r@h: cell x → changed', 'r@h: cell own → failed'], nodes: { 'r@h': 'failed: no-such-user' } })
  expect((await run(playbook('p', [play(role('r', { tasks: () => [cell({ name: 'x', is: '1' })] }), { hosts: a, become: 'deploy' })]), { mode: 'check' })).nodes).toEqual({ 'r@h': 'failed: no-such-user' })
})
