import { caseIds } from './cases.ts'
import type { Measurement, Occasion, Results } from './results.ts'

/**
 * Results to which the work of another run was added, in the place of the same work. What is compared with each other, all contenders over one link in one phase, always
 * comes from one of the two: times of different hours are not set side by side.
 *
 * @throws Error when the two are of different machines
 */
export function merge(before: Results, added: Results): Results {
  for (const part of ['processor', 'cores', 'kernel'] as const) {
    if (before.machine[part] !== added.machine[part]) throw new Error(`the results are of another machine (${part} ${before.machine[part]}, and here ${added.machine[part]}): measure all of it, without --add`)
  }
  // Rows from before rows said so are of the run that wrote them.
  const occasion: Occasion = { date: before.date, load: before.machine.load, version: before.versions['ts-play'] ?? '' }
  const table = ({ case: id, roundTrip, phase }: Measurement): string => `${id} ${roundTrip} ${phase}`
  const tables = new Set(added.measurements.map(table))
  const titles = new Set(added.solos.map(({ title }) => title))
  return {
    ...added,
    versions: { ...before.versions, ...added.versions },
    measurements: [...before.measurements.filter(row => !tables.has(table(row))).map(row => ({ occasion, ...row })), ...added.measurements].toSorted((one, other) => order(one) - order(other)),
    solos: [...before.solos.filter(({ title }) => !titles.has(title)).map(row => ({ occasion, ...row })), ...added.solos],
  }
}

function order({ case: id, phase, roundTrip }: Measurement): number {
  return caseIds.indexOf(id) * 1e6 + roundTrip * 10 + (phase === 'first' ? 0 : 1)
}
