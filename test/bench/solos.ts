import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Call } from './contenders/contender.ts'
import type { Installed } from './installed.ts'
import { measured } from './meter.ts'
import type { Solo } from './results.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const node = (words: readonly string[]): Call => ({ argv: [process.execPath, ...words], environment: {}, folder: root })
const simulated = (file: string, numbers: readonly number[]): Call => node(['--conditions=ts-play-source', join(root, 'test/bench', file), ...numbers.map(String)])

export const START = { bare: 'node -e 0', version: 'ts-play --version', graph: 'ts-play playbooks/ha.ts --graph' } as const

/** Starting up, and what the engine itself costs: hosts that answer at once. */
const calls = (own: Installed): readonly { readonly title: string; readonly call: Call; readonly group: 'start' | 'g' }[] => [
  { title: START.bare, group: 'start', call: node(['-e', '0']) },
  { title: START.version, group: 'start', call: node([own.program, '--version']) },
  { title: START.graph, group: 'start', call: node([own.program, own.playbook('ha'), '-i', 'inventory/prod.yaml', '--graph']) },
  { title: 'planning 20 plays on 1,000 hosts', group: 'g', call: simulated('plan.ts', [1000, 20]) },
  { title: 'running 5 plays of 20 tasks on 1,000 simulated hosts', group: 'g', call: simulated('execute.ts', [1000, 5, 20]) },
]

/** Runs of what takes half a minute. */
const MOST = 3

/** Measures them in turn. */
export async function solos({ own, groups, runs, say }: { readonly own: Installed; readonly groups: readonly string[]; readonly runs: number; readonly say: (line: string) => void }): Promise<readonly Solo[]> {
  const rows = new Map<string, Solo>()
  const chosen = calls(own).filter(({ group }) => groups.includes(group))
  for (let round = 0; round < runs; round++) {
    for (const { title, call, group } of chosen) {
      if (group === 'g' && round >= MOST) continue
      const { wall, cpu, memory, outputs, codes } = await measured([call], { deadline: 300_000 })
      if (codes.some(code => code !== 0)) throw new Error(`${title}: ${outputs.join('')}`)
      const row = rows.get(title) ?? { title, wall: [], cpu: [], memory: [], note: '' }
      rows.set(title, { title, wall: [...row.wall, wall], cpu: [...row.cpu, cpu], memory: [...row.memory, memory], note: group === 'g' ? outputs.join('').trim().replaceAll('\n', '; ') : '' })
    }
  }
  for (const { title, wall } of rows.values()) say(`${title}: ${wall.map(milliseconds => milliseconds.toFixed(0)).join(', ')} ms`)
  return [...rows.values()]
}
