import { expect, test } from 'vitest'
import type { HostSummary } from '../../engine/model/event.ts'
import type { Failed } from '../../engine/model/failure.ts'
import { recap, type RunFinished } from '../../engine/render/recap.ts'

const idle: HostSummary = { host: 'a', ok: 4, changed: 0, wouldChange: 0, unknown: 0, skipped: 0, failed: 0, unreachable: false, blocked: 0 }
const down = (host: string): Failed => ({ failure: { reason: 'unreachable', message: `${host}: no route`, remedy: 'look at the network' }, host, play: 'base', origin: { file: '/site/playbooks/ha.ts', line: 4 } })

function finished(exitCode: number, rows: readonly Partial<HostSummary>[], failures: readonly Failed[] = []): RunFinished {
  return { type: 'run-finished', at: 12_400, exitCode, hosts: rows.map((row, index) => ({ ...idle, host: `h${index}`, ...row })), failures }
}

test.each([
  { mode: 'run', exit: 0, rows: [{}], says: 'nothing to do, 4 ok in 12.4 s' },
  { mode: 'run', exit: 0, rows: [{ changed: 2 }, { changed: 1 }], says: '3 changed in 12.4 s' },
  { mode: 'check', exit: 0, rows: [{}], says: 'check: nothing to do in 12.4 s' },
  { mode: 'check', exit: 2, rows: [{ wouldChange: 40 }], says: 'check: 40 would change in 12.4 s (exit code 2)' },
  { mode: 'check', exit: 3, rows: [{ wouldChange: 40, unknown: 12 }], says: 'check: 40 would change, 12 unknown in 12.4 s (exit code 3)' },
  { mode: 'run', exit: 4, rows: [{ unreachable: true }, { changed: 2 }], says: 'unreachable: 1 host; 2 changed in 12.4 s (exit code 4)' },
  { mode: 'run', exit: 130, rows: [{ changed: 2 }], says: 'interrupted after 12.4 s: 2 changed; the same command goes on from here (exit code 130)' },
] as const)('the last line says in words what exit code $exit means: $says', ({ mode, exit, rows, says }) => {
  expect(recap(finished(exit, rows), { mode, color: false, root: '' }).at(-1)).toBe(says)
})

test('a run with failures says how many on how many hosts', () => {
  expect(recap(finished(1, [{ failed: 1 }, { failed: 1, changed: 2 }], [down('h0'), down('h1')]), { mode: 'run', color: false, root: '' }).at(-1)).toBe('failed: 2 failures on 2 hosts; 2 changed in 12.4 s (exit code 1)')
})

test('every column is aligned, however long the names and numbers', () => {
  const lines = recap(finished(0, [{ host: 'a', changed: 1200 }, { host: 'a-longer-name', ok: 37 }, { host: '名前', skipped: 3 }]), { mode: 'run', color: false, root: '' })
  expect(lines.slice(2, 5).join('\n')).toMatchInlineSnapshot(`
    "a             : ok=4   changed=1200  skipped=0  failed=0  unreachable=0
    a-longer-name : ok=37  changed=0     skipped=0  failed=0  unreachable=0
    名前          : ok=4   changed=0     skipped=3  failed=0  unreachable=0"
  `)
})

test('a run shows columns of check mode only when they count something, and the other way round', () => {
  const heading = (mode: 'run' | 'check', row: Partial<HostSummary>) => recap(finished(0, [row]), { mode, color: false, root: '' })[2]
  expect(heading('run', {})).toBe('h0 : ok=4  changed=0  skipped=0  failed=0  unreachable=0')
  expect(heading('run', { unknown: 1 })).toBe('h0 : ok=4  changed=0  unknown=1  skipped=0  failed=0  unreachable=0')
  expect(heading('check', {})).toBe('h0 : ok=4  would change=0  unknown=0  skipped=0  failed=0  unreachable=0')
})

test.each(['run', 'check'] as const)('the table of a %s fits on 80 columns', mode => {
  expect(recap(finished(0, [{ host: 'master-01' }]), { mode, color: false, root: '' })[2]?.length).toBeLessThan(80)
})

test('a hundred failures do not bury the table: twenty are told, the rest is counted', () => {
  const hosts = Array.from({ length: 100 }, (_, index) => `h${index}`)
  const text = recap(finished(4, hosts.map(host => ({ host, unreachable: true })), hosts.map(down)), { mode: 'run', color: false, root: '/site' }).join('\n')
  expect(text).toContain('20. unreachable [h19] base\n   at playbooks/ha.ts:4\n')
  expect(text).not.toContain('21. unreachable')
  expect(text).toContain('… 80 more failures; the log above names them')
})
