import type { Complaint } from './complaint.ts'
import type { Inspections, Site } from './judge.ts'

const AWAY = { kubeadm: 'kubeadm reset', k3s: '/usr/local/bin/k3s-uninstall.sh or k3s-agent-uninstall.sh' } as const

/** Nodes of a cluster that was made by something else: both would want the same ports, network and cgroups. */
export function others(inspections: Inspections, { distribution, controlPlanes, workers }: Site): readonly Complaint[] {
  const other = distribution === 'k3s' ? 'kubeadm' : 'k3s'
  return [...controlPlanes, ...workers].flatMap(({ name: host }) => inspections.get(host)?.distributions.includes(other) !== true ? [] : [{
    check: 'fitness' as const, host, found: `${host} is a node of a cluster that was made by ${other}`, remedy: `take it out of that cluster first (kubectl drain and delete node, then ${AWAY[other]}), or choose another machine`,
  }])
}
