import { assert, report, z, type Item } from 'ts-play'
import { WARNINGS, type Complaint } from './complaint.ts'

/** What an inventory may put up with. */
export const preflightVars = {
  preflightDisk: z.int().nonnegative().default(4096).describe('Megabytes that have to be free under /var/lib of every node'),
  preflightIgnore: z.array(z.enum(['ports', 'floating-address', 'clock', 'disk', 'quorum', 'kernel', 'etcd-alarm', 'network', 'service-addresses', 'reach', 'vrrp'])).default([]).describe('Checks that warn instead of refusing'),
}

/** One table with every complaint, and one failure. */
export function verdict(complaints: readonly Complaint[], ignored: readonly string[]): readonly Item[] {
  const tolerated: readonly string[] = [...WARNINGS, ...ignored]
  const refusals = complaints.filter(({ check }) => !tolerated.includes(check))
  return [
    ...(complaints.length === 0 ? [] : [
      report({
        title: 'Before anything is changed',
        columns: ['host', 'check', '', 'found'],
        rows: complaints.map(({ host, check, found, remedy }) => [host, check, tolerated.includes(check) ? 'warning' : 'refused', `${found} → ${remedy}`]),
      }),
    ]),
    assert({
      name: 'every host is fit',
      that: refusals.length === 0,
      message: `nothing was changed on any host:\n${refusals.map(({ found }) => found).join('\n')}`,
      remedy: [...new Set(refusals.map(({ remedy }) => remedy))].join('\n'),
    }),
  ]
}
