import { readAccess, warnNotUnderstood } from './access.ts'
import type { Draft, HostDraft } from './draft.ts'
import type { Host, Inventory } from './inventory.ts'
import { resolveNesting } from './nesting.ts'
import { error, warning, wholeFile } from './place.ts'
import { mergeSettings } from './precedence.ts'

/** Turns what the files said into an inventory, and reports what only the whole can show. */
export function assemble(paths: readonly string[], draft: Draft, { home }: { home: string }): Inventory {
  const { diagnostics } = draft
  const nesting = resolveNesting(draft)
  const merge = mergeSettings(draft, nesting)
  const host = (given: HostDraft): Host => {
    const { address, access, rest } = readAccess(given, merge(given), { home, diagnostics })
    return {
      name: given.name,
      place: given.place,
      address,
      vars: Object.fromEntries([...rest].map(([name, setting]) => [name, setting.value])),
      access,
      groups: nesting.groupsOf(given.name),
      varSources: new Map([...rest].map(([name, setting]) => [name, setting.source])),
    }
  }
  const hosts = [...draft.hosts.values()].map(host)
  for (const { name, place } of draft.hosts.values())
    if (name === 'all' || draft.groups.has(name)) diagnostics.push(error(place, `\`${name}\` is both a host and a group`, 'a pattern could mean either: give one of them another name'))
  warnTwins(hosts, draft)
  warnNotUnderstood([...draft.groups.values(), ...draft.hosts.values()].flatMap(({ inline, filed }) => [inline, filed]), diagnostics)
  if (hosts.length === 0 && !diagnostics.some(found => found.severity === 'error')) diagnostics.push(warning(wholeFile(paths[0] ?? '-i'), 'the inventory has no hosts'))
  return { paths, hosts, groups: nesting.members, controller: hosts.find(known => known.name === 'localhost') ?? localhost(host, paths[0]) }
}

/** The implicit controller: the variables of `all`, and nothing of how other hosts are reached. */
function localhost(host: (given: HostDraft) => Host, file = '-i'): Host {
  const made = host({ name: 'localhost', place: wholeFile(file), port: undefined, inline: new Map(), filed: new Map() })
  const access = { connection: 'local', port: undefined, user: undefined, privateKeyFile: undefined, password: undefined } as const
  return { ...made, address: 'localhost', access: { ...made.access, ...access } }
}

/** Two names for one machine: its plays would run twice, at the same time. */
function warnTwins(hosts: readonly Host[], draft: Draft): void {
  const first = new Map<string, Host>()
  for (const host of hosts) {
    if (host.access.connection === 'local') continue
    // Behind another bastion the same address is another machine.
    const id = [host.address.toLowerCase(), host.access.port ?? 22, ...host.access.sshOptions].join(' ')
    const twin = first.get(id)
    const place = draft.hosts.get(host.name)?.place
    if (twin && place) draft.diagnostics.push(warning(place, `\`${host.name}\` and \`${twin.name}\` are the same machine: ${host.address}, port ${host.access.port ?? 22}`, 'name it once and put it into several groups'))
    else first.set(id, host)
  }
}
