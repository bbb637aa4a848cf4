import { groups, output, play, playbook, role, type Play } from '../../engine/index.ts'
import { runIn } from '../support/rig.ts'
import { cell, World } from '../support/world.ts'

/** `node --conditions=ts-play-source test/bench/execute.ts [hosts] [plays] [tasks]`: what the executor itself costs a task, on hosts that answer at once. */
const [hosts = 200, plays = 5, tasks = 20] = process.argv.slice(2).map(Number)
const names = Array.from({ length: hosts }, (_, index) => `h${index}`)
const Word = output('word', (seed): string => seed)
const { all } = groups('all')
const chain: Play<{ word: typeof Word }>[] = []
for (let index = 0; index < plays; index++) {
  const before = chain.at(-1)
  const make = () => Array.from({ length: tasks }, (_, task) => cell({ name: `p${index}-${task}`, is: '1' }))
  const produce = { word: () => 'said' }
  chain.push(before ? play(role(`p${index}`, { inputs: { word: Word }, outputs: { word: Word }, tasks: make, produce }), { hosts: all, with: { word: before.outputs.word.first } }) : play(role('p0', { outputs: { word: Word }, tasks: make, produce }), { hosts: all }))
}
const world = new World()
const book = playbook('bench', chain)
for (const what of ['everything changes', 'nothing to do']) {
  world.frames = 0
  const started = performance.now()
  const cpu = process.cpuUsage()
  const { exitCode } = await runIn(world, book, { all: names })
  const milliseconds = performance.now() - started
  const { user, system } = process.cpuUsage(cpu)
  process.stdout.write(`${what}: exit ${exitCode}, ${hosts * plays * tasks} tasks in ${milliseconds.toFixed(0)} ms, ${(milliseconds / (hosts * plays * tasks)).toFixed(3)} ms a task (${((user + system) / 1000 / (hosts * plays * tasks)).toFixed(3)} ms of a core), ${world.frames} frames\n`)
}
