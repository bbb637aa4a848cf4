import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Case } from './cases.ts'
import type { Contender, ContenderId, Job, Phase } from './contenders/contender.ts'
import type { Hosts } from './hosts.ts'
import { link } from './link.ts'
import { measured } from './meter.ts'
import type { Measurement } from './results.ts'
import { runsWithin } from './statistics.ts'
import type { Item } from './work/item.ts'

interface Comparison {
  readonly hosts: Hosts
  readonly contenders: readonly Contender[]
  readonly folder: string
  readonly runs: number
  /** Milliseconds a contender may take in all for a case over one link, by what the case is worth; the first run always counts. */
  readonly budget: number
  readonly say: (line: string) => void
}

/** Milliseconds after which a run is given up. */
const DEADLINE = 900_000

/** Runs a case with every contender in turn, and again, so that a busy moment of the machine meets all of them. */
export async function compare({ id, title, hosts: count, work, before, measures, worth }: Case, { hosts, contenders, folder, runs, budget, say }: Comparison): Promise<readonly Measurement[]> {
  const endpoints = await hosts.some(count)
  const items = work.type === 'items' ? work.items : []
  const rows: Measurement[] = []
  for (const { roundTrip, phases, leftOut, againOnly } of measures) {
    await using far = await link(endpoints, roundTrip)
    const taking = contenders.filter(contender => !leftOut.includes(contender.id))
    const spent = new Map<ContenderId, number>()
    const own = new Map<string, Measurement>()
    const job = (contender: Contender, phase: Phase): Job => ({ folder: join(folder, `${id}-${roundTrip}-${contender.id}`), endpoints: far.endpoints, keyFile: hosts.lab.keyFile, knownHosts: hosts.knownHosts, work, phase })
    const once = async (contender: Contender, phase: Phase): Promise<void> => {
      const what = job(contender, phase)
      const calls = await contender.prepare(what)
      const started = await hosts.processes(endpoints)
      const bytes = hosts.bytes(endpoints)
      const cost = await measured(calls, { deadline: DEADLINE })
      const wire = hosts.bytes(endpoints) - bytes
      const processes = (await hosts.processes(endpoints)) - started - endpoints.length // less our own look
      await writeFile(join(what.folder, `${phase}.log`), cost.outputs.join(''))
      const { changed, frames } = await contender.said(cost.outputs, what).catch(() => ({ changed: undefined, frames: undefined }))
      const failed = cost.codes.some(code => code !== 0) ? `exit ${cost.codes.find(code => code !== 0)}: ${telling(cost.outputs.join(''))}` : undefined
      const wrong = failed ?? judged({ phase, changed, hosts: count, differences: work.type === 'items' ? await hosts.verify(endpoints, items) : [], before: before !== undefined })
      const key = `${phase} ${contender.id}`
      const row = own.get(key) ?? { case: id, title, hosts: count, roundTrip, phase, contender: contender.id, wall: [], cpu: [], memory: [], bytes: [], processes: [] }
      own.set(key, {
        ...row,
        wall: [...row.wall, cost.wall], cpu: [...row.cpu, cost.cpu], memory: [...row.memory, cost.memory], bytes: [...row.bytes, wire], processes: [...row.processes, processes],
        ...(frames === undefined ? {} : { frames }), ...(changed === undefined ? {} : { changed }), ...(wrong === undefined ? {} : { disqualified: wrong }),
      })
      spent.set(contender.id, (spent.get(contender.id) ?? 0) + cost.wall)
      say(`${id}, ${roundTrip} ms, ${phase}: ${contender.title} ${(cost.wall / 1000).toFixed(2)} s${frames === undefined ? '' : `, ${frames} frames`}${wrong === undefined ? '' : `, disqualified: ${wrong}`}`)
    }
    const brought = async (wanted: readonly Item[]): Promise<void> => bring({ hosts, items: wanted, job: what => ({ ...job(what, 'first'), endpoints, work: { type: 'items', items: wanted } }), contenders })
    if (!phases.includes('first') && before === undefined && items.length > 0) await brought(items)
    for (let round = 0; round < runs; round++) {
      for (const contender of taking) {
        const took = spent.get(contender.id) ?? 0
        if (round > 0 && round >= runsWithin({ first: took / round, wanted: runs, budget: budget * worth })) continue
        if (phases.includes('first') && !againOnly.includes(contender.id)) {
          await hosts.reset(endpoints, items)
          if (id === 'scp') await hosts.folder(endpoints)
          await once(contender, 'first')
        }
        if (before !== undefined) await brought(before)
        if (phases.includes('again')) await once(contender, 'again')
      }
    }
    rows.push(...own.values())
  }
  return rows
}

/** The line of an output that tells what went wrong, or its last. */
function telling(output: string): string {
  const lines = output.trim().split('\n').map(line => line.trim().replaceAll(/\s+/g, ' '))
  return (lines.find(line => /(unreachable|failed)=[1-9]|fatal|error/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 200)
}

/** Why a run does not count; undefined when it does. */
function judged({ phase, changed, hosts, differences, before }: { readonly phase: Phase; readonly changed: number | undefined; readonly hosts: number; readonly differences: readonly string[]; readonly before: boolean }): string | undefined {
  if (differences.length > 0) return `${differences.length} differences, first: ${differences[0]}`
  if (before) return changed === undefined || changed === hosts ? undefined : `changed ${changed} instead of ${hosts}`
  return phase === 'first' || changed === undefined || changed === 0 ? undefined : `changed ${changed} where there was nothing to do`
}

/** Brings hosts to where a measured run begins, by the fastest means at hand, and makes sure that they are there. */
async function bring({ hosts, items, job, contenders }: { readonly hosts: Hosts; readonly items: readonly Item[]; readonly job: (contender: Contender) => Job; readonly contenders: readonly Contender[] }): Promise<void> {
  const means = contenders.find(({ id }) => id === 'floor') ?? contenders[0]
  if (means === undefined) throw new Error('no contender')
  const what = job(means)
  await hosts.reset(what.endpoints, items)
  await measured(await means.prepare(what), { deadline: DEADLINE })
  const wrong = await hosts.verify(what.endpoints, items)
  if (wrong.length > 0) throw new Error(`hosts could not be prepared: ${wrong[0]}`)
}
