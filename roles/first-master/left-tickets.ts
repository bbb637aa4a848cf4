import { absent, resource, sh, value, type Change, type Command } from 'ts-play'
import { ticketLabel } from './tickets.ts'

interface Spec {
  /** kubectl with the administrator's credentials. */
  readonly kubectl: Command
}

/**
 * Takes back bootstrap tokens of runs that could not: they were killed, or the control plane that served them died with its API. All that are there when a
 * run begins are such: one run at a time holds this host, and makes its own tickets only later.
 *
 * In check mode they are shown as they would go.
 */
export const leftTickets = resource<Spec, readonly string[]>({
  kind: 'bootstrap-tokens',
  id: () => 'left by earlier runs',
  probe: ({ kubectl }) => sh`set -eu\n${kubectl} get secrets --namespace kube-system --selector ${ticketLabel} -o name`,
  parse: ({ stdout }) => stdout.split('\n').flatMap(line => /^secret\/(bootstrap-token-[a-z0-9]{6})$/.exec(line)?.[1] ?? []),
  plan: ({ state }) => state.map((name): Change => ({ effect: 'modifies', attribute: name, from: value('lets nodes join'), to: absent })),
  turnedBy: (_found, effect) => effect.type === 'anything',
  apply: ({ spec, state }) => sh`${spec.kubectl} delete secret --namespace kube-system --ignore-not-found ${state}`,
})
