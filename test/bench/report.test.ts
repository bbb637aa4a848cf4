import { describe, expect, test } from 'vitest'
import { Results, type Measurement } from './results.ts'
import { merge } from './merge.ts'
import { plot } from './plot.ts'
import { report } from './table.ts'
import { verdicts } from './targets.ts'

const row = (contender: Measurement['contender'], wall: readonly number[], more: Partial<Measurement> = {}): Measurement => ({
  case: 'a', title: '100 mixed resources on one host', hosts: 1, roundTrip: 0, phase: 'again', contender, wall: [...wall], cpu: [100], memory: [50e6], bytes: [1e5], processes: [300], ...more,
})
const results = (...measurements: readonly Measurement[]): Results => ({
  machine: { processor: 'P', cores: 2, memory: 2 ** 30, kernel: '6.1', load: 0 }, versions: { 'ts-play': '1' }, date: '2026-01-01', runs: 5, budget: 60_000, measurements: [...measurements], solos: [],
})

describe('a report', () => {
  const both = results(row('ts-play', [1000, 1100, 900], { frames: 1 }), row('mitogen', [25_000]), row('floor', [500]))

  test('shows median, ends, runs and the ratio to ts-play, the floor first', () => {
    const lines = report(both, '').split('\n')
    const at = lines.findIndex(line => line.startsWith('## 100 mixed resources on one host, nothing to do, round trip 0 ms'))
    expect(lines.slice(at + 4, at + 7)).toEqual([
      '| sh over ssh (floor) | 0.50 (0.50–0.50) | 1 | 0.50 | 0.10 | 50 | 100 kB | 300 |  |',
      '| ts-play | 1.00 (0.90–1.10) | 3 | 1.00 | 0.10 | 50 | 100 kB | 300 | 1 |',
      '| Ansible with Mitogen | 25.0 (25.0–25.0) | 1 | 25 | 0.10 | 50 | 100 kB | 300 |  |',
    ])
  })

  test('judges each target for which both sides were measured', () => {
    expect(verdicts(both).map(({ found, met }) => ({ found, met }))).toEqual([{ found: '25.0 ×', met: true }, { found: '2.00 ×', met: false }])
  })

  test('strikes out who left another end state, says how, and counts no target for it', () => {
    const cheated = results(row('ts-play', [1000]), row('mitogen', [25_000], { disqualified: '2 differences' }))
    expect(report(cheated, '')).toContain('~~Ansible with Mitogen~~ disqualified')
    expect(report(cheated, '')).toContain('Ansible with Mitogen is disqualified: 2 differences')
    expect(verdicts(cheated).map(({ met }) => met)).toEqual([false])
  })
})

describe('results that grow part by part', () => {
  const before = results(row('ts-play', [1000]), row('floor', [500]), row('ts-play', [3000], { phase: 'first' }))
  test('take the new run of a work in the place of the old one, all contenders of it, and keep the rest', () => {
    const added = { ...results(row('ts-play', [700], { occasion: { date: '2026-01-02', load: 0.2, version: '2' } })), date: '2026-01-02' }
    const merged = merge(before, added)
    expect(merged.measurements.map(({ contender, phase, wall }) => [contender, phase, wall[0]])).toEqual([['ts-play', 'first', 3000], ['ts-play', 'again', 700]])
    expect(report(merged, '')).toContain('Measured 2026-01-02 with ts-play 2; load when that began 0.2.')
  })
  test('are read again as they were written, also those of a run without a budget, and of which only times are known', () => {
    const written: Results = { ...results(row('ts-play', [1000], { cpu: [], memory: [], bytes: [], processes: [], occasion: { date: '2026-01-02', version: '2' } })), budget: null }
    expect(Results.parse(JSON.parse(JSON.stringify(written)))).toEqual(written)
    expect(report(written, '')).toContain('| ts-play | 1.00 (1.00–1.00) | 1 | 1.00 | – | – | – | – |  |')
    expect(report(written, '')).toContain('Measured 2026-01-02 with ts-play 2.\n')
  })
  test('are refused where they are of another machine', () => {
    expect(() => merge(before, { ...before, machine: { ...before.machine, cores: 4 } })).toThrow('the results are of another machine (cores 2, and here 4)')
  })
})

describe('a plot', () => {
  test('has a bar for everybody who counts, ever longer, and none for who was disqualified', () => {
    const svg = plot([row('ts-play', [1000]), row('mitogen', [25_000]), row('pyinfra', [9000], { disqualified: 'no' })])
    const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(match => Number(match[1]))
    expect(widths).toHaveLength(2)
    expect(widths).toEqual(widths.toSorted((a, b) => a - b))
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg).not.toContain('>pyinfra<')
  })
})
