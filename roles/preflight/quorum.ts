import type { Complaint } from './complaint.ts'
import type { Inspections, Site } from './judge.ts'

/** An even number of members of etcd where a cluster is begun. One that exists may have it for a while: it grows, or a server was lost. */
export function quorum(inspections: Inspections, { distribution, etcd, controlPlanes }: Site): readonly Complaint[] {
  const count = controlPlanes.length
  const begins = controlPlanes.every(({ name }) => inspections.get(name)?.fresh === true)
  if (etcd === 'external' || count % 2 === 1 || !begins) return []
  const what = distribution === 'k3s' ? 'servers' : 'control planes'
  return [{ check: 'quorum', host: controlPlanes.map(({ name }) => name).join(', '), found: `there are ${count} ${what}, each with a member of etcd: of ${count} as few may die as of ${count - 1}`, remedy: `make it ${count - 1} or ${count + 1}` }]
}
