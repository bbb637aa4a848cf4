import type { Site } from './site.ts'

/** Something about a machine, or about what is asked of it, that would make no cluster. */
export interface Mistake {
  readonly what: string
  readonly make?: (site: Site) => Promise<unknown>
  readonly mend?: (site: Site) => Promise<unknown>
  readonly vars?: (site: Site) => Readonly<Record<string, string>>
  /** Variables of one host. */
  readonly hostVars?: Readonly<Record<string, string>>
  /** What has to be told: the host, the value, and the way out. */
  readonly told: (site: Site) => readonly string[]
}

/** Each alone, so that each is told. Swap is not among them: it is switched off, for good, and refused nowhere. */
export const MISTAKES: readonly Mistake[] = [
  {
    what: 'the floating address is a stranger’s',
    make: async site => {
      await site.lab.up('h1')
      await site.on('h1', `ip address add ${site.vip}/32 dev eth0`)
    },
    mend: site => site.lab.destroy('h1'),
    told: site => [`${site.vip} is taken`, 'choose a free address for endpoint.vip'],
  },
  {
    what: 'the floating address is on a worker',
    make: site => site.on('w1', `ip address add ${site.vip}/32 dev eth0`),
    mend: site => site.on('w1', `ip address del ${site.vip}/32 dev eth0`),
    told: site => [`${site.vip} is on w1, which is no balancer`, 'ip address'],
  },
  {
    what: 'something listens on the API’s port',
    make: site => site.on('cp1', 'systemd-run --quiet --unit busy systemd-socket-activate --accept -l 6443 cat'),
    mend: site => site.on('cp1', 'systemctl stop busy'),
    told: () => ['listens on port 6443 of cp1', 'ss -lptn'],
  },
  {
    what: 'a host name with capitals',
    make: site => site.on('cp1', 'hostnamectl set-hostname CP-1'),
    mend: site => site.on('cp1', 'hostnamectl set-hostname cp1'),
    told: () => ['the host name of cp1 is "CP-1"', 'hostnamectl set-hostname cp-1'],
  },
  {
    what: 'two machines with one machine-id',
    make: async site => site.on('cp2', `cp /etc/machine-id /root/machine-id && printf '%s\\n' ${await site.on('w1', 'cat /etc/machine-id')} >/etc/machine-id`),
    mend: site => site.on('cp2', 'cat /root/machine-id >/etc/machine-id'),
    told: () => ['have the same machine-id', 'systemd-machine-id-setup'],
  },
  { what: 'a Kubernetes that refuses cgroup v1, which the lab has', hostVars: { cp1: 'kubernetesVersion: v1.36.0' }, told: () => ['cp1 has cgroup v1, which Kubernetes v1.36.0 refuses', 'systemd.unified_cgroup_hierarchy=1'] },
  { what: 'an address that is on no interface', hostVars: { cp2: 'nodeAddress: 10.99.0.22' }, told: () => ['no interface of cp2 has 10.99.0.22', 'set nodeAddress to an address of the host'] },
  { what: 'pods in the machines’ own network', vars: site => ({ podSubnet: site.lab.subnet }), told: site => ['podSubnet', site.lab.subnet, 'overlap on w1', 'choose podSubnet and serviceSubnet apart'] },
  {
    what: 'a disk that is full',
    make: site => site.on('w1', 'mount -t tmpfs -o size=64m none /var/lib'),
    mend: site => site.on('w1', 'umount /var/lib'),
    told: () => ['MB free on /var/lib', 'make room'],
  },
  {
    what: 'a firewall between two control planes',
    make: site => site.lab.deafen('cp3', 'cp2'),
    mend: site => site.lab.listen('cp3', 'cp2'),
    told: site => [`cp2 does not get to TCP 6443, 2379, 2380, 10250 of cp3 (${site.lab.address('cp3')}): no answer`, 'security groups'],
  },
  {
    what: 'a VRRP router of the same id on the network',
    make: async site => {
      await site.lab.up('h1')
      const instance = `vrrp_instance other {\n state MASTER\n interface eth0\n virtual_router_id 51\n priority 100\n virtual_ipaddress {\n 10.99.0.1/32\n }\n}\n`
      await site.on('h1', `{ apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install keepalived; } >/dev/null 2>&1 && printf '${instance}' >/etc/keepalived/keepalived.conf && systemctl restart keepalived && sleep 5`)
    },
    mend: site => site.lab.destroy('h1'),
    told: site => [`hears VRRP router 51 of ${site.lab.address('h1')}, which is none of ours`, 'choose another endpoint.vrrpRouterId'],
  },
]
