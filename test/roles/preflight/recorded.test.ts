import { expect, test } from 'vitest'
import { parseSeen } from '../../../roles/inspection/parse.ts'
import { endpoint } from '../../../roles/kubernetes/endpoint.ts'
import { parseMachine } from '../../../roles/kubernetes/machine.ts'
import { network } from '../../../roles/kubernetes/network.ts'
import { judge, type Site } from '../../../roles/preflight/judge.ts'
import { identity, inspected, member, site } from './good.ts'

/** A host of the lab as it said it. */
const RECORDED = `synchronized=unknown
vendor=
kernel=6.18.44-fc-v669
feature=ip_set
feature=vxlan
feature=overlay
feature=br_netfilter
feature=bpf
feature=overlay
disk=Available Mounted on
disk=49790 /
disk=49790 /
listener=22 users:(("sshd",pid=50,fd=3))
listener=22 users:(("sshd",pid=50,fd=4))
nameserver=10.255.255.53
`
const MACHINE = 'cpus=2\nmemory=8152040\narchitecture=x86_64\ncgroup=cgroup2fs\nsystemd=yes\nfamilies=debian \nhostname=m1\n'

/** What is said of a control plane that printed this, and of nothing else. */
function said(printed: string, { machine = MACHINE, over = {}, wanted = 'flannel' }: { readonly machine?: string; readonly over?: Partial<Site>; readonly wanted?: unknown } = {}): readonly string[] {
  const { synchronized, ...seen } = parseSeen(printed)
  const good = inspected(21)
  const inspection = { ...good, ...seen, machine: parseMachine(machine), clock: { ...good.clock, synchronized }, settings: { ...good.settings, network: network.parse(wanted) } }
  const alone = { ...site, controlPlanes: [member('m1', 21)], balancers: [], workers: [], ...over }
  return judge({ inspections: new Map([['m1', inspection]]), identities: new Map([['m1', identity('m1')]]), surroundings: new Map() }, alone).map(({ check, found }) => `${check}: ${found}`)
}
const vips = { balancers: [member('m1', 21)], endpoint: endpoint.parse({ strategy: 'haproxy+keepalived', name: 'api.test', vip: '10.0.0.100', port: 8443 }) }

test('the host of the lab has nothing to complain of', () => {
  expect(said(RECORDED)).toEqual([])
})

/** What no host of the lab can be made to print: the line that such machines print instead, or beside. */
test.each<[string, readonly string[], string]>([
  ['a clock that nothing keeps right', said(RECORDED.replace('synchronized=unknown', 'synchronized=no')), 'time-sync: nothing keeps the clock of m1 right'],
  ['a machine of Amazon’s', said(RECORDED.replace('vendor=', 'vendor=Amazon EC2'), { over: vips }), 'cloud: m1 is a machine of Amazon EC2, whose network may not deliver 10.0.0.100 nor VRRP'],
  ['a machine of Hetzner’s', said(RECORDED.replace('vendor=', 'vendor=Hetzner'), { over: vips }), 'cloud: m1 is a machine of Hetzner, whose network may not deliver 10.0.0.100 nor VRRP'],
  ['an etcd without space', said(`${RECORDED}alarms={"header":{"cluster_id":"14841639068965178418","member_id":"10276657743932975437","raft_term":"2"},"alarms":[{"memberID":"10276657743932975437","alarm":"NOSPACE"}]}\n`), 'etcd-alarm: etcd on m1 has raised NOSPACE'],
  ['a kernel without br_netfilter', said(RECORDED.replace('feature=br_netfilter\n', '')), 'kernel: the kernel of m1 (6.18.44-fc-v669) has no br_netfilter, which every node needs'],
  ['a Raspberry Pi as it boots', said(`${RECORDED}disabled=memory\n`), 'kernel: the kernel of m1 was booted without the cgroups of memory, by which pods are limited'],
  ['an old kernel under cilium', said(RECORDED.replace('6.18.44-fc-v669', '5.4.0-200-generic'), { wanted: { plugin: 'cilium', manifest: { file: 'c.yaml', sha256: '0'.repeat(64) } } }), 'network: the kernel of m1 is 5.4.0-200-generic; cilium needs 5.10'],
  ['a kernel without ipset', said(RECORDED.replace('feature=ip_set\n', ''), { wanted: 'kube-router' }), 'network: the kernel of m1 (6.18.44-fc-v669) has no ip_set, which kube-router needs'],
  ['a machine that is too small', said(RECORDED, { machine: MACHINE.replace('cpus=2', 'cpus=1') }), 'fitness: m1 has 1 processors and 7960 MB of memory; a control plane needs 2 and 1700 MB'],
  ['Alpine, without systemd', said(RECORDED, { machine: MACHINE.replace('systemd=yes\n', '').replace('families=debian ', 'families=alpine') }), 'fitness: m1 was not booted with systemd'],
  ['a node of k3s', said(`${RECORDED}distribution=k3s\n`), 'fitness: m1 is a node of a cluster that was made by k3s'],
])('%s is told', (_, told, expected) => {
  expect(told).toContain(expected)
})
