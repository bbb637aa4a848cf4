import { command, raw, sh, type Task } from 'ts-play'

/** Addresses that /etc/hosts has for a name, in its order, each followed by a space. */
const addressesFor = raw(String.raw`awk -v name="$name" '!/^[[:space:]]*#/ { for (i = 2; i <= NF; i++) if ($i == name) printf "%s ", $1 }' /etc/hosts`)

/** The file without the name, other names of the same lines kept. */
const without = raw(String.raw`awk -v name="$name" '
      /^[[:space:]]*#/ { print; next }
      { line = $1; others = 0; found = 0
        for (i = 2; i <= NF; i++) if ($i == name) found = 1; else { line = line " " $i; others++ }
        if (!found) print; else if (others > 0) print line }' /etc/hosts`)

/**
 * One name with several addresses in /etc/hosts: a line each, which the resolvers of both glibc and Go give in full. (`hostsEntry` gives each name one address.)
 * Written in place, because in containers the file may be a mount.
 */
export function hostsLines({ name, addresses }: { name: string; addresses: readonly string[] }): Task {
  return command({
    name: `${name} is ${addresses.join(', ')} in /etc/hosts`,
    run: sh`
    name=${name}
    text=$(${without}
      for address in ${addresses}; do echo "$address $name"; done)
    printf '%s\\n' "$text" >/etc/hosts`,
    unless: sh`
    name=${name}
    [ "$(${addressesFor})" = ${`${addresses.join(' ')} `} ]`,
  })
}
