import type { Membership } from '../outputs.ts'

/** Who acts for the cluster in this run, and as what. */
export type Election =
  /** A healthy member serves those who join. */
  | { readonly verdict: 'serve'; readonly host: string }
  /** There is no cluster anywhere: this one makes it. */
  | { readonly verdict: 'init'; readonly host: string }
  /** An init of ours died on this one: it goes on there. */
  | { readonly verdict: 'recover'; readonly host: string }
  /** Nobody may act; `host` says so for all. */
  | { readonly verdict: 'refuse'; readonly host: string | undefined; readonly reason: string; readonly remedy: string }

export interface Electorate {
  /** Names of all control planes, in inventory order. */
  readonly order: readonly string[]
  /** Those that could be asked. */
  readonly survey: ReadonlyMap<string, Membership>
  /** Hosts that the user vouches for: they hold no cluster although they cannot be asked. */
  readonly assumeFresh: readonly string[]
  /** What takes a cluster from a host, in words; default `kubeadm reset`. */
  readonly reset?: string
  /** What goes on with what is left on one of them, in words; default the playbook for that. */
  readonly rescue?: string
}

/**
 * Elects the control plane that initialises the cluster or serves the others. No host is privileged: any healthy member will do, and inventory
 * order only breaks ties, so the first one may die for good. A cluster is made only where it is certain that there is none: the classic disaster
 * of such tools is a second run that initialises a second cluster beside the living one.
 */
export function elect({ order, survey, assumeFresh, reset = 'kubeadm reset', rescue = 'playbooks/etcd-restore.ts' }: Electorate): Election {
  const asked = order.flatMap(host => {
    const membership = survey.get(host)
    return membership === undefined ? [] : [{ host, ...membership }]
  })
  const inState = (state: Membership['state']) => asked.filter(each => each.state === state)
  const refuse = (reason: string, remedy: string): Election => ({ verdict: 'refuse', host: asked[0]?.host, reason, remedy })
  const told = (hosts: readonly { host: string; evidence: readonly string[] }[]) => hosts.map(({ host, evidence }) => `${host}: ${evidence.join('; ')}`).join('\n')

  const [server, ...otherServers] = inState('joined')
  if (server !== undefined) {
    const rival = otherServers.find(other => other.ca !== server.ca)
    if (rival === undefined) return { verdict: 'serve', host: server.host }
    return refuse(`${server.host} and ${rival.host} are members of different clusters`, 'leave the control planes of one cluster in the inventory')
  }

  const wrong = [...inState('foreign'), ...inState('broken')]
  if (wrong.length > 0) return refuse(`no control plane is healthy, and some hold a cluster:\n${told(wrong)}`, `repair one of them; where too many are gone for good, ${rescue} goes on with what one of them holds; or run \`${reset}\` where the cluster may go`)

  // The endpoint of an init that died late already answers: with the CA of the one where it died.
  const witness = asked.find(each => each.endpointCa !== undefined && !inState('partial').some(({ ca }) => ca === each.endpointCa))
  if (witness !== undefined)
    return refuse(`the endpoint already serves a cluster (CA ${witness.endpointCa}) that none of the control planes belongs to`, 'add its control planes to the inventory, or choose another endpoint')

  const unasked = order.filter(host => !survey.has(host) && !assumeFresh.includes(host))
  if (unasked.length > 0)
    return refuse(`no cluster is made while ${unasked.join(', ')} cannot be asked: it may hold one`, `bring it up, or vouch for it with the variable assumeFresh: [${unasked.join(', ')}]`)

  const [begun, ...alsoBegun] = inState('partial')
  if (begun !== undefined && alsoBegun.length > 0)
    return refuse(`an init began on more than one control plane:\n${told([begun, ...alsoBegun])}`, `run \`${reset}\` on all but one`)
  if (begun !== undefined) return { verdict: 'recover', host: begun.host }

  const [first] = asked
  if (first === undefined) return refuse('none of the control planes could be asked', 'bring up at least one')
  return { verdict: 'init', host: first.host }
}
