import { sh, waitFor, type Task } from 'ts-play'

/** The resolver of this host gives exactly these addresses for the name, or any where the list is empty. */
export function resolvesTo(name: string, addresses: readonly string[]): Task {
  const wanted = addresses.toSorted().join(' ')
  return waitFor({
    name: addresses.length === 0 ? `${name} can be resolved` : `${name} stands for ${addresses.join(', ')}`,
    until: sh`
    found=$(getent ahostsv4 ${name} | awk 'NF { print $1 }' | sort -u | tr '\\n' ' ')
    [ -n "$found" ] || { echo ${`nothing here knows ${name}: add it to DNS, or set manageHosts: true`}; exit 1; }
    [ -z ${wanted} ] || [ "$found" = ${`${wanted} `} ] || { echo ${name} "stands for $found"${`here and not for ${wanted}: mend the record, or set manageHosts: true`}; exit 1; }`,
    timeout: 10_000,
  })
}

/**
 * Somebody else's balancer is there: it takes connections, or refuses them as long as no API server runs behind it. Silence is a firewall, a wrong address
 * or a balancer that is down.
 */
export function isThere(host: string, port: number): Task {
  return waitFor({
    name: `${host}:${port} answers or refuses`,
    until: sh`
    said=$(timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' connect ${host} ${port} 2>&1) && exit 0
    case $said in *refused*) exit 0 ;; esac
    echo ${`no answer from ${host}:${port} within 5 s: see whether the balancer runs and a firewall is between`} "$said"; exit 1`,
    timeout: 15_000,
  })
}
