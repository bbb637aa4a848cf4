import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { openLab, type Lab } from '../lab/lab.ts'
import { requireLab } from '../lab/require-lab.ts'
import { tsPlay, type TsPlay } from '../lab/support/ts-play.ts'
import { FAULTS } from './faults/catalogue.ts'
import { endure } from './faults/endure.ts'
import { shortcomings, type Row } from './faults/fault.ts'
import { Site } from './faults/site.ts'
import { tableOf, writeRows } from './faults/table.ts'

/** A lab of this name is used, and stays: to work on single faults. */
const KEPT = process.env['TS_PLAY_FAULTS_LAB']
/** Only these: F5a,F6 */
const CHOSEN = process.env['TS_PLAY_FAULTS']?.split(',')
const REPORT = resolve(process.env['TS_PLAY_FAULTS_REPORT'] ?? 'test/ha/results/faults.json')
const faults = FAULTS.filter(({ id }) => CHOSEN === undefined || CHOSEN.includes(id))
const skip = requireLab()

/** Everything that can go wrong, one after another, on one cluster of seven hosts that somebody writes to ten times a second. */
describe.skipIf(skip)('a cluster of seven hosts endures', () => {
  let lab: Lab
  let play: TsPlay
  let site: Site
  const rows: Row[] = []
  const tell = (text: string): void => void process.stdout.write(`${text}\n`)

  beforeAll(async () => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`)
    await buildBinaries(say)
    await writeBundle(say)
    lab = await openLab(KEPT === undefined ? {} : { name: KEPT, keep: true })
    await lab.up('lb1', 'lb2', 'cp1', 'cp2', 'cp3', 'w1', 'w2')
    play = await tsPlay(lab)
    site = new Site(lab, play)
  })
  afterAll(async () => {
    tell(`\n${tableOf(rows)}\n`)
    if (rows.length > 0) await writeRows(REPORT, rows)
    await play?.[Symbol.asyncDispose]()
    if (KEPT === undefined) await lab?.down()
  })

  test.each(faults)('$id: $what', async fault => {
    const row = await endure(site, fault)
    rows.push(row)
    tell(tableOf([row]))
    expect(shortcomings(row)).toEqual([])
  })
})
