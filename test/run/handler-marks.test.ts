import { expect, test } from 'vitest'
import { groups, handler, play, playbook, role } from '../../engine/index.ts'
import { runIn } from '../support/rig.ts'
import { action, cell, World } from '../support/world.ts'

const { b } = groups('b')
const hosts = { b: ['b1'] }

test.each([
  ['a task', { become: 'app' }, {}],
  ['a handler', {}, { become: 'app' }],
  ['both', { become: 'app' }, { become: 'app' }],
])('what is due because of %s of another user than the node is marked with the node, where the next run finds it', async (_what, taskOptions, handlerOptions) => {
  const world = new World()
  const plain = handler('note it', action({ name: 'note' }))
  const note = { ...plain, task: { ...plain.task, options: handlerOptions } }
  const noting = role('noting', { tasks: () => [cell({ name: 'x', is: '1' }, { ...taskOptions, notify: [note] }), cell({ name: 'y', is: '2' })] })
  const book = playbook('p', [play(noting, { hosts: b })])
  const marks = () => [...world.host('b1').keys()].filter(key => key.includes('pending/'))
  world.before = (_host, script) => { if (script === 'set y 2') throw new Error('power cut'); return undefined }
  await runIn(world, book, hosts)
  expect(marks()).toEqual(['pending/note-it@action-note'])
  world.before = () => undefined
  world.log.length = 0
  await runIn(world, book, hosts)
  expect(world.log).toEqual(['b1 y=2', 'b1 note=ran'])
  expect(marks()).toEqual([])
})
