import type { Lab } from '../lab/lab.ts'

/** The host whose hardware answers for an address, as a neighbour sees it that asks anew; empty where nobody of the running ones does. */
export async function answeringHost(lab: Lab, neighbour: string, address: string): Promise<string> {
  const { stdout } = await lab.console(neighbour, `ip neigh flush to ${address}; curl -s -m 2 -o /dev/null http://${address}/; ip neigh show to ${address}`)
  const hardware = /lladdr (\S+)/.exec(stdout)?.[1]
  if (hardware === undefined) return ''
  const running = (await lab.status()).filter(({ state }) => state === 'running').map(({ host }) => host)
  const own = await Promise.all(running.map(async host => ({ host, links: (await lab.console(host, 'ip -o link show')).stdout })))
  return own.find(({ links }) => links.includes(`link/ether ${hardware} `))?.host ?? ''
}
