import { contenderIds, type ContenderId } from './contenders/contender.ts'
import type { Measurement, Results, Solo } from './results.ts'
import { summary } from './statistics.ts'
import { verdicts } from './targets.ts'

export const titles: Readonly<Record<ContenderId, string>> = {
  'ts-play': 'ts-play', floor: 'sh over ssh (floor)', pyinfra: 'pyinfra', mitogen: 'Ansible with Mitogen', 'ansible-pipelining': 'Ansible, pipelining', ansible: 'Ansible, default',
}
const ORDER: readonly ContenderId[] = ['floor', 'ts-play', 'pyinfra', 'mitogen', 'ansible-pipelining', 'ansible']

/** The results as Markdown. */
export function report(results: Results, notes: string): string {
  const { machine, versions } = results
  const groups = Map.groupBy(results.measurements, row => `${row.title}, ${row.phase === 'first' ? 'first run' : row.case === 'd' || row.case === 'e' ? 'run' : 'nothing to do'}, round trip ${row.roundTrip} ms`)
  const judged = verdicts(results)
  return [
    '# Side by side',
    '',
    'Written by `npm run bench`. All contenders of a table in one run and in turn, on the same hosts, with the same key; the end state of every run was verified by a script of none of them.',
    '',
    `Machine: ${machine.cores} cores (${machine.processor}), ${(machine.memory / 2 ** 30).toFixed(0)} GiB, Linux ${machine.kernel}; load when it began ${machine.load.toFixed(1)}; ${results.date}.`,
    `Versions: ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    '',
    ...(results.measurements.length === 0 ? [] : ['![Wall clock of everybody, on a logarithmic axis](bench.svg)', '']),
    ...(judged.length === 0 ? [] : ['## Targets', '', ...table(['', 'wanted', 'found', ''], judged.map(({ what, wanted, found, met }) => [what, wanted, found, met ? 'met' : '**not met**'])), '']),
    ...[...groups].flatMap(([title, rows]) => [`## ${title}`, '', ...comparison(rows), '']),
    ...(results.solos.length === 0 ? [] : ['## ts-play alone', '', ...alone(results.solos), '']),
    ...trips(results.measurements),
    notes,
  ].join('\n')
}

function comparison(rows: readonly Measurement[]): readonly string[] {
  const own = rows.find(({ contender }) => contender === 'ts-play')
  const ours = own && summary(own.wall).median
  const sorted = rows.toSorted((a, b) => ORDER.indexOf(a.contender) - ORDER.indexOf(b.contender))
  return [
    ...measuredOn(sorted[0]),
    ...table(
      ['', 'wall, s (least–most)', 'runs', 'times ts-play', 'controller CPU, s', 'memory, MB', 'on the wire', 'processes there', 'frames'],
      sorted.map(row => {
        const wall = summary(row.wall)
        return [
          row.disqualified === undefined ? titles[row.contender] : `~~${titles[row.contender]}~~ disqualified`,
          `${seconds(wall.median)} (${seconds(wall.least)}–${seconds(wall.most)})`,
          String(wall.runs),
          ours === undefined ? '' : (wall.median / ours).toFixed(wall.median / ours < 10 ? 2 : 0),
          median(row.cpu, seconds),
          median(row.memory, size => (size / 1e6).toFixed(0)),
          median(row.bytes, bytes),
          median(row.processes, count => count.toFixed(0)),
          row.frames === undefined ? '' : String(row.frames),
        ]
      }),
    ),
    ...sorted.flatMap(row => (row.disqualified === undefined ? [] : ['', `${titles[row.contender]} is disqualified: ${row.disqualified}`])),
  ]
}

function median(values: readonly number[], shown: (value: number) => string): string {
  return values.length === 0 ? '–' : shown(summary(values).median)
}

function measuredOn(row: Measurement | undefined): readonly string[] {
  return row?.occasion === undefined ? [] : [`Measured ${row.occasion.date} with ts-play ${row.occasion.version}${row.occasion.load === undefined ? '' : `; load when that began ${row.occasion.load.toFixed(1)}`}.`, '']
}

function alone(solos: readonly Solo[]): readonly string[] {
  return table(['', 'wall, s (least–most)', 'CPU, s', 'memory, MB', ''], solos.map(({ title, wall, cpu, memory, note }) => {
    const { median, least, most } = summary(wall)
    return [title, `${seconds(median)} (${seconds(least)}–${seconds(most)})`, seconds(summary(cpu).median), (summary(memory).median / 1e6).toFixed(0), note]
  }))
}

/** What a link of 50 ms costs more than one of 0 ms, in round trips: what no faster machine takes away. */
function trips(rows: readonly Measurement[]): readonly string[] {
  const cells = contenderIds.flatMap(contender => {
    const of = (roundTrip: number): number | undefined => rows.filter(row => row.case === 'a' && row.phase === 'again' && row.contender === contender && row.roundTrip === roundTrip).map(row => summary(row.wall).median)[0]
    const [near, far] = [of(0), of(50)]
    return near === undefined || far === undefined ? [] : [[titles[contender], ((far - near) / 50).toFixed(0)]]
  })
  if (cells.length === 0) return []
  return ['## Round trips of 100 resources with nothing to do', '', '(wall at 50 ms − wall at 0 ms) / 50 ms, with what connecting takes.', '', ...table(['', 'round trips'], cells), '']
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)
}

function bytes(count: number): string {
  return count < 1e6 ? `${(count / 1e3).toFixed(0)} kB` : `${(count / 1e6).toFixed(1)} MB`
}
