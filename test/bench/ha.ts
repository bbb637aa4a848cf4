import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Event } from '../../engine/model/event.ts'
import { criticalPath } from '../../engine/render/critical-path.ts'
import { buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { labExists, openLab } from '../lab/lab.ts'
import { hostsOf } from '../lab/topology.ts'
import type { Installed } from './installed.ts'
import { measured } from './meter.ts'
import type { Solo } from './results.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The HA playbook on seven bare hosts, and once more: one run each, because it takes minutes. @throws Error when the demo's lab is up. */
export async function highlyAvailable({ own, folder, say }: { readonly own: Installed; readonly folder: string; readonly say: (line: string) => void }): Promise<readonly Solo[]> {
  if (labExists('ha')) throw new Error('the lab "ha" is there, perhaps a demo: npm run demo -- --down')
  await buildBinaries(say)
  await writeBundle(say)
  await using lab = await openLab({ name: 'ha', subnet: '10.203.7.0/24', say })
  await lab.up(...hostsOf(['ha']))
  await mkdir(folder, { recursive: true })
  const rows: Solo[] = []
  for (const title of ['playbooks/ha.ts on seven bare hosts', 'the same again']) {
    const record = join(folder, `ha-${rows.length}.jsonl`)
    const { wall, cpu, memory, outputs, codes } = await measured([{ argv: [process.execPath, own.program, own.playbook('ha'), '-i', 'inventory/lab.yaml', '--record', record], environment: {}, folder: root }], { deadline: 900_000 })
    if (codes[0] !== 0) throw new Error(`${title}: exit ${codes[0]}: ${outputs.join('').slice(-2000)}`)
    const events = (await readFile(record, 'utf8')).split('\n').filter(line => line !== '').map((line): Event => JSON.parse(line))
    const row: Solo = { title, wall: [wall], cpu: [cpu], memory: [memory], note: noteOf(events) }
    rows.push(row)
    say(`${title}: ${(wall / 1000).toFixed(1)} s; ${row.note}`)
  }
  return rows
}

function noteOf(events: readonly Event[]): string {
  const path = criticalPath(events)
  const total = events.at(-1)?.at ?? 1
  const share = (part: 'remote' | 'connecting' | 'waiting' | 'engine'): string => `${part} ${((100 * path.reduce((sum, stretch) => sum + stretch[part], 0)) / total).toFixed(1)} %`
  const end = events.find(event => event.type === 'run-finished')
  const changed = end?.type === 'run-finished' ? end.hosts.reduce((sum, host) => sum + host.changed, 0) : 0
  return `${changed} changed; critical path of ${path.length} stretches: ${share('remote')}, ${share('connecting')}, ${share('waiting')}, ${share('engine')}`
}
