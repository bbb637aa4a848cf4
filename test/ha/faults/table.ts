import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LAB_FACTOR, shortcomings, type Row } from './fault.ts'

const limited = (found: number | undefined, limit: number | undefined): string =>
  found === undefined ? '' : `${found.toFixed(1)}${limit === undefined ? '' : ` (< ${limit * LAB_FACTOR})`}`

/** The table that a run prints. Times in seconds, with what is allowed in brackets. */
export function tableOf(rows: readonly Row[]): string {
  const head = ['', 'fault', 'API gap', 'writes', 'lost', 'VIP on', 'moved', 'recovered', '', 'seen']
  const lines = [head, ...rows.map(row => [
    row.id, row.what, limited(row.written?.gap, row.criteria.gap), String(row.written?.acknowledged ?? ''), String(row.written?.lost ?? ''),
    row.floating === undefined ? '' : `${row.floating.holders.join(' and ')}${row.floating.answering === 1 ? '' : ` (${row.floating.answering} answer)`}`,
    limited(row.moved, row.criteria.moved), limited(row.recovered, row.criteria.recovered), shortcomings(row).length === 0 ? 'passed' : 'FAILED', row.text,
  ])]
  const widths = head.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)))
  return lines.map(line => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n')
}

export async function writeRows(path: string, rows: readonly Row[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${JSON.stringify({ date: new Date().toISOString(), labFactor: LAB_FACTOR, faults: rows.map(row => ({ ...row, shortcomings: shortcomings(row) })) }, undefined, 2)}\n`)
}
