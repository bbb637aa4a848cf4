import { groups, output, play, playbook, role, type Play } from '../../engine/index.ts'
import { plan } from '../../engine/plan/build.ts'
import type { Directory } from '../../engine/plan/directory.ts'
import { everything } from '../../engine/plan/select.ts'

/** `node --conditions=ts-play-source test/bench/plan.ts [hosts] [plays]`: how long planning takes and what it keeps. */
const [hosts = 1000, plays = 20] = process.argv.slice(2).map(Number)
const names = Array.from({ length: hosts }, (_, index) => `h${index}`)
const Word = output('word', (seed): string => seed)
const { all } = groups('all')

/** Every play takes from the one before it on all hosts, and every third is a barrier: the densest graph there is. */
const chain: Play<{ word: typeof Word }>[] = []
for (let index = 0; index < plays; index++) {
  const before = chain.at(-1)
  const common = { hosts: all, after: before && index % 3 === 0 ? [before] : [], ...(index % 5 === 0 ? { serial: '10%' as const } : {}) }
  const produce = { word: () => 'said' }
  chain.push(before ? play(role(`p${index}`, { inputs: { word: Word }, outputs: { word: Word }, tasks: () => [], produce }), { ...common, with: { word: before.outputs.word.first } }) : play(role('p0', { outputs: { word: Word }, tasks: () => [], produce }), common))
}
const book = playbook('bench', chain)
const directory: Directory = { resolve: () => ({ hosts: names }), hasHost: () => true, vars: () => ({ values: {} }) }

globalThis.gc?.()
const before = process.memoryUsage().heapUsed
const started = performance.now()
const cpu = process.cpuUsage()
const { graph } = plan({ playbook: book, directory, selection: everything })
const milliseconds = performance.now() - started
const { user, system } = process.cpuUsage(cpu)
const { heapUsed, rss } = process.memoryUsage()
const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`
process.stdout.write(`${graph?.nodes.size} nodes planned in ${milliseconds.toFixed(0)} ms (${((user + system) / 1000).toFixed(0)} ms of a core); heap +${mb(heapUsed - before)}, rss ${mb(rss)}\n`)
