import { absent, resource, sh, value, type Change, type Command } from 'ts-play'
import { askEtcd } from '../kubernetes/etcd-health.ts'

/** A member of etcd that no control plane of the inventory answers for. */
interface Departed {
  readonly id: string
  readonly name: string
  readonly url: string
}

interface Spec {
  /** Addresses of the control planes that answer for their member, or may again. */
  readonly expected: readonly string[]
  /** Addresses of the control planes that have nothing of Kubernetes on them: who is known by one of these lost its disk. */
  readonly bare: readonly string[]
  /** kubectl with the administrator's credentials. */
  readonly kubectl: Command
}

/**
 * Ends the membership of control planes that died and were taken out of the inventory, or came back with an empty disk: etcd takes no new member while it
 * counts one that does not answer. A member that answers is left alone, whoever it belongs to. For one that was taken out this is refused without
 * `--allow-destroy NAME`: only a human knows that a machine will not come back with data of its own. One that came back without any has said so itself.
 * Removing a dead member never costs the quorum: it lowers what is counted, not what is healthy.
 *
 * @see https://etcd.io/docs/v3.6/op-guide/runtime-configuration/
 */
export const departedMembers = resource<Spec, readonly Departed[]>({
  kind: 'etcd-members',
  id: () => 'departed control planes',
  probe: ({ expected }) => sh`
    set -eu
    etcd() { ${askEtcd} "$@"; }
    # etcd ends its answer without a newline, and \`read\` says no to a line without one.
    etcd -d '{}' https://127.0.0.1:2379/v3/cluster/member/list | sed 's/},{/}\\n{/g' | while read -r member || [ -n "$member" ]; do
      url=$(printf %s "$member" | sed -n ${'s/.*"clientURLs":\\["\\([^"]*\\)".*/\\1/p'})
      [ -n "$url" ] || continue
      for own in ${expected}; do [ "$url" != "https://$own:2379" ] || continue 2; done
      case $(etcd "$url/health" 2>/dev/null) in *'"health":"true"'*) continue ;; esac
      printf '%s %s %s\\n' "$(printf %s "$member" | sed -n ${'s/.*"ID":"\\([0-9]*\\)".*/\\1/p'})" "$(printf %s "$member" | sed -n ${'s/.*"name":"\\([^"]*\\)".*/\\1/p'})" "$url"
    done`,
  parse: ({ stdout }) => stdout.split('\n').flatMap(line => {
    const [id, name, url] = line.split(' ')
    return id && name && url && /^\d+$/.test(id) && /^[a-z0-9][a-z0-9.-]*$/.test(name) ? [{ id, name, url }] : []
  }),
  plan: ({ spec, state }) => state.map((member): Change => {
    const cameBackBare = spec.bare.some(address => member.url === `https://${address}:2379`)
    return {
      effect: 'destroys',
      attribute: `membership of ${member.name}`,
      from: value(`voter at ${member.url} that does not answer`),
      to: absent,
      permitted: cameBackBare,
      because: `${member.name} ${cameBackBare ? 'came back without its data' : 'is not in the inventory and does not answer'}, and etcd takes no new member while it counts it`,
      host: member.name,
    }
  }),
  turnedBy: (_found, effect) => effect.type === 'anything',
  apply: ({ spec, state }) => sh`
    set -eu
    ${removals(state)}
    for node in ${state.map(({ name }) => name)}; do ${spec.kubectl} delete node "$node" --ignore-not-found; done`,
})

function removals(members: readonly Departed[]): Command {
  return members.reduce((before, { id }) => sh`${before}
    ${askEtcd} -d ${JSON.stringify({ ID: id })} https://127.0.0.1:2379/v3/cluster/member/remove >/dev/null`, sh``)
}
