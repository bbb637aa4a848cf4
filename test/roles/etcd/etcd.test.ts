import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { measureDisk } from '../../../roles/etcd/disk.ts'
import { parseListening } from '../../../roles/kubernetes/listening.ts'
import { etcd } from '../../../roles/etcd/role.ts'
import { parseEvidence } from '../../../roles/kubernetes/evidence.ts'
import { runShell } from '../support/shell.ts'
import { itemsOf, refusals, shown } from '../support/tasks.ts'

test('ports that something listens on, of both families', () => {
  expect(parseListening(`  sl  local_address rem_address   st tx_queue rx_queue
   0: 0100007F:094B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   0: 00000000000000000000000000000000:192B 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1
`)).toEqual([2379, 6443])
})

describe('etcd', () => {
  const items = (changes: { listening?: readonly number[]; evidence?: object } = {}) =>
    itemsOf(etcd, { host: { name: 'm1', address: '10.0.0.21' }, facts: { listening: changes.listening ?? [22], evidence: { ...parseEvidence(''), ...changes.evidence } } })

  test('measures the disk before anything is on it, and never after', () => {
    expect(shown(items())).toEqual(['command measure the disk for etcd'])
    expect(shown(items({ evidence: { etcdData: true } }))).toEqual([])
  })
  test('refuses a fresh host where something else listens', () => {
    expect(refusals(items({ listening: [22, 2379, 6443] }))).toEqual([expect.stringContaining('listens on port 2379, 6443 of m1')])
    expect(refusals(items({ listening: [2379, 6443], evidence: { files: ['kubelet.conf'] } }))).toEqual([])
  })
})

describe('the disk', () => {
  const measure = (seconds: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'ts-play-disk-'))
    const script = measureDisk({ directory: join(folder, 'etcd'), limit: 10 }).text.replaceAll('/var/lib/ts-play', join(folder, 'state'))
    const result = runShell(`set -eu\n${script}`, { dd: `echo '2300 bytes (2.3 kB, 2.2 KiB) copied, ${seconds} s, 1.1 MB/s' >&2` })
    const left = readdirSync(join(folder, 'etcd'))
    rmSync(folder, { recursive: true })
    return { status: result.status, stderr: result.stderr.replaceAll(folder, ''), left }
  }
  test('that is quick is taken, and left as it was', () => {
    expect(measure('0.00216')).toEqual({ status: 0, stderr: '', left: [] })
    expect(measure('9.6e-05')).toEqual({ status: 0, stderr: '', left: [] })
  })
  test('that is slow is refused with its latency, and left as it was', () => {
    expect(measure('0.0213')).toEqual({ status: 1, stderr: 'a durable write to /etcd takes 21 ms, and etcd needs less than 10 (variable etcdDiskLimit)\n', left: [] })
  })
})
