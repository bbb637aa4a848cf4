import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterFault, Seen } from './fault.ts'
import type { Site } from './site.ts'

const otherThan = (site: Site, holder: string): string => site.balancers.find(host => host !== holder) ?? ''
const oneHolder = async (site: Site): Promise<boolean> => (await site.holder()) !== undefined

/** Seconds until the other balancer has the floating address, and has told the network. */
async function moves(site: Site, from: string, how: () => Promise<unknown>): Promise<Seen> {
  const to = otherThan(site, from)
  await how()
  const moved = await site.until(`the floating address is on ${to}`, async () => (await site.lab.console(to, `ip -o address show | grep -q ' ${site.vip}/32 '`)).code === 0, { patience: 60, every: 50 })
  return { moved, text: `from ${from} to ${to}` }
}

/** What stands before the API: the floating address has to be on one balancer, and on one that works. */
export const balancerFaults: readonly ClusterFault[] = [
  {
    to: 'a cluster',
    id: 'F5a',
    what: 'power cut of the balancer with the floating address',
    criteria: { gap: 5, moved: 5 },
    inject: async site => {
      const holder = await site.theHolder()
      return moves(site, holder, () => site.lab.kill(holder))
    },
    heal: async site => {
      for (const host of site.balancers) await site.lab.start(host)
    },
    well: async site => (await oneHolder(site)) && (await Promise.all(site.balancers.map(host => site.on(host, 'systemctl is-active haproxy keepalived')))).every(said => said === 'active\nactive'),
  },
  {
    to: 'a cluster',
    id: 'F5b',
    what: 'SIGKILL of HAProxy on it, and it cannot start again',
    criteria: { gap: 5, moved: 5 },
    inject: async site => {
      const holder = await site.theHolder()
      return moves(site, holder, () => site.on(holder, 'mv /etc/haproxy/haproxy.cfg /etc/haproxy/aside; pkill -9 haproxy'))
    },
    heal: async site => {
      for (const host of site.balancers) await site.on(host, '[ ! -e /etc/haproxy/aside ] || { mv /etc/haproxy/aside /etc/haproxy/haproxy.cfg; systemctl reset-failed haproxy; systemctl start haproxy; }')
    },
    well: oneHolder,
  },
  {
    to: 'a cluster',
    id: 'F5c',
    what: 'SIGKILL of keepalived on it',
    criteria: { gap: 5, recovered: 10 },
    inject: async site => {
      const holder = await site.theHolder()
      await site.on(holder, 'pkill -9 keepalived')
      return { text: `on ${holder}` }
    },
    well: async site => (await oneHolder(site)) && (await Promise.all(site.balancers.map(host => site.on(host, 'systemctl is-active keepalived')))).every(said => said === 'active'),
  },
  {
    to: 'a cluster',
    id: 'F6',
    what: 'the balancers do not hear each other, and everybody hears them',
    criteria: { gap: 5, recovered: 10 },
    inject: async site => {
      const [one, other] = site.balancers
      await site.lab.deafen(one, other)
      await site.lab.deafen(other, one)
      // Without a third voice both have to think that the other is gone: what VRRP promises is that this ends with the partition.
      await pause(15_000)
      return { text: `${(await site.kube.holders(site.vip)).length} holders meanwhile` }
    },
    heal: async site => {
      const [one, other] = site.balancers
      await site.lab.listen(one, other)
      await site.lab.listen(other, one)
    },
    well: oneHolder,
  },
]
