import { failed, ok, warning, type Finding } from './finding.ts'
import type { Reports, Wanted } from './judge.ts'
import { controlPlanesOf } from './judge-control-planes.ts'

/** Nodes as they see themselves, and as the cluster lists them. */
export function nodes(reports: Reports, { controlPlanes, workers, kubernetesVersion }: Wanted): readonly Finding[] {
  const should = [...new Set([...controlPlanes, ...workers])].filter(host => reports.has(host))
  const ill = should.flatMap(host => {
    const node = reports.get(host)?.node
    if (node === undefined) return [`${host} has not joined`]
    return node.problem === undefined ? (node.ready ? [] : [`${host} is not Ready`]) : [`${host}: ${node.problem}`]
  })
  const listed = controlPlanesOf(reports).map(([, health]) => health.nodes).toSorted((a, b) => b.length - a.length)[0] ?? []
  const unready = listed.filter(({ ready }) => !ready).map(({ name }) => name)
  if (listed.length === 0) return [failed('nodes', 'no control plane could list them', 'see the rows above')]
  const problems = [...ill, ...(ill.length === 0 && unready.length > 0 ? [`not Ready, by the cluster's list: ${unready.join(', ')}`] : [])]
  const other = [...new Set(listed.filter(({ version }) => version !== kubernetesVersion).map(({ name, version }) => `${name} ${version}`))]
  return [
    problems.length === 0 ? ok('nodes', `${listed.length} of ${listed.length} Ready`) : failed('nodes', problems.join('; '), 'kubectl describe node, and journalctl -u kubelet on it'),
    ...(other.length === 0 ? [] : [warning('versions', `${other.join(', ')}; the inventory wants ${kubernetesVersion}`, 'upgrade them, or correct kubernetesVersion')]),
  ]
}

/** Deployments and DaemonSets of the system's own namespaces. */
export function workloads(reports: Reports): readonly Finding[] {
  const listed = controlPlanesOf(reports).map(([, health]) => health.workloads).find(all => all.length > 0) ?? []
  return listed.filter(({ namespace }) => namespace.startsWith('kube-')).map(({ name, wanted, available, namespace, kind }) =>
    available >= wanted
      ? ok(name, `${available} of ${wanted} available`)
      : failed(name, `${available} of ${wanted} available`, `kubectl describe -n ${namespace} ${kind.toLowerCase()} ${name}`))
}
