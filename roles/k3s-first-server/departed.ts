import { absent, resource, sh, value, type Change } from 'ts-play'
import { listMembers, removeMember } from '../k3s/etcd.ts'
import { k3sKubectl } from '../k3s/kubectl.ts'

/** A member of etcd whose server is gone. */
interface Departed {
  readonly id: string
  /** k3s calls a member NODE-xxxxxxxx. */
  readonly node: string
  readonly address: string
}

interface Spec {
  /** Addresses of the servers in the inventory that hold a member. */
  readonly expected: readonly string[]
  /** Addresses of those that hold nothing any more, as could be seen on them: made anew, they want to join. */
  readonly emptied: readonly string[]
  readonly bindPort: number
}

/**
 * Ends the membership of servers that died and were taken out of the inventory, or came back empty: etcd takes no new member while it counts one that does not
 * answer, and k3s none of a name that it knows. A server that answers is left alone, whoever it belongs to.
 *
 * Where nobody can look at the machine it is refused without `--allow-destroy NAME`: only a human knows that it will not come back with data of its own. Deleting the
 * Node makes k3s itself end the membership and forget the node's password; what is left after a minute is removed here.
 */
export const departedServers = resource<Spec, readonly Departed[]>({
  kind: 'k3s-servers',
  id: () => 'departed servers',
  probe: ({ expected, bindPort }) => sh`
    set -eu
    ${listMembers} | sed 's/},{/}\\n{/g' | while read -r member; do
      address=$(printf %s "$member" | sed -n ${'s,.*"peerURLs":\\["https://\\([^":]*\\):.*,\\1,p'})
      [ -n "$address" ] || continue
      for own in ${expected}; do [ "$address" != "$own" ] || continue 2; done
      [ "$(curl -ks --connect-timeout 2 --max-time 5 "https://$address:"${String(bindPort)}/readyz)" != ok ] || continue
      printf '%s %s %s\\n' "$(printf %s "$member" | sed -n ${'s/.*"ID":"\\([0-9]*\\)".*/\\1/p'})" "$(printf %s "$member" | sed -n ${'s/.*"name":"\\([^"]*\\)-[0-9a-f]*".*/\\1/p'})" "$address"
    done`,
  parse: ({ stdout }) => stdout.split('\n').flatMap(line => {
    const [id, node, address] = line.split(' ')
    return id && node && address && /^\d+$/.test(id) && /^[a-z0-9][a-z0-9.-]*$/.test(node) ? [{ id, node, address }] : []
  }),
  plan: ({ spec, state }) => state.map(({ node, address }): Change => {
    const emptied = spec.emptied.includes(address)
    return {
      effect: 'destroys',
      attribute: `membership of ${node}`,
      from: value(`server at ${address} that does not answer`),
      to: absent,
      permitted: emptied,
      because: emptied ? `${node} holds no data any more, and is about to join anew` : `${node} is not in the inventory and does not answer, and etcd takes no new member while it counts it`,
      host: node,
    }
  }),
  apply: ({ state }) => state.reduce((before, { id, node }) => sh`${before}
    ${k3sKubectl} delete node ${node} --ignore-not-found --timeout=60s || echo ${`the deletion of ${node} has not ended`} >&2
    case $(${listMembers}) in *${`"ID":"${id}"`}*) ${removeMember(JSON.stringify({ ID: id }))} >/dev/null ;; esac`, sh`set -eu`),
})
