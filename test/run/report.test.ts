import { expect, test } from 'vitest'
import { assert, groups, output, play, playbook, report, role } from '../../engine/index.ts'
import { reportTable } from '../../engine/render/report-table.ts'
import { paint } from '../../engine/render/paint.ts'
import { runIn } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

const { a } = groups('a')
const table = (cells: readonly string[]) => report({ title: 'state', columns: ['what', 'how'], rows: [cells] })
const shown = (events: Awaited<ReturnType<typeof runIn>>['events']) => events.flatMap(event => (event.type === 'report-made' ? [event.rows] : []))

test('a report is shown before the tasks beside it, changes nothing, and comes before an assertion that fails', async () => {
  const world = new World()
  const result = await runIn(world, playbook('p', [play(role('r', { tasks: () => [cell({ name: 'x', is: '1' }), table(['x', 'set']), cell({ name: 'y', is: '1' })] }), { hosts: a })]), { a: ['h'] })
  const order = (run: typeof result) => run.events.flatMap(event => (event.type === 'task-finished' ? [event.task.title] : event.type === 'report-made' ? ['report'] : []))
  expect(order(result)).toEqual(['report', 'cell x', 'cell y'])
  const refused = await runIn(world, playbook('p', [play(role('r', { tasks: () => [table(['x', 'set']), assert({ name: 'no', that: false, message: 'no', remedy: 'none' })] }), { hosts: a })]), { a: ['h'] })
  expect(order(refused)).toEqual(['report', 'assert no'])
  expect(shown(result.events)).toEqual([[['x', 'set']]])
})

test('check mode shows a report that is known, and none that is made of something imagined', async () => {
  const Value = output('value', (seed): string => seed)
  const source = play(role('source', { outputs: { value: Value }, tasks: () => [cell({ name: 'x', is: '1' })], produce: { value: ({ on }) => on.query({ type: 'command', text: 'get x' }) } }), { hosts: a })
  const sink = play(role('sink', { inputs: { value: Value }, tasks: ({ inputs }) => [table(['known', 'yes']), table(['imagined', inputs.value])] }), { hosts: a, with: { value: source.outputs.value.first } })
  const { events } = await runIn(new World(), playbook('p', [source, sink]), { a: ['h'] }, { mode: 'check' })
  expect(shown(events)).toEqual([[['known', 'yes']]])
})

test('columns are as wide as their cells, and what a host says cannot steer the terminal', () => {
  const lines = reportTable({ type: 'report-made', at: 0, node: 'n', play: 'p', host: 'h', title: 'state', columns: ['what', 'how'], rows: [['etcd', 'ok'], ['kube-apiserver', '\u001b[2Jgone']] }, paint(false))
  expect(lines).toEqual(['', 'state', '  what            how', '  etcd            ok', '  kube-apiserver  \\x1b[2Jgone'])
})
