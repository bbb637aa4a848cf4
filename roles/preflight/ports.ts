import { k3sPorts } from '../k3s/fitness.ts'
import type { Inspection } from '../kubernetes/inspection.ts'
import type { Complaint } from './complaint.ts'
import type { Inspections, Site } from './judge.ts'

/**
 * Ports that Kubernetes, or k3s, will want and something else has. Of a host that has joined nothing is said: there they are Kubernetes' own.
 * @see https://kubernetes.io/docs/reference/networking/ports-and-protocols/
 */
export function ports(inspections: Inspections, site: Site): readonly Complaint[] {
  return [...inspections].flatMap(([host, inspection]) => {
    if (bothWanted(host, inspection, site))
      return [{
        check: 'ports' as const, host,
        found: `HAProxy and kube-apiserver of ${host} both want port ${site.endpoint.port}`,
        remedy: 'set bindPort (of each kube-apiserver) to another port, 6444 for one: the endpoint’s is in every kubeconfig',
      }]
    const wanted = wantedOn(host, inspection, site)
    return inspection.listeners
      .filter(({ port }, index, all) => wanted.has(port) && all.findIndex(other => other.port === port) === index)
      .filter(({ port, program }) => program === undefined || wanted.get(port) !== program)
      .map(({ port, program }): Complaint => ({
        check: 'ports',
        host,
        found: `${program ?? 'something'} listens on port ${port} of ${host}`,
        remedy: `stop it (ss -lptn 'sport = :${port}' on ${host}), or let Kubernetes have another port: bindPort, endpoint.port`,
      }))
  })
}

/** Whether a control plane balances the API, too, and the two would be at one port. */
function bothWanted(host: string, { settings }: Inspection, { endpoint, balancers, controlPlanes }: Site): boolean {
  const balances = endpoint.strategy === 'local' || (endpoint.strategy === 'haproxy+keepalived' && balancers.some(({ name }) => name === host))
  return balances && endpoint.port === settings.bindPort && controlPlanes.some(({ name }) => name === host)
}

/** Ports, and the program that may have each already. */
function wantedOn(host: string, { fresh, settings }: Inspection, { distribution, endpoint, etcd, etcdHosts, balancers, controlPlanes, workers }: Site): ReadonlyMap<number, string | undefined> {
  const isIn = (group: Site['workers']): boolean => group.some(({ name }) => name === host)
  const nothing = (numbers: readonly number[]): readonly (readonly [number, undefined])[] => numbers.map(number => [number, undefined] as const)
  return new Map([
    ...(fresh && distribution === 'k3s' && (isIn(controlPlanes) || isIn(workers)) ? nothing(k3sPorts(isIn(controlPlanes) ? 'server' : 'agent', settings.bindPort)) : []),
    ...(fresh && distribution === 'kubeadm' && isIn(controlPlanes) ? nothing([settings.bindPort, ...(etcd === 'stacked' ? [2379, 2380] : []), 10250, 10257, 10259]) : []),
    ...(fresh && distribution === 'kubeadm' && isIn(workers) ? nothing([10250, 10256]) : []),
    ...(etcd === 'external' && isIn(etcdHosts) ? [2379, 2380].map(number => [number, 'etcd'] as const) : []),
    ...(endpoint.strategy === 'haproxy+keepalived' && isIn(balancers) ? [[endpoint.port, 'haproxy'] as const] : []),
    ...(endpoint.strategy === 'local' && (isIn(controlPlanes) || isIn(workers)) ? [[endpoint.port, 'haproxy'] as const] : []),
  ])
}
