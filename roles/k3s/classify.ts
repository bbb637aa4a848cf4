import type { Membership } from '../outputs.ts'
import type { K3sEvidence } from './evidence.ts'

/** What a host is meant to be, and the CA of the cluster that answers at the endpoint; `undefined` while none does. */
export interface Expectation {
  readonly part: 'server' | 'agent'
  readonly endpointCa: string | undefined
}

/**
 * Judges a host from what was seen on it. In doubt it says `broken`: that stops one host with its evidence, while a wrong `fresh` could cost a cluster.
 *
 * `partial` is an attempt of ours that died: k3s goes on where it was by itself (it knows its member of etcd by name and does not add it twice), so that is started
 * again, and nothing is ever taken away. A server with SQLite is a member like another, whose `etcdMember` is `none`.
 */
export function classifyK3s(seen: K3sEvidence, { part, endpointCa }: Expectation): Membership {
  const ca = part === 'server' ? seen.ca : seen.agentCa
  const verdict = (state: Membership['state'], ...why: readonly string[]): Membership => ({
    state,
    evidence: [...why, ...describe(seen)],
    ca,
    endpointCa,
    attempt: seen.attempt,
    apiServer: seen.apiServer,
    etcdMember: seen.datastore === 'sqlite' ? 'none' : seen.etcdMember,
  })
  if (ca !== undefined && endpointCa !== undefined && ca !== endpointCa) return verdict('foreign', `its CA ${ca} is not the endpoint's ${endpointCa}`)

  const isServer = seen.datastore !== 'none' || seen.ca !== undefined
  if (part === 'agent' && isServer) return verdict('broken', 'it is an agent of the inventory and holds a server')
  if (part === 'server' && seen.agent !== 'absent' && seen.agentCa !== undefined) return verdict('broken', 'it is a server of the inventory and has joined as an agent')

  const begun = part === 'server' ? isServer || seen.server === 'active' : seen.agentCa !== undefined || seen.agent === 'active'
  if (!begun) return verdict('fresh')
  const problems = problemsOf(seen, part)
  if (problems.length === 0) return verdict('joined')
  return verdict(seen.attempt ? 'partial' : 'broken', ...problems)
}

function problemsOf(seen: K3sEvidence, part: Expectation['part']): string[] {
  const unit = part === 'server' ? 'k3s' : 'k3s-agent'
  const findings: readonly [boolean, string][] = [
    [(part === 'server' ? seen.server : seen.agent) !== 'active', `${unit} is not running`],
    [seen.node === 'missing', 'the cluster has no Node of this name'],
    [seen.node === 'unknown', 'the API could not be asked for its Node'],
  ]
  const server: readonly [boolean, string][] = [
    [seen.apiServer !== 'ready', 'its kube-apiserver is not ready'],
    [seen.datastore === 'none', 'it has no datastore'],
    [seen.datastore === 'etcd' && seen.etcdMember === 'learner', 'its etcd member is still a learner'],
    [seen.datastore === 'etcd' && seen.etcdMember === 'none', 'its etcd is not in the member list'],
    [seen.datastore === 'etcd' && seen.etcdMember === 'unknown', 'its etcd does not answer'],
  ]
  return [...findings, ...(part === 'server' ? server : [])].flatMap(([found, text]) => (found ? [text] : []))
}

/** The evidence in words, for whoever has to decide what a machine should not. */
function describe(seen: K3sEvidence): string[] {
  return [
    `k3s ${seen.version ?? 'is not installed'}, server ${seen.server}, agent ${seen.agent}, datastore ${seen.datastore}`,
    `API server ${seen.apiServer}, Node ${seen.node}, etcd member ${seen.etcdMember}`,
    ...(seen.attempt ? ['an attempt of ts-play began here and has not ended'] : []),
  ]
}
