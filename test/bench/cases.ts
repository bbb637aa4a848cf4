import { createHash, randomFillSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContenderId, Phase, Task } from './contenders/contender.ts'
import { ROOT, type Item } from './work/item.ts'
import { HUNDRED, mixed, templates, THIRTY } from './work/mixed.ts'

export const caseIds = ['a', 'b5', 'b20', 'b50', 'c', 'scp', 'd', 'e'] as const
export type CaseId = (typeof caseIds)[number]

/** One piece of work, and what is measured of it. */
export interface Case {
  readonly id: CaseId
  readonly title: string
  readonly hosts: number
  readonly work: Task
  /** What is there before a run of phase `again`, where it is not the work itself: for a change of little. */
  readonly before?: readonly Item[]
  /** Round trips in milliseconds, and what is measured over each. */
  readonly measures: readonly Measure[]
  /** Part of a contender's time budget that this case is worth; 1 where a target hangs on it. */
  readonly worth: number
}

export interface Measure {
  readonly roundTrip: number
  readonly phases: readonly Phase[]
  readonly leftOut: readonly ContenderId[]
  /** Who has no first run, because it takes minutes. */
  readonly againOnly: readonly ContenderId[]
}

interface Settings {
  /** For files that are sent. */
  readonly folder: string
  readonly only: readonly CaseId[]
  readonly roundTrips: readonly number[]
  readonly quick: boolean
}

const BOTH: readonly Phase[] = ['first', 'again']
const AGAIN: readonly Phase[] = ['again']
/** Without pipelining Ansible takes minutes where the others take seconds, so only its second run is measured, and where it is fastest. */
const SLOWEST: readonly ContenderId[] = ['ansible']

/** The cases that were asked for. */
export async function cases({ folder, only, roundTrips, quick }: Settings): Promise<readonly Case[]> {
  const near = (phases: readonly Phase[], leftOut: readonly ContenderId[] = SLOWEST): readonly Measure[] => (roundTrips.includes(0) ? [{ roundTrip: 0, phases, leftOut, againOnly: SLOWEST }] : [])
  const far = roundTrips.filter(roundTrip => roundTrip > 0)
  const again = (over: readonly number[]): readonly Measure[] => over.map(roundTrip => ({ roundTrip, phases: AGAIN, leftOut: SLOWEST, againOnly: [] }))
  const farthest = far.slice(-1)
  const thirty: Task = { type: 'items', items: mixed(THIRTY) }
  const many = (id: CaseId, hosts: number): Case => ({ id, title: `30 mixed resources on ${hosts} hosts`, hosts, work: thirty, measures: near(AGAIN), worth: 0.5 })
  const all: readonly (() => Promise<Case>)[] = [
    async () => ({ id: 'a', title: '100 mixed resources on one host', hosts: 1, work: { type: 'items', items: mixed(HUNDRED) }, measures: [...near(BOTH, quick ? SLOWEST : []), ...again(far)], worth: 1 }),
    async () => many('b5', 5),
    async () => many('b20', 20),
    async () => many('b50', 50),
    async () => ({ id: 'c', title: '100 files of 4 KiB of the controller', hosts: 1, work: { type: 'items', items: await files(join(folder, 'small'), 100, 4 << 10) }, measures: near(BOTH), worth: 0.5 }),
    async () => ({ id: 'scp', title: 'one file of 200 MB', hosts: 1, work: { type: 'items', items: await files(join(folder, 'large'), 1, 200e6) }, measures: near(BOTH, quick ? ['ansible', 'mitogen'] : SLOWEST), worth: 0.5 }),
    async () => ({ id: 'd', title: '20 templates, one of them changed', hosts: 1, work: { type: 'items', items: templates(2) }, before: templates(1), measures: [...near(AGAIN), ...again(quick ? [] : farthest)], worth: 0.25 }),
    async () => ({ id: 'e', title: 'facts', hosts: 1, work: { type: 'facts' }, measures: [...near(AGAIN, []), ...again(farthest)], worth: 0.25 }),
  ]
  // In the order of caseIds.
  const chosen = all.filter((_, index) => only.some(id => caseIds.indexOf(id) === index))
  return Promise.all(chosen.map(make => make()))
}

/** Files with random bytes, which no connection can compress. */
async function files(folder: string, count: number, size: number): Promise<readonly Item[]> {
  await mkdir(folder, { recursive: true })
  const items: Item[] = [{ kind: 'directory', path: ROOT, mode: '0755' }]
  for (let index = 0; index < count; index++) {
    const content = randomFillSync(Buffer.alloc(size))
    const source = join(folder, `file${index}.bin`)
    await writeFile(source, content)
    items.push({ kind: 'copy', source, path: `${ROOT}/file${index}.bin`, mode: '0644', size, sha256: createHash('sha256').update(content).digest('hex') })
  }
  return items
}
