import { expect, test } from 'vitest'
import { block, flush, groups, handler, play, playbook, role } from '../../engine/index.ts'
import { runIn } from '../support/rig.ts'
import { action, cell, World } from '../support/world.ts'

const { b } = groups('b')
const first = handler('first', action({ name: 'first' }))
const second = handler('second', action({ name: 'second' }))
const last = cell({ name: 'x', is: '1' }, { notify: [first, second] })

test.each([
  ['the last task', 'set x 1', [last], ['b1 x=1'], ['first', 'second']],
  ['the task before a flush', 'set x 1', [last, flush()], ['b1 x=1'], ['first', 'second']],
  ['a handler', 'set first ran', [last], ['b1 x=1', 'b1 first=ran'], ['second']],
  ['a task of a block that flushes in any case', 'set x 1', [block({ tasks: [last], always: [flush()] })], ['b1 x=1', 'b1 first=ran', 'b1 second=ran'], []],
])('Ctrl-C during %s begins no handler, and what is due stays due', async (_during, script, items, log, due) => {
  const world = new World()
  const finishing = new AbortController()
  world.before = (_host, said) => { if (said === script) finishing.abort(); return undefined }
  const book = playbook('p', [play(role('one', { tasks: () => items }), { hosts: b })])
  expect((await runIn(world, book, { b: ['b1'] }, { finishing: finishing.signal })).exitCode).toBe(130)
  expect(world.log).toEqual(log)
  const marks = [...world.host('b1').keys()].filter(key => key.startsWith('pending/')).map(key => key.replace(/^pending\/(.*)@.*$/, '$1'))
  expect(marks).toEqual(due)
  world.before = () => undefined
  await runIn(world, book, { b: ['b1'] })
  expect(world.log.filter(line => line.includes('=ran')).toSorted()).toEqual(['b1 first=ran', 'b1 second=ran'])
})
