import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { haproxyCfg } from '../../roles/kubernetes/haproxy.ts'
import { hostNumber, networkOf } from '../lab/address-plan.ts'
import { buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { kubeVipImage, kubeVipImageTar } from '../lab/kubernetes/network-images.ts'
import { openLab, type Lab } from '../lab/lab.ts'
import { requireLab } from '../lab/require-lab.ts'
import { tsPlay, type Finished, type TsPlay } from '../lab/support/ts-play.ts'
import { bgpRouter, CONTROL_PLANES_AS, ROUTER, routedTo } from './bgp-router.ts'
import { clusterThrough, type Cluster } from './cluster.ts'
import { labInventory, withEndpoint, withVars } from './lab-inventory.ts'
import { Writer } from './writer.ts'

const playbook = fileURLToPath(new URL('../../playbooks/ha.ts', import.meta.url))
const NODES = ['cp1', 'cp2', 'cp3', 'w1'] as const
const CONTROL_PLANES = ['cp1', 'cp2', 'cp3'] as const

interface Way {
  readonly name: string
  /** As the inventory says it; `NETWORK` stands for the first three numbers of the lab's addresses. */
  readonly endpoint: string
  /** Control planes that are balancers, too. */
  readonly balancers?: readonly string[]
  /** More variables of all hosts. */
  readonly vars?: Readonly<Record<string, string>>
  /** What has to be there before the playbook. */
  readonly before?: (lab: Lab) => Promise<void>
  /** An image that no bundle has, brought to the control planes as soon as they have a container runtime. */
  readonly image?: () => Promise<Buffer>
  /** A router is told who holds the floating address. */
  readonly routed?: boolean
}

const floats = '{ strategy: haproxy+keepalived, name: api.lab, vip: NETWORK.100 }'
const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** The way on hosts of its own is what `cluster.test.ts` is about. */
const ways: readonly Way[] = [
  { name: 'a balancer on every node', endpoint: '{ strategy: local, name: api.lab }' },
  { name: 'balancers on the control planes', endpoint: floats, balancers: ['cp1', 'cp2'], vars: { bindPort: '6444' } },
  { name: 'kube-vip', endpoint: `{ strategy: kube-vip, name: api.lab, vip: NETWORK.100, image: "${kubeVipImage}" }`, image: () => kubeVipImageTar(say) },
  {
    name: 'kube-vip that tells a router (BGP)',
    endpoint: `{ strategy: kube-vip, name: api.lab, vip: NETWORK.100, image: "${kubeVipImage}", announce: { by: bgp, as: ${CONTROL_PLANES_AS}, peers: [{ address: NETWORK.${hostNumber(ROUTER.host)}, as: ${ROUTER.as} }] } }`,
    image: () => kubeVipImageTar(say),
    before: lab => bgpRouter(lab, { vip: `${networkOf(lab.subnet)}.100`, neighbours: CONTROL_PLANES, clients: NODES }),
    routed: true,
  },
  { name: 'DNS round robin', endpoint: '{ strategy: dns-round-robin, name: api.lab }' },
  { name: 'an external balancer', endpoint: '{ strategy: external, name: api.lab, address: NETWORK.11 }', before: somebodyElsesBalancer },
]

/** One real cluster for each way to its API: built, left alone, and robbed of the control plane that serves. */
describe.skipIf(requireLab()).each(ways)('$name', ({ endpoint, balancers = [], vars = {}, before, image, routed = false }) => {
  let lab: Lab
  let play: TsPlay
  let kube: Cluster
  let file: string
  const tell = (text: string): void => void process.stdout.write(`  ${text}\n`)
  const run = (...words: readonly string[]): Promise<Finished> => play.run([playbook, '-i', file, ...words])
  const seconds = (finished: Finished): string => ((finished.events.at(-1)?.at ?? 0) / 1000).toFixed(1)
  const changedOn = (finished: Finished): readonly string[] => finished.hosts.filter(({ changed }) => changed > 0).map(({ host }) => host)

  beforeAll(async () => {
    await buildBinaries(say)
    await writeBundle(say)
    lab = await openLab()
    await lab.up(...NODES)
    await before?.(lab)
    play = await tsPlay(lab)
    const given = await labInventory(lab, play.folder)
    const inventory = withEndpoint(given, { endpoint: endpoint.replaceAll('NETWORK', networkOf(lab.subnet)), hosts: NODES, balancers })
    file = await play.write('inventory.yaml', withVars(inventory, vars))
    if (image === undefined) return
    const prepared = await run('--tags', 'prereqs', '--limit', 'masters')
    expect(prepared.code, prepared.stdout + prepared.stderr).toBe(0)
    const input = (await image()).toString('base64')
    for (const host of CONTROL_PLANES) expect(await lab.exec(host, 'base64 -d | ctr -n k8s.io images import -', { input })).toMatchObject({ code: 0 })
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  test('from bare hosts to a cluster', async () => {
    const ran = await run()
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    tell(`bare to ready in ${seconds(ran)} s`)
    const { stdout } = await lab.console('cp1', 'cat /etc/kubernetes/admin.conf')
    await lab.console('w1', `umask 077; cat >/root/admin.conf <<'END'\n${stdout}END`)
    kube = clusterThrough(lab, 'w1', '/root/admin.conf')
    await kube.until('four nodes Ready', async () => (await kube.readyNodes()) === 4)
    expect(await kube.etcdMembers('cp1')).toBe(3)
    const manifests = await Promise.all(CONTROL_PLANES.map(async host => (await lab.console(host, 'grep -l super-admin.conf /etc/kubernetes/manifests/*')).stdout))
    expect(manifests.join('')).toBe('')
  })

  test('the second run changes nothing', async () => {
    const again = await run()
    expect(again.code, again.stdout + again.stderr).toBe(0)
    expect(changedOn(again)).toEqual([])
    tell(`second run ${seconds(again)} s`)
  })

  test('the loss of the control plane that serves costs no acknowledged write', async () => {
    const address = `${networkOf(lab.subnet)}.100`
    const holders = await kube.holders(address)
    expect(holders).toHaveLength(endpoint.includes('vip:') ? 1 : 0)
    const [victim = 'cp1'] = holders
    if (routed) expect(await routedTo(lab, address)).toBe(lab.address(victim))
    const writer = await Writer.start(kube)
    await writer.writes(20)
    await lab.kill(victim)
    await writer.writes(50)
    const { acknowledged, lost, longestGap } = await writer.stop()
    tell(`${victim} lost: ${acknowledged} writes acknowledged through the endpoint, ${lost} lost, longest gap ${(longestGap / 1000).toFixed(1)} s`)
    expect(lost).toBe(0)
    if (routed) expect(await routedTo(lab, address)).not.toBe(lab.address(victim))
  })
})

async function somebodyElsesBalancer(lab: Lab): Promise<void> {
  await lab.up('lb1')
  const backends = CONTROL_PLANES.map(name => ({ name, address: lab.address(name), port: 6443 }))
  const installed = await lab.exec('lb1', '{ apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install haproxy; } </dev/null && cat >/etc/haproxy/haproxy.cfg && systemctl restart haproxy', { input: haproxyCfg({ apiPort: 6443, bindAddress: '*', healthPort: 8404, backends }) })
  expect(installed.code, installed.stderr).toBe(0)
}
