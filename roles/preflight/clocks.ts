import type { Complaint } from './complaint.ts'
import type { Inspections } from './judge.ts'

/** Milliseconds: etcd's leases and the validity of tokens suffer from more. */
const LIMIT = 1000

/** Clocks that differ from the middle one of all by more than a second, beyond what the measurement leaves open; and those that nothing keeps right. */
export function clocks(inspections: Inspections): readonly Complaint[] {
  const sorted = [...inspections.values()].map(({ clock }) => clock.ahead).toSorted((a, b) => a - b)
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  return [...inspections].flatMap(([host, { clock }]): readonly Complaint[] => {
    const off = clock.ahead - middle
    if (Math.abs(off) - clock.within > LIMIT)
      return [{ check: 'clock', host, found: `the clock of ${host} is ${(Math.abs(off) / 1000).toFixed(1)} s ${off > 0 ? 'ahead of' : 'behind'} the others`, remedy: 'let chrony or systemd-timesyncd set it: timedatectl set-ntp true' }]
    return clock.synchronized === 'no' ? [{ check: 'time-sync', host, found: `nothing keeps the clock of ${host} right`, remedy: 'timedatectl set-ntp true, or install chrony' }] : []
  })
}
