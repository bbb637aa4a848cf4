import { absent, resource, sh, value, type Change, type Command } from 'ts-play'
import type { EtcdVoter } from '../outputs.ts'
import { etcdctl, etcdctlTool } from './places.ts'
import { parseVoter } from './survey.ts'

export interface StaleSpec {
  readonly host: string
  /** Peer URL of this host, and whether the data of that member is here. */
  readonly own: string
  readonly data: boolean
  /** Peer URLs of the inventory. */
  readonly expected: readonly string[]
  readonly sha256: string
  /** Client URLs of members that answer. */
  readonly through: readonly string[]
}

interface Seen extends EtcdVoter {
  readonly healthy: boolean
}

/**
 * Ends memberships that nobody can fill any more: this host's own, when its data is gone, and those of hosts that are not in the inventory and do not answer. etcd
 * counts them for its majority until then, so a new member is never added beside a dead one. Only a human knows that a machine will not come back with
 * its data: `--allow-destroy HOST`, with what it does to the majority in the message. A learner never had a vote, and goes without asking.
 *
 * @see https://etcd.io/docs/v3.6/op-guide/runtime-configuration/#replace-a-failed-machine
 */
export const staleMembers = resource<StaleSpec, readonly Seen[]>({
  kind: 'etcd-members',
  id: ({ host }) => `before ${host} joins`,
  probe: ({ sha256, through }) => sh`
    set -eu
    members=$(${etcdctl(sha256, through)} member list)
    printf '%s\\n' "$members" | while read -r member; do
      url=$(printf '%s' "$member" | awk -F', ' '{ print $5 }')
      if [ -n "$url" ] && ${etcdctlTool(sha256)} --command-timeout 5s --endpoints "$url" endpoint health >/dev/null 2>&1 </dev/null; then echo "healthy $member"; else echo "silent $member"; fi
    done`,
  parse: ({ stdout }) => stdout.split('\n').flatMap(line => {
    const [state, ...rest] = line.split(' ')
    return parseVoter(rest.join(' ')).map(member => ({ ...member, healthy: state === 'healthy' }))
  }),
  plan: ({ spec, state }) => staleOf(spec, state).map((member): Change => ({
    effect: 'destroys',
    attribute: `membership of ${nameOf(member, spec)}`,
    from: value(`${member.learner ? 'learner' : 'voter'} at ${member.peer} that does not answer`),
    to: absent,
    permitted: member.learner,
    because: `${member.peer === spec.own ? `the data of ${spec.host} is gone, and etcd still counts it` : `${nameOf(member, spec)} is not in the inventory and does not answer`}: ${quorumOf(state, staleOf(spec, state))}`,
    host: nameOf(member, spec),
  })),
  apply: ({ spec, state }) => removals(spec, staleOf(spec, state)),
})

function staleOf({ own, data, expected }: StaleSpec, members: readonly Seen[]): readonly Seen[] {
  return members.filter(({ peer, healthy }) => !healthy && (peer === own ? !data : !expected.includes(peer)))
}

/** A member that never started has no name. */
function nameOf({ name, peer, id }: EtcdVoter, { own, host }: StaleSpec): string {
  return peer === own ? host : name || id
}

/** What the removal does to the majority, in numbers. */
export function quorumOf(members: readonly { readonly healthy: boolean; readonly learner: boolean }[], leaving: readonly { readonly learner: boolean }[]): string {
  const voters = members.filter(({ learner }) => !learner)
  const healthy = voters.filter(member => member.healthy).length
  const after = voters.length - leaving.filter(({ learner }) => !learner).length
  const majority = (count: number): number => Math.floor(count / 2) + 1
  const spare = healthy - majority(after)
  return `of ${voters.length} voters ${healthy} answer and ${majority(voters.length)} are needed; after this ${majority(after)} of ${after} are needed, so ${spare <= 0 ? 'none' : spare} may fail until the new one votes`
}

function removals(spec: StaleSpec, stale: readonly Seen[]): Command {
  return stale.reduce((before, { id }) => sh`${before}
    ${etcdctl(spec.sha256, spec.through)} member remove ${id} >/dev/null`, sh`set -eu`)
}
