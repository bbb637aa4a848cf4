import { resolve4 } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { $ } from 'zx'
import { bridgeAddress, hostAddress } from './address-plan.ts'

/** The part of a lab that the network needs to know. */
export interface LabNetwork {
  /** Starts the name of everything the lab makes on the machine: links, namespaces, chains, cgroups. */
  readonly prefix: string
  readonly subnet: string
}

const quiet = $({ quiet: true })
const tolerant = $({ quiet: true, nothrow: true })

export const linkName = (lab: LabNetwork, host: string): string => `${lab.prefix}-${host}`
export const namespaceName = linkName

/**
 * The bridge, and a way out for Debian's packages only: what hosts send elsewhere is refused at once, so a test can
 * neither leak to a network nor hang on one. The blackhole route counts when the bridge is gone: packets for a host that
 * no longer exists must not travel to the machine's own gateway.
 */
export async function makeNetwork(lab: LabNetwork, mirrors: readonly string[]): Promise<void> {
  const known = await tolerant`ip link show ${lab.prefix}`
  if (known.exitCode === 0) return
  const uplink = await defaultRoute()
  await batch([
    `link add ${lab.prefix} mtu ${uplink.mtu} type bridge`,
    `addr add ${bridgeAddress(lab.subnet)}/24 dev ${lab.prefix}`,
    `link set ${lab.prefix} up`,
    `route replace blackhole ${lab.subnet} metric 4096`,
  ])
  const resolvers = nameServers()
  const open = (await Promise.all(mirrors.map(name => resolve4(name).catch(() => [])))).flat()
  const chain = lab.prefix
  await tables([
    '*nat',
    // Only what leaves through the uplink: with bridge-nf-call-iptables this chain also sees frames between two hosts.
    `-A POSTROUTING -s ${lab.subnet} -o ${uplink.device} -m comment --comment ${chain} -j MASQUERADE`,
    'COMMIT',
    '*filter',
    `:${chain} -`,
    `-A FORWARD -i ${lab.prefix} -j ${chain}`,
    `-A FORWARD -o ${lab.prefix} -j ${chain}`,
    `-A ${chain} -i ${lab.prefix} -o ${lab.prefix} -j ACCEPT`,
    `-A ${chain} -o ${lab.prefix} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    ...resolvers.flatMap(server => ['udp', 'tcp'].map(protocol => `-A ${chain} -s ${lab.subnet} -d ${server} -p ${protocol} --dport 53 -j ACCEPT`)),
    ...open.map(address => `-A ${chain} -s ${lab.subnet} -d ${address} -p tcp -m multiport --dports 80,443 -j ACCEPT`),
    `-A ${chain} -j REJECT`,
    'COMMIT',
  ])
}

/** The host's end of the cable is `eth0` in a namespace of its own, so that it survives a reboot of the host. */
export async function plugHost(lab: LabNetwork, host: string): Promise<void> {
  const [link, namespace] = [linkName(lab, host), namespaceName(lab, host)]
  const known = await tolerant`ip link show ${link}`
  if (known.exitCode === 0) return
  const { mtu } = await defaultRoute()
  await batch([
    `netns add ${namespace}`,
    `link add ${link} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${namespace}`,
    `link set ${link} master ${lab.prefix} up`,
  ])
  await batch(['link set lo up', `addr add ${hostAddress(lab.subnet, host)}/24 dev eth0`, 'link set eth0 up', `route add default via ${bridgeAddress(lab.subnet)}`], namespace)
  // A new namespace inherits the machine's forwarding, which the bridge needs; a bare host has none.
  await quiet`ip netns exec ${namespace} sysctl -qw net.ipv4.ip_forward=0`
}

export async function unplugHost(lab: LabNetwork, host: string): Promise<void> {
  await tolerant`ip link del ${linkName(lab, host)}`
  await tolerant`ip netns del ${namespaceName(lab, host)}`
}

/** As if the cable were pulled: both ends lose their carrier, addresses stay. */
export async function setLink(lab: LabNetwork, host: string, state: 'up' | 'down'): Promise<void> {
  await quiet`ip link set ${linkName(lab, host)} ${state}`
}

/** Whether a host hears another one. With one direction closed, what it hears from everybody else, floating addresses of the other one included, goes on. */
export async function setHearing(lab: LabNetwork, host: string, { of: other, to: state }: { readonly of: string; readonly to: 'open' | 'closed' }): Promise<void> {
  const inside = ['ip', 'netns', 'exec', namespaceName(lab, host), 'iptables', '--wait', '10']
  const rule = ['INPUT', '-s', hostAddress(lab.subnet, other), '-j', 'DROP']
  if (state === 'closed') await quiet`${inside} -I ${rule}`
  else while ((await tolerant`${inside} -D ${rule}`).exitCode === 0);
}

export async function removeNetwork(lab: LabNetwork): Promise<void> {
  const chain = lab.prefix
  for (const table of ['nat', 'filter']) {
    const rules = await tolerant`iptables -t ${table} -S`
    const mine = rules.stdout.split('\n').filter(rule => rule.startsWith('-A ') && rule.split(/[\s"]+/).includes(chain) && !rule.startsWith(`-A ${chain} `))
    if (mine.length > 0) await tables([`*${table}`, ...mine.map(rule => rule.replace('-A ', '-D ')), 'COMMIT'])
  }
  await tolerant`iptables -F ${chain}`
  await tolerant`iptables -X ${chain}`
  await tolerant`ip link del ${lab.prefix}`
  await tolerant`ip route del blackhole ${lab.subnet} metric 4096`
}

/** Everything on the machine's network that still bears the lab's name. */
export async function networkLeft(lab: LabNetwork): Promise<readonly string[]> {
  const [links, namespaces, routes, nat, filter] = await Promise.all([quiet`ip -o link`, quiet`ip netns list`, quiet`ip route`, quiet`iptables -t nat -S`, quiet`iptables -S`])
  const named = [links, namespaces, nat, filter].flatMap(output => output.stdout.split('\n')).filter(line => line.split(/[\s:"@]+/).some(word => word === lab.prefix || word.startsWith(`${lab.prefix}-`)))
  return [...named, ...routes.stdout.split('\n').filter(line => line.includes(lab.subnet))]
}

/** Resolvers that a host can reach too: a stub on the machine's loopback is not one, but systemd-resolved lists the real ones. */
export function nameServers(): readonly string[] {
  const read = (path: string): readonly string[] => {
    try {
      return [...readFileSync(path, 'utf8').matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].map(match => match[1] ?? '')
    } catch {
      return []
    }
  }
  return [...read('/etc/resolv.conf'), ...read('/run/systemd/resolve/resolv.conf')].filter(server => !server.startsWith('127.')).slice(0, 3)
}

async function defaultRoute(): Promise<{ readonly device: string; readonly mtu: number }> {
  const route = await quiet`ip -4 route show default`
  const device = /\bdev (\S+)/.exec(route.stdout)?.[1] ?? 'lo'
  const mtu = Number(readFileSync(`/sys/class/net/${device}/mtu`, 'utf8'))
  return { device, mtu: Math.min(mtu, 1500) }
}

/** One `ip` process for many changes: seven hosts would otherwise cost a second of starting processes. */
async function batch(lines: readonly string[], namespace?: string): Promise<void> {
  const run = $({ quiet: true, input: lines.join('\n') + '\n' })
  await (namespace === undefined ? run`ip -batch -` : run`ip -n ${namespace} -batch -`)
}

async function tables(lines: readonly string[]): Promise<void> {
  await $({ quiet: true, input: lines.join('\n') + '\n' })`iptables-restore --noflush --wait 10`
}
