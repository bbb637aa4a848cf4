import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quote } from '../../engine/index.ts'
import { openLab, type Lab } from './lab.ts'
import { requireLab } from './require-lab.ts'
import { inventoryOf, tsPlay, type Finished, type TsPlay } from './support/ts-play.ts'
import { treeOf } from './support/tree.ts'

const playbook = (name: string): string => fileURLToPath(new URL(`../../playbooks/${name}.ts`, import.meta.url))
const skip = requireLab()

/** A router of somebody else’s that says every half second that it has the id that ours would have: VRRP 2, id 51, priority 100, no address. */
const VRRP = 'socket(S, PF_INET, SOCK_RAW, 112) or die; while (1) { send(S, pack("C8", 0x21, 51, 100, 0, 0, 1, 0, 0), 0, sockaddr_in(0, inet_aton("224.0.0.18"))); select(undef, undef, undef, 0.5) }'

/** What can be provoked on a real host is provoked here, all at once; the rest is in test/roles/preflight, with what real machines printed. */
describe.skipIf(skip)('machines that would make no cluster', () => {
  let lab: Lab
  let play: TsPlay
  let vip: string

  beforeAll(async () => {
    lab = await openLab()
    await lab.up('lb1', 'cp1', 'cp2', 'w1', 'w2')
    play = await tsPlay(lab)
    vip = lab.address('lb1').replace(/\.\d+$/, '.100')
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  const vars = (more: Readonly<Record<string, string>> = {}) => ({ endpoint: `{ strategy: haproxy+keepalived, name: api.lab, vip: ${vip} }`, kubernetesVersion: 'v1.34.10', sharedProductUuid: 'true', ...more })
  // w2 is no host of the inventory: it is the stranger who has the address.
  const inventory = (more: Readonly<Record<string, string>> = {}): string => inventoryOf(lab, { lb: ['lb1'], masters: ['cp1', 'cp2'], workers: ['w1'] }, vars(more))
  const run = async (name: string, yaml: string, ...words: readonly string[]): Promise<Finished> => play.run([playbook(name), '-i', await play.write('inventory.yaml', yaml), ...words])
  /** The table: host, check, judgement, found. */
  const table = (finished: Finished): readonly string[] => finished.events.flatMap(event => (event.type === 'report-made' ? event.rows.map(row => row.slice(0, 3).join(' ')) : [])).toSorted()
  const text = (finished: Finished): string => finished.events.flatMap(event => (event.type === 'report-made' ? event.rows.map(row => row.join(' ')) : [])).join('\n')

  test('machines that are fit are told so, in one look', async () => {
    const fit = await run('preflight', inventory())
    expect(fit.code, fit.stdout + fit.stderr).toBe(0)
    expect(table(fit).filter(row => row.includes('refused'))).toEqual([])
  })

  test('every complaint is told at once, before anything is changed on any host, and so does ha.ts', async () => {
    // Also after somebody has tried the port.
    await lab.exec('cp1', `systemd-run --quiet --unit busy perl -MIO::Socket::INET -e ${quote('@s = IO::Socket::INET->new(Listen => 5, LocalPort => 2379) or die; sleep')}`)
    await lab.exec('cp1', 'hostnamectl set-hostname CP-1')
    await lab.exec('cp2', `printf '%s\\n' ${(await lab.exec('w1', 'cat /etc/machine-id')).stdout.trim()} >/etc/machine-id`)
    await lab.exec('w2', `ip address add ${vip}/32 dev "$(ip -o route get ${vip} | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')"`)
    await lab.exec('w1', 'mount -t tmpfs -o size=64m none /var/lib')
    await lab.exec('w1', 'mkdir -p /etc/cni/net.d && echo {} >/etc/cni/net.d/05-other.conf')
    await lab.exec('cp2', `ip route add unreachable ${lab.address('w1')}/32`)
    await lab.exec('cp1', 'rm -f /etc/resolv.conf && echo nameserver 127.0.0.1 >/etc/resolv.conf')
    await lab.exec('w2', `systemd-run --quiet --unit stranger perl -MSocket -e ${quote(VRRP)}`)
    const before = await treeOf(lab, 'cp2')
    const yaml = inventory({ podSubnet: lab.subnet.includes('/') ? lab.subnet : `${lab.subnet}/24` }).replace(/^( +cp2: \{ .*) \}$/m, '$1, nodeAddress: 10.99.0.22 }')
    const refused = await run('preflight', yaml)
    expect(refused.code, refused.stdout + refused.stderr).toBe(1)
    for (const words of ['listens on port 2379 of cp1', 'the host name of cp1 is "CP-1"', 'have the same machine-id', `${vip} is taken`, 'MB free on /var/lib', 'no interface of cp2 has 10.99.0.22', /podSubnet .* overlap on w1/, '/etc/cni/net.d/05-other.conf on w1 is none of', /cp2 does not get to TCP 10250 of w1 .*: rejected on the way/, `hears VRRP router 51 of ${lab.address('w2')}`, '/etc/resolv.conf of cp1 names 127.0.0.1']) expect(text(refused)).toMatch(words)
    expect(refused.events.flatMap(event => (event.type === 'run-finished' ? event.failures : [])).length).toBe(1)
    const stopped = await run('ha', yaml)
    expect(stopped.code, stopped.stdout + stopped.stderr).toBe(1)
    expect(stopped.hosts.reduce((sum, { changed }) => sum + changed, 0)).toBe(0)
    expect(await treeOf(lab, 'cp2')).toBe(before)
  })

  test('the same hosts would make no cluster of k3s, and k3s-ha.ts changes nothing either', async () => {
    await lab.exec('w1', 'mkdir -p /etc/kubernetes && echo x >/etc/kubernetes/kubelet.conf')
    await lab.exec('w1', 'ip link add vx0 type vxlan id 7 dstport 8472 && ip link set vx0 up')
    const k3s = { k3sVersion: 'v1.34.10+k3s1', k3sBinary: `{ sha256: ${'a'.repeat(64)} }` }
    const { kubernetesVersion: _, ...rest } = vars({ ...k3s, podSubnet: lab.subnet })
    const yaml = inventoryOf(lab, { lb: ['lb1'], servers: ['cp1', 'cp2'], agents: ['w1'] }, rest).replace(/^( +cp2: \{ .*) \}$/m, '$1, nodeAddress: 10.99.0.22 }')
    const before = await treeOf(lab, 'cp2')
    const refused = await run('k3s-preflight', yaml)
    expect(refused.code, refused.stdout + refused.stderr).toBe(1)
    const words = [
      'listens on port 2379 of cp1', 'the host name of cp1 is "CP-1"', 'have the same machine-id', `${vip} is taken`, 'MB free on /var/lib', 'no interface of cp2 has 10.99.0.22', /podSubnet .* overlap on w1/,
      'w1 is a node of a cluster that was made by kubeadm', 'a tunnel of the kernel has UDP port 8472 of w1', 'there are 2 servers, each with a member of etcd',
    ]
    for (const each of words) expect(text(refused)).toMatch(each)
    const stopped = await run('k3s-ha', yaml)
    expect(stopped.code, stopped.stdout + stopped.stderr).toBe(1)
    expect(stopped.hosts.reduce((sum, { changed }) => sum + changed, 0)).toBe(0)
    expect(await treeOf(lab, 'cp2')).toBe(before)
  })

  test('cgroup v1 is refused where Kubernetes refuses it', async () => {
    const cgroup = await lab.exec('cp1', 'stat -fc %T /sys/fs/cgroup')
    const refused = await run('preflight', inventory({ kubernetesVersion: 'v1.36.0' }))
    const told = text(refused).includes('has cgroup v1, which Kubernetes v1.36.0 refuses')
    expect(told).toBe(cgroup.stdout.trim() !== 'cgroup2fs')
  })
})
