import type { Membership } from '../outputs.ts'
import type { Evidence } from './evidence.ts'

/** What a host is meant to be, and the cluster it is meant to be in as far as anybody knows. */
export interface Expectation {
  readonly part: 'control-plane' | 'worker'
  /** CA of the cluster that answers at the endpoint; `undefined` while none does. */
  readonly endpointCa: string | undefined
  /** Where etcd of a control plane is meant to run. */
  readonly etcd?: 'stacked' | 'external'
}

const etcdManifest = 'manifests/etcd.yaml'
const manifests = ['manifests/kube-apiserver.yaml', 'manifests/kube-controller-manager.yaml', 'manifests/kube-scheduler.yaml']

/**
 * Judges a host from what was seen on it. In doubt it says `broken`: that stops one host with its evidence, while a wrong `fresh` or `partial` could cost a cluster.
 */
export function classify(seen: Evidence, expected: Expectation): Membership {
  const verdict = (state: Membership['state'], ...why: readonly string[]): Membership => ({
    state,
    evidence: [...why, ...describe(seen)],
    ca: seen.ca,
    endpointCa: expected.endpointCa,
    attempt: seen.attempt,
    apiServer: seen.apiServer,
    etcdMember: seen.etcdMember,
  })

  if (seen.ca !== undefined && expected.endpointCa !== undefined && seen.ca !== expected.endpointCa)
    return verdict('foreign', `its CA ${seen.ca} is not the endpoint's ${expected.endpointCa}`)

  const configured = seen.files.some(file => file.endsWith('.conf'))
  const external = expected.etcd === 'external'
  const runsControlPlane = seen.files.some(file => manifests.includes(file) || file === etcdManifest)
  // A CA alone is how kubeadm takes a certificate authority of the user's own, and where an interrupted copy of ours stops: nothing has joined yet.
  if (!configured && !runsControlPlane && (external || !seen.etcdData)) return verdict('fresh')

  if (expected.part === 'worker' && (runsControlPlane || seen.etcdData)) return verdict('broken', 'it is a worker of the inventory and holds a control plane')
  if (external && seen.files.includes(etcdManifest)) return verdict('broken', 'etcd is stacked on it, and the inventory says etcd.topology external: that is for the life of a cluster')
  const missing = (expected.part === 'worker' ? ['kubelet.conf'] : ['kubelet.conf', 'admin.conf', ...(external ? [] : [etcdManifest]), ...manifests]).filter(file => !seen.files.includes(file))
  if (expected.part === 'control-plane' && seen.node === 'present' && !runsControlPlane && !seen.attempt)
    return verdict('broken', 'it is a control plane of the inventory and has joined as a worker')

  const problems = problemsOf(seen, expected)
  if (missing.length === 0 && problems.length === 0) return verdict('joined')
  if (missing.length > 0) return verdict('partial', `/etc/kubernetes lacks ${missing.join(', ')}`, ...problems)
  // All files are there and it does not work: an attempt of ours that died while waiting, or a member that has fallen ill. Only the former is ours to redo.
  return verdict(seen.attempt ? 'partial' : 'broken', ...problems)
}

function problemsOf(seen: Evidence, { part, etcd }: Expectation): string[] {
  const findings: readonly [boolean, string][] = [
    [seen.kubelet !== 'active', 'the kubelet is not running'],
    [seen.certificateLeft !== undefined && seen.certificateLeft <= 0, "the kubelet's client certificate has expired"],
    [seen.node === 'missing', 'the cluster has no Node of this name'],
    [seen.node === 'unknown', 'the API could not be asked for its Node'],
  ]
  const controlPlane: readonly [boolean, string][] = [
    [seen.apiServer !== 'ready', 'its kube-apiserver is not ready'],
    [!seen.uploaded, "the cluster's kubeadm-config cannot be read from here"],
  ]
  const stacked: readonly [boolean, string][] = [
    [seen.etcdMember === 'learner', 'its etcd member is still a learner'],
    [seen.etcdMember === 'none', 'its etcd is not in the member list'],
    [seen.etcdMember === 'unknown', 'its etcd does not answer'],
  ]
  return [...findings, ...(part === 'control-plane' ? controlPlane : []), ...(part === 'control-plane' && etcd !== 'external' ? stacked : [])].flatMap(([found, text]) => (found ? [text] : []))
}

/** The evidence in words, for whoever has to decide what a machine should not. */
function describe(seen: Evidence): string[] {
  return [
    seen.files.length > 0 ? `/etc/kubernetes has ${seen.files.join(', ')}` : '/etc/kubernetes is empty',
    `etcd ${seen.etcdData ? 'has data' : 'has no data'}, kubelet ${seen.kubelet}, API server ${seen.apiServer}, Node ${seen.node}, etcd member ${seen.etcdMember}`,
    ...(seen.attempt ? ['an attempt of ts-play began here and has not ended'] : []),
  ]
}
