import { absent, resource, sh, value, type Change, type Command } from 'ts-play'
import { askEtcd } from '../kubernetes/etcd-health.ts'

/** A member of etcd as its list has it. */
interface Listed {
  readonly id: string
  /** Empty until it has started. */
  readonly name: string
  readonly peer: string
  /** Empty until it has started. */
  readonly url: string
  readonly learner: boolean
  /** Whether it says that it is well. */
  readonly answers: boolean
}

interface Spec {
  /** Addresses of the control planes that answer for their member, or may again. */
  readonly expected: readonly string[]
  /** Addresses of the control planes that have nothing of Kubernetes on them: who is known by one of these lost its disk. */
  readonly bare: readonly string[]
  /** Addresses of the control planes on which a join of ours died. */
  readonly unfinished: readonly string[]
  /** kubectl with the administrator's credentials. */
  readonly kubectl: Command
}

/**
 * Ends the membership of control planes that died and were taken out of the inventory, came back with an empty disk, or never got a vote because their join
 * died: etcd takes no new member while it counts one that does not answer, or has one that learns. A member that answers is left alone, whoever it belongs
 * to. For one that was taken out this is refused without `--allow-destroy NAME`: only a human knows that a machine will not come back with data of its own.
 * One that came back without any has said so itself, and one without a vote has none that anybody relies on.
 * Removing a dead member never costs the quorum: it lowers what is counted, not what is healthy.
 *
 * @see https://etcd.io/docs/v3.6/op-guide/runtime-configuration/
 */
export const departedMembers = resource<Spec, readonly Listed[]>({
  kind: 'etcd-members',
  id: () => 'departed control planes',
  probe: () => sh`
    set -eu
    etcd() { ${askEtcd} "$@"; }
    # etcd ends its answer without a newline, and \`read\` says no to a line without one.
    etcd -d '{}' https://127.0.0.1:2379/v3/cluster/member/list | sed 's/},{/}\\n{/g' | while read -r member || [ -n "$member" ]; do
      part() { printf %s "$member" | sed -n 's/.*"'"$1"'":\\[\\{0,1\\}"\\([^"]*\\)".*/\\1/p'; }
      id=$(part ID) name=$(part name) peer=$(part peerURLs) url=$(part clientURLs)
      [ -n "$id" ] || continue
      case $member in *'"isLearner":true'*) vote=learner ;; *) vote=voter ;; esac
      answers=no
      if [ -n "$url" ]; then case $(etcd "$url/health" 2>/dev/null) in *'"health":"true"'*) answers=yes ;; esac; fi
      printf '%s,%s,%s,%s,%s,%s\\n' "$id" "$name" "$peer" "$url" "$vote" "$answers"
    done`,
  parse: ({ stdout }) => stdout.split('\n').flatMap(line => {
    const [id, name = '', peer, url = '', vote, answers] = line.split(',')
    return id && peer && /^\d+$/.test(id) && /^[a-z0-9.-]*$/.test(name) ? [{ id, name, peer, url, learner: vote === 'learner', answers: answers === 'yes' }] : []
  }),
  plan: ({ spec, state }) => state.flatMap(member => departure(member, spec) ?? []),
  turnedBy: (_found, effect) => effect.type === 'anything',
  apply: ({ spec, state }) => {
    const leaving = state.filter(member => departure(member, spec) !== undefined)
    const nodes = leaving.filter(member => !neverVoted(member, spec)).map(({ name }) => name)
    return sh`
    set -eu
    ${removals(leaving)}
    for node in ${nodes}; do ${spec.kubectl} delete node "$node" --ignore-not-found; done`
  },
})

/** The end of a membership, and why; `undefined` for a member that stays. */
function departure(member: Listed, spec: Spec): Change | undefined {
  const { name, peer, url, answers } = member
  const attribute = `membership of ${name || peer}`
  if (neverVoted(member, spec)) return { effect: 'destroys', attribute, from: value(`learner at ${peer}`), to: absent, permitted: true, because: `the join that added ${name || peer} died before it had a vote` }
  if (url === '' || answers || clientsOf(spec.expected).includes(url)) return undefined
  const cameBackBare = clientsOf(spec.bare).includes(url)
  return {
    effect: 'destroys',
    attribute,
    from: value(`voter at ${url} that does not answer`),
    to: absent,
    permitted: cameBackBare,
    because: `${name} ${cameBackBare ? 'came back without its data' : 'is not in the inventory and does not answer'}, and etcd takes no new member while it counts it`,
    host: name,
  }
}

/** Whether it is what is left of a join: nobody but that join would have given it a vote. */
function neverVoted({ peer, url, learner }: Listed, { bare, unfinished }: Spec): boolean {
  return (learner || url === '') && [...bare, ...unfinished].some(address => peer === `https://${address}:2380`)
}

function clientsOf(addresses: readonly string[]): readonly string[] {
  return addresses.map(address => `https://${address}:2379`)
}

function removals(members: readonly Listed[]): Command {
  return members.reduce((before, { id }) => sh`${before}
    ${askEtcd} -d ${JSON.stringify({ ID: id })} https://127.0.0.1:2379/v3/cluster/member/remove >/dev/null`, sh``)
}
