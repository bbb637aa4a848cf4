import { networkOf } from '../lab/address-plan.ts'
import type { Lab } from '../lab/lab.ts'

/** The router's autonomous system, and the control planes'. */
export const ROUTER = { host: 'h1', as: 64_512 } as const
export const CONTROL_PLANES_AS = 64_513

/**
 * A host that routes to the floating address as control planes announce it (BIRD, eBGP), and is asked by the nodes for nothing else. Without an announcement the address is
 * unreachable there: no packet for it leaves the lab.
 */
export async function bgpRouter(lab: Lab, { vip, neighbours, clients }: { vip: string; neighbours: readonly string[]; clients: readonly string[] }): Promise<void> {
  const { host, as } = ROUTER
  await lab.up(host)
  const sessions = neighbours.map(name => `protocol bgp ${name} { local ${lab.address(host)} as ${as}; neighbor ${lab.address(name)} as ${CONTROL_PLANES_AS}; hold time 9; ipv4 { import all; export none; }; }\n`)
  const input = `router id ${lab.address(host)};
protocol device {}
protocol kernel { ipv4 { import none; export all; }; }
${sessions.join('')}`
  const script = `set -eu
{ apt-get -q update; DEBIAN_FRONTEND=noninteractive apt-get -qy install bird2; } </dev/null
ip route add unreachable ${vip}/32 metric 4000
sysctl -qw net.ipv4.ip_forward=1
for key in /proc/sys/net/ipv4/conf/*/send_redirects; do echo 0 >"$key"; done
cat >/etc/bird/bird.conf
systemctl restart bird`
  const made = await lab.exec(host, script, { input })
  if (made.code !== 0) throw new Error(`the router: ${made.stderr}`)
  for (const client of clients) {
    const told = await lab.console(client, `ip route add ${vip}/32 via ${lab.address(host)}`)
    if (told.code !== 0) throw new Error(`the route of ${client}: ${told.stderr}`)
  }
}

/** Who the router sends to for the address; `undefined` without an announcement. */
export async function routedTo(lab: Lab, vip: string): Promise<string | undefined> {
  const { stdout } = await lab.console(ROUTER.host, `ip -4 route show ${vip}/32 proto bird`)
  return new RegExp(`via (${networkOf(lab.subnet).replaceAll('.', '\\.')}\\.\\d+) `).exec(stdout)?.[1]
}
