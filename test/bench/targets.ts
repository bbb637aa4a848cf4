import type { CaseId } from './cases.ts'
import type { ContenderId, Phase } from './contenders/contender.ts'
import { MANY } from './many.ts'
import type { Measurement, Results } from './results.ts'
import { START } from './solos.ts'
import { summary } from './statistics.ts'

/** A promise about ratios within one run of the bench. */
export interface Verdict {
  readonly what: string
  readonly wanted: string
  readonly found: string
  readonly met: boolean
}

interface Target {
  readonly what: string
  readonly case: CaseId
  readonly roundTrip: number
  readonly phase: Phase
  /** How many times as long as ts-play the contender has to take at least; for the floor, how many times as long as it ts-play may take at most. */
  readonly against: Partial<Record<ContenderId, number>>
}

const targets: readonly Target[] = [
  { what: '100 resources, nothing to do, 0 ms', case: 'a', roundTrip: 0, phase: 'again', against: { 'ansible-pipelining': 40, mitogen: 20, pyinfra: 8, floor: 1.5 } },
  { what: '100 resources, nothing to do, 50 ms', case: 'a', roundTrip: 50, phase: 'again', against: { 'ansible-pipelining': 60, mitogen: 30, pyinfra: 15, floor: 1.3 } },
  { what: '100 resources, first run, 0 ms', case: 'a', roundTrip: 0, phase: 'first', against: { 'ansible-pipelining': 10, mitogen: 5, pyinfra: 3, floor: 1.5 } },
  { what: '50 hosts, nothing to do, 0 ms', case: 'b50', roundTrip: 0, phase: 'again', against: { 'ansible-pipelining': 30, mitogen: 15, pyinfra: 5, floor: 2 } },
  { what: '200 MB', case: 'scp', roundTrip: 0, phase: 'first', against: { floor: 1 / 0.85 } },
]

/** What of the targets could be judged, and how it came out. */
export function verdicts(results: Results): readonly Verdict[] {
  const compared = targets.flatMap(target => {
    const of = (id: ContenderId): Measurement | undefined => results.measurements.find(row => row.case === target.case && row.roundTrip === target.roundTrip && row.phase === target.phase && row.contender === id)
    const own = of('ts-play')
    return Object.entries(target.against).flatMap(([id, wanted]): readonly Verdict[] => {
      const peer = results.measurements.find(row => row.contender === id && row === of(row.contender))
      if (own === undefined || peer === undefined) return []
      return [id === 'floor' ? atMost({ target, wanted, own, peer }) : atLeast({ target, wanted, own, peer })]
    })
  })
  return [...compared, ...started(results), ...remembered(results)]
}

interface Pair {
  readonly target: Target
  readonly wanted: number
  readonly own: Measurement
  readonly peer: Measurement
}

function atLeast({ target, wanted, own, peer }: Pair): Verdict {
  const ratio = summary(peer.wall).median / summary(own.wall).median
  return { what: `${target.what}: faster than ${peer.contender}`, wanted: `≥ ${wanted} ×`, found: `${ratio.toFixed(1)} ×`, met: ratio >= wanted && own.disqualified === undefined && peer.disqualified === undefined }
}

function atMost({ target, wanted, own, peer }: Pair): Verdict {
  const ratio = summary(own.wall).median / summary(peer.wall).median
  return { what: `${target.what}: as long as ${target.case === 'scp' ? 'scp' : 'the floor'}`, wanted: `≤ ${wanted.toFixed(2)} ×`, found: `${ratio.toFixed(2)} ×`, met: ratio <= wanted && own.disqualified === undefined && peer.disqualified === undefined }
}

function started({ solos }: Results): readonly Verdict[] {
  const of = (title: string): number | undefined => solos.flatMap(row => (row.title === title ? [summary(row.wall).median] : []))[0]
  const [bare, version, graph] = [of(START.bare), of(START.version), of(START.graph)]
  if (bare === undefined || version === undefined || graph === undefined) return []
  return [
    { what: 'start of `ts-play --version`: as long as a bare `node -e 0`', wanted: '≤ 2 ×', found: `${(version / bare).toFixed(2)} ×`, met: version <= 2 * bare },
    { what: '`--graph` of ha.ts: more than a bare `node -e 0`', wanted: '≤ 400 ms', found: `${(graph - bare).toFixed(0)} ms`, met: graph - bare <= 400 },
  ]
}

function remembered({ solos }: Results): readonly Verdict[] {
  return solos.flatMap(({ title, memory }) => {
    const { median } = summary(memory)
    return title === MANY ? [{ what: `memory with ${MANY}`, wanted: '≤ 350 MB', found: `${(median / 1e6).toFixed(0)} MB`, met: median <= 350e6 }] : []
  })
}
