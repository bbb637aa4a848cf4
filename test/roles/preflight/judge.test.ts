import { describe, expect, test } from 'vitest'
import { endpoint } from '../../../roles/kubernetes/endpoint.ts'
import { network } from '../../../roles/kubernetes/network.ts'
import type { Inspection } from '../../../roles/kubernetes/inspection.ts'
import { serviceLoadBalancer } from '../../../roles/kubernetes/service-load-balancer.ts'
import type { Identity } from '../../../roles/outputs.ts'
import type { Surroundings } from '../../../roles/kubernetes/surroundings.ts'
import { judge, type Site } from '../../../roles/preflight/judge.ts'
import { identity, inspected, member, site } from './good.ts'

const hosts = { lb1: 11, lb2: 12, m1: 21, w1: 31 } as const

type Given = Partial<Readonly<Record<keyof typeof hosts, Partial<Inspection>>>>
const names = ['lb1', 'lb2', 'm1', 'w1'] as const
/** What is said, one line each, when these hosts differ from good ones. */
function said(given: Given, { without = [], over = {}, identities = {}, around = {} }: { readonly around?: Partial<Readonly<Record<keyof typeof hosts, Partial<Surroundings>>>>; readonly without?: readonly string[]; readonly over?: Partial<Site>; readonly identities?: Readonly<Record<string, Partial<Identity>>> } = {}): readonly string[] {
  const inspections = new Map(names.filter(name => !without.includes(name)).map(name => [name, inspected(hosts[name], given[name])] as const))
  const told = new Map(names.map(name => [name, { ...identity(name), ...identities[name] }] as const))
  const surroundings = new Map(names.map(name => [name, { paths: [], routers: [], unchecked: [], ...around[name] }] as const))
  return judge({ inspections, identities: told, surroundings }, { ...site, ...over }).map(({ check, host, found }) => `${host} ${check}: ${found}`)
}
const services = (...addresses: readonly string[]) => ({ over: { serviceLoadBalancer: serviceLoadBalancer.parse({ by: 'metallb', addresses }) } })
const withNetwork = (plugin: unknown, over: Partial<Inspection> = {}) => ({ w1: { ...over, settings: { ...inspected(31).settings, network: network.parse(plugin) } } })
const calico = { plugin: 'calico', manifest: { file: 'calico.yaml', sha256: '0'.repeat(64) } }
const cilium = { ...calico, plugin: 'cilium' }
const clock = (ahead: number, within = 5) => ({ clock: { ahead, within, synchronized: 'yes' as const } })

describe('external etcd', () => {
  const externally = (count: number, over: Partial<Inspection> = {}) => {
    const etcdHosts = Array.from({ length: count }, (_, index) => member(`e${index + 1}`, 51 + index))
    const inspections = new Map([...names.map(name => [name, inspected(hosts[name])] as const), ...etcdHosts.map(({ name }, index) => [name, inspected(51 + index, over)] as const)])
    const told = new Map([...inspections.keys()].map(name => [name, identity(name)] as const))
    return judge({ inspections, identities: told, surroundings: new Map() }, { ...site, etcd: 'external', etcdHosts }).map(({ check, host, found }) => `${host} ${check}: ${found}`)
  }
  test('three good hosts give no complaint, nor does an etcd that is there already', () => {
    expect(externally(3)).toEqual([])
    expect(externally(3, { listeners: [{ port: 2379, program: 'etcd' }, { port: 2380, program: 'etcd' }] })).toEqual([])
  })
  test('an even number, none, and more than five are refused', () => {
    expect(externally(4)).toEqual(['e1, e2, e3, e4 fitness: the group etcd has 4 hosts, and etcd wants 1, 3 or 5: of 4 as few may die as of 3'])
    expect(externally(0)).toEqual(['etcd fitness: the group etcd has no hosts, and etcd.topology is external'])
    expect(externally(7)).toEqual([expect.stringMatching(/wants 1, 3 or 5: more make every write slower$/)])
  })
  test('something else on its ports, and an address that is not the host’s', () => {
    expect(externally(1, { listeners: [{ port: 2380, program: 'nginx' }] })).toEqual(['e1 ports: nginx listens on port 2380 of e1'])
    expect(externally(1, { nodeAddress: '10.9.9.9' })).toEqual(['e1 fitness: no interface of e1 has 10.9.9.9: ens3 10.0.0.51'])
  })
  test('hosts in the group while etcd is stacked are a mistake', () => {
    expect(said({}, { over: { etcdHosts: [member('e1', 51)] } })).toEqual(['e1 fitness: the group etcd has hosts, and etcd is stacked on the control planes'])
  })
})

const path = (host: keyof typeof hosts, port: number, state: Surroundings['paths'][number]['state']) => ({ host, address: `10.0.0.${hosts[host]}`, port, state })

test('good machines give no complaint', () => {
  expect(said({})).toEqual([])
})

describe('it is told, and nothing else:', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['a port of a control plane that something has', said({ m1: { listeners: [{ port: 2379, program: 'etcd' }] } }), ['m1 ports: etcd listens on port 2379 of m1']],
    ['the same on a host that has joined', said({ m1: { fresh: false, listeners: [{ port: 2379, program: 'etcd' }] } }), []],
    ['a kubelet’s port on a worker, by a program that cannot be seen', said({ w1: { listeners: [{ port: 10250, program: undefined }] } }), ['w1 ports: something listens on port 10250 of w1']],
    ['a control plane’s port on a worker', said({ w1: { listeners: [{ port: 2379, program: 'x' }] } }), []],
    ['a web server at the endpoint’s port of a balancer', said({ lb1: { listeners: [{ port: 6443, program: 'nginx' }] } }), ['lb1 ports: nginx listens on port 6443 of lb1']],
    ['a balancer that is a control plane, with one port for both', said({}, { over: { balancers: [member('lb1', 11), member('m1', 21)] } }), ['m1 ports: HAProxy and kube-apiserver of m1 both want port 6443']],
    ['HAProxy at that port', said({ lb1: { listeners: [{ port: 6443, program: 'haproxy' }] } }), []],
    ['a stranger at the floating address', said({ w1: { floating: '52:54:00:aa:bb:cc' } }), ['w1 floating-address: 10.0.0.100 is taken: w1 gets an answer from 52:54:00:aa:bb:cc, which is none of ours']],
    ['a floating address that one of ours let go a moment ago, as its neighbour still has it', said({ w1: { floating: 'mac-lb2' } }), []],
    ['one that a machine of ours answers at which may not hold it', said({ lb1: { floating: 'mac-w1' } }), ['lb1 floating-address: 10.0.0.100 is taken: lb1 gets an answer from mac-w1, which is none of ours']],
    ['a floating address that one of ours holds', said({ lb1: { floating: 'own' }, w1: { floating: '52:54:00:aa:bb:cc' } }), []],
    ['a floating address that two of ours hold', said({ lb1: { floating: 'own' }, lb2: { floating: 'own' } }), ['lb1, lb2 floating-address: 10.0.0.100 is on lb1 and lb2 at once']],
    ['a floating address on a worker', said({ w1: { floating: 'own' } }), ['w1 floating-address: 10.0.0.100 is on w1, which is no balancer']],
    ['an answer at the floating address when a balancer could not be asked', said({ w1: { floating: '52:54:00:aa:bb:cc' } }, { without: ['lb2'] }), []],
    ['a clock that is ahead', said({ m1: clock(90_000) }), ['m1 clock: the clock of m1 is 90.0 s ahead of the others']],
    ['a clock that is behind', said({ w1: clock(-2500) }), ['w1 clock: the clock of w1 is 2.5 s behind the others']],
    ['clocks that are all off, by the same', said({ lb1: clock(9000), lb2: clock(9000), m1: clock(9001), w1: clock(9002) }), []],
    ['a clock that may be right, for all that the measurement tells', said({ m1: clock(1500, 700) }), []],
    ['a clock that nothing keeps right', said({ m1: { clock: { ahead: 0, within: 5, synchronized: 'no' } } }), ['m1 time-sync: nothing keeps the clock of m1 right']],
    ['a full disk', said({ w1: { disks: [{ path: '/', freeMegabytes: 9000 }, { path: '/var/lib', freeMegabytes: 100 }] } }), ['w1 disk: w1 has 100 MB free on /var/lib, where Kubernetes keeps its data; it needs 4096 MB']],
    ['a full disk of a balancer', said({ lb1: { disks: [{ path: '/', freeMegabytes: 100 }] } }), []],
    ['an etcd without space', said({ m1: { fresh: false, alarms: ['NOSPACE'] } }), ['m1 etcd-alarm: etcd on m1 has raised NOSPACE']],
    ['a nameserver on the loopback', said({ w1: { nameservers: ['127.0.0.1'] } }), ['w1 nameserver: /etc/resolv.conf of w1 names 127.0.0.1: CoreDNS would ask itself']],
    ['that of systemd-resolved', said({ w1: { nameservers: ['127.0.0.53'] } }), []],
    ['a floating address in a cloud', said({ lb1: { vendor: 'Amazon EC2' } }), ['lb1 cloud: lb1 is a machine of Amazon EC2, whose network may not deliver 10.0.0.100 nor VRRP']],
    ['ports that a firewall keeps shut', said({}, { around: { w1: { paths: [path('m1', 2379, 'silent'), path('m1', 6443, 'silent'), path('lb1', 6443, 'refused'), path('lb2', 6443, 'open')] } } }), ['w1 reach: w1 does not get to TCP 2379, 6443 of m1 (10.0.0.21): no answer']],
    ['a port that something on the way rejects', said({}, { around: { m1: { paths: [path('w1', 10250, 'rejected')] } } }), ['m1 reach: m1 does not get to TCP 10250 of w1 (10.0.0.31): rejected on the way']],
    ['a port of a host that could not be asked', said({}, { without: ['w1'], around: { m1: { paths: [path('w1', 10250, 'silent')] } } }), []],
    ['a VRRP router of the same id', said({}, { around: { lb1: { routers: [{ address: '10.0.0.7', id: 51 }, { address: '10.0.0.8', id: 52 }] } } }), ['lb1 vrrp: lb1 hears VRRP router 51 of 10.0.0.7, which is none of ours']],
    ['one of ours', said({}, { around: { lb1: { routers: [{ address: '10.0.0.12', id: 51 }] } } }), []],
    ['what could not be looked at', said({}, { around: { lb1: { unchecked: ['routers'] } } }), ['lb1 unchecked: whether its VRRP router id is free could not be looked at on lb1']],
    ['a capital host name', said({ m1: { machine: { ...inspected(21).machine, hostname: 'Master_1' } } }), ['m1 fitness: the host name of m1 is "Master_1", which no node can be called (RFC 1123: lower-case letters, digits, "-" and ".")']],
    ['cgroup v1', said({ m1: { machine: { ...inspected(21).machine, cgroup: 'v1' } } }), ['m1 fitness: m1 has cgroup v1, which Kubernetes v1.37.2 refuses']],
    ['an address on no interface', said({ w1: { nodeAddress: '10.9.9.9' } }), ['w1 fitness: no interface of w1 has 10.9.9.9: ens3 10.0.0.31']],
    ['ranges that overlap', said({ w1: { settings: { ...inspected(31).settings, podSubnet: '10.0.0.0/16' } } }), ['w1 fitness: podSubnet (10.0.0.0/16) and its own network (10.0.0.31/24) overlap on w1']],
    ['clones', said({}, { identities: { w1: { machineId: 'id-m1' } } }), ['m1 fitness: m1 and w1 have the same machine-id: id-m1', 'w1 fitness: w1 and m1 have the same machine-id: id-m1']],
    ['a network that the host has already', said(withNetwork('flannel', { cniConfigurations: ['10-flannel.conflist', '87-podman-bridge.conflist'] })), []],
    ['another network on a member', said(withNetwork(calico, { memberVersion: 'v1.37.2', fresh: false, cniConfigurations: ['10-flannel.conflist'] })), ['w1 network: the cluster of w1 has the network flannel, and the inventory wants calico']],
    ['a stranger’s network on a bare host', said(withNetwork('flannel', { cniConfigurations: ['05-other.conf'] })), ['w1 network: /etc/cni/net.d/05-other.conf on w1 is none of flannel, and pods would get their network from it']],
    ['a kernel without ipset', said(withNetwork('kube-router', { kernel: { release: '6.1.0', features: ['bpf', 'overlay', 'br_netfilter'], disabled: [] } })), ['w1 network: the kernel of w1 (6.1.0) has no ip_set, which kube-router needs']],
    ['a kernel without tunnels', said(withNetwork({ plugin: 'flannel', backend: 'vxlan' }, { kernel: { release: '6.1.0', features: ['overlay', 'br_netfilter'], disabled: [] } })), ['w1 network: the kernel of w1 (6.1.0) has no vxlan, which flannel needs']],
    ['a kernel that was cut down', said({ w1: { kernel: { release: '6.1.0', features: ['vxlan', 'overlay'], disabled: [] } } }), ['w1 kernel: the kernel of w1 (6.1.0) has no br_netfilter, which every node needs']],
    ['a kernel without the cgroup of memory, as a Raspberry Pi boots it', said({ w1: { kernel: { ...inspected(31).kernel, disabled: ['memory'] } } }), ['w1 kernel: the kernel of w1 was booted without the cgroups of memory, by which pods are limited']],
    ['the same of a balancer', said({ lb1: { kernel: { release: '6.1.0', features: [], disabled: ['memory'] } } }), []],
    ['a tunnel that another network left', said(withNetwork({ plugin: 'flannel', backend: 'vxlan' }, { datagrams: [{ port: 8472, program: undefined }] })), ['w1 network: a tunnel of the kernel has UDP port 8472 of w1, which flannel wants']],
    ['its own tunnel on a member', said(withNetwork({ plugin: 'flannel', backend: 'vxlan' }, { fresh: false, datagrams: [{ port: 8472, program: undefined }] })), []],
    ['a node of k3s', said({ w1: { distributions: ['k3s'] } }), ['w1 fitness: w1 is a node of a cluster that was made by k3s']],
    ['a node of its own cluster', said({ w1: { fresh: false, distributions: ['kubeadm'] } }), []],
    ['two control planes to begin with', said({}, { over: { controlPlanes: [member('m1', 21), member('w1', 31)] } }), ['m1, w1 quorum: there are 2 control planes, each with a member of etcd: of 2 as few may die as of 1']],
    ['two control planes of which one is there', said({ m1: { fresh: false } }, { over: { controlPlanes: [member('m1', 21), member('w1', 31)] } }), []],
    ['an old kernel under cilium', said(withNetwork(cilium, { kernel: { release: '5.4.0-200-generic', features: ['bpf', 'overlay', 'br_netfilter'], disabled: [] } })), ['w1 network: the kernel of w1 is 5.4.0-200-generic; cilium needs 5.10']],
    ['addresses for Services', said({}, services('10.0.0.200-10.0.0.210', '10.0.0.224/28')), []],
    ['addresses for Services that hold a node’s', said({}, services('10.0.0.20-10.0.0.40')), ['all service-addresses: the addresses 10.0.0.20-10.0.0.40 for Services hold 10.0.0.21 of m1']],
    ['addresses for Services that hold the endpoint’s', said({}, services('10.0.0.96/29')), ['all service-addresses: the addresses 10.0.0.96/29 for Services hold the endpoint’s 10.0.0.100']],
    ['addresses for Services that are pods’', said({}, services('10.244.3.0/24')), ['all service-addresses: the addresses 10.244.3.0/24 for Services hold podSubnet (10.244.0.0/16)', 'all service-addresses: the addresses 10.244.3.0/24 for Services are in no network of a node: no neighbour would find them']],
    ['a Service’s address that a node holds', said({ w1: { addresses: [{ interface: 'ens3', address: '10.0.0.31', prefix: 24 }, { interface: 'ens3', address: '10.0.0.200', prefix: 32 }] } }, services('10.0.0.200-10.0.0.210')), []],
    ['a floating address out of the network', said({ lb1: { addresses: [{ interface: 'ens3', address: '10.0.0.11', prefix: 28 }] } }), ['lb1 fitness: 10.0.0.100 is not in 10.0.0.11/28: machines of that network would not find it']],
  ])('%s', (_, told, expected) => {
    expect(told).toEqual(expected)
  })
})

describe('k3s', () => {
  const k3s = { k3sVersion: 'v1.34.2+k3s1', ownBinary: false }
  const asK3s = (given: Given, over: Partial<Site> = {}) => {
    const all: Given = Object.fromEntries(names.map(name => [name, { settings: { ...inspected(hosts[name]).settings, kubernetesVersion: 'v1.34.2', network: network.parse({ plugin: 'flannel', backend: 'vxlan' }), k3s }, ...given[name] }]))
    return said(all, { over: { distribution: 'k3s', ...over } })
  }
  const { machine: good } = inspected(0)

  test('good machines give no complaint', () => {
    expect(asK3s({})).toEqual([])
  })
  test.each<[string, readonly string[], readonly string[]]>([
    ['a port of a server that something has', asK3s({ m1: { listeners: [{ port: 2381, program: 'prometheus' }] } }), ['m1 ports: prometheus listens on port 2381 of m1']],
    ['the balancer’s port of an agent', asK3s({ w1: { listeners: [{ port: 6444, program: undefined }] } }), ['w1 ports: something listens on port 6444 of w1']],
    ['a server’s port on an agent', asK3s({ w1: { listeners: [{ port: 2379, program: 'x' }] } }), []],
    ['a port that only kubeadm wants', asK3s({ m1: { listeners: [{ port: 10257, program: 'x' }] } }), []],
    ['the ports of a member', asK3s({ m1: { fresh: false, memberVersion: 'v1.34.2+k3s1', listeners: [{ port: 6443, program: 'k3s-server' }] } }), []],
    ['a tunnel that another network left', asK3s({ w1: { datagrams: [{ port: 8472, program: undefined }] } }), ['w1 network: a tunnel of the kernel has UDP port 8472 of w1, which flannel wants']],
    ['what kubeadm’s network left in /etc/cni, where k3s does not look', asK3s({ w1: { cniConfigurations: ['10-calico.conflist'] } }), []],
    ['a node of kubeadm', asK3s({ m1: { distributions: ['kubeadm'] } }), ['m1 fitness: m1 is a node of a cluster that was made by kubeadm']],
    ['a node of its own cluster', asK3s({ m1: { fresh: false, distributions: ['k3s'] } }), []],
    ['another version on a member', asK3s({ w1: { fresh: false, memberVersion: 'v1.33.9+k3s1' } }), ['w1 fitness: w1 is a member with k3s v1.33.9+k3s1, and the inventory wants v1.34.2+k3s1']],
    ['a machine that there is no release for', asK3s({ w1: { machine: { ...good, architecture: 'riscv64', hostname: 'w1' } } }), ['w1 fitness: w1 is riscv64, and releases of k3s are for x86_64 and aarch64']],
    ['an even number of servers', asK3s({}, { controlPlanes: [member('m1', 21), member('w1', 31)], workers: [] }), ['m1, w1 quorum: there are 2 servers, each with a member of etcd: of 2 as few may die as of 1']],
    ['the agents’ own balancer and the node’s at one port', asK3s({}, { endpoint: endpoint.parse({ strategy: 'local', name: 'api.test' }), balancers: [] }), ['m1 fitness: k3s has a balancer for its agents on 127.0.0.1:6444, and endpoint.port is 6444, too', 'w1 fitness: k3s has a balancer for its agents on 127.0.0.1:6444, and endpoint.port is 6444, too']],
    ['a capital host name', asK3s({ w1: { machine: { ...good, hostname: 'W1' } } }), [expect.stringMatching(/^w1 fitness: the host name of w1 is "W1"/)]],
    ['clones', said({}, { identities: { w1: { machineId: 'id-m1' } }, over: { distribution: 'k3s' } }), ['m1 fitness: m1 and w1 have the same machine-id: id-m1', 'w1 fitness: w1 and m1 have the same machine-id: id-m1']],
    ['a stranger at the floating address', asK3s({ w1: { floating: '52:54:00:aa:bb:cc' } }), ['w1 floating-address: 10.0.0.100 is taken: w1 gets an answer from 52:54:00:aa:bb:cc, which is none of ours']],
    ['a clock that is ahead', asK3s({ m1: clock(90_000) }), ['m1 clock: the clock of m1 is 90.0 s ahead of the others']],
    ['a full disk', asK3s({ w1: { disks: [{ path: '/var/lib', freeMegabytes: 100 }] } }), ['w1 disk: w1 has 100 MB free on /var/lib, where Kubernetes keeps its data; it needs 4096 MB']],
  ])('%s', (_, told, expected) => {
    expect(told).toEqual(expected)
  })
})
