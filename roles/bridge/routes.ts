import type { ClusterNode } from '../outputs.ts'

/** By this number the kernel's routing table knows which routes are ours (ip-route(8), `protocol`). */
const protocol = 117

/**
 * A unit that holds the routes to the pods of all other nodes, and hides pods behind their node where they leave the cluster. Routes of nodes that
 * have gone are taken away first; a restart of the unit does not interrupt what runs over the others for longer than the kernel needs.
 */
export function routesUnit({ own, nodes, podSubnet }: { own: string; nodes: readonly ClusterNode[]; podSubnet: string }): string {
  const masquerade = `POSTROUTING -s ${podSubnet} ! -d ${podSubnet} -j MASQUERADE -m comment --comment ts-play`
  const others = nodes.filter(node => node.name !== own).toSorted((a, b) => a.name.localeCompare(b.name))
  return `# Written by ts-play; changes are overwritten.
[Unit]
Description=Routes to the pods of other nodes
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=-/sbin/ip route flush protocol ${protocol}
${others.map(({ podRange, address }) => `ExecStart=/sbin/ip route replace ${podRange} via ${address} protocol ${protocol}\n`).join('')}ExecStart=/bin/sh -c '/usr/sbin/iptables -w -t nat -C ${masquerade} 2>/dev/null || /usr/sbin/iptables -w -t nat -A ${masquerade}'

[Install]
WantedBy=multi-user.target
`
}
