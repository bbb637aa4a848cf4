import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { networkOf } from '../lab/address-plan.ts'
import { buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { kubeVipImage, kubeVipImageTar } from '../lab/kubernetes/network-images.ts'
import { openLab, type Lab } from '../lab/lab.ts'
import { requireLab } from '../lab/require-lab.ts'
import { tsPlay, type Finished, type TsPlay } from '../lab/support/ts-play.ts'
import { clusterThrough, type Cluster } from './cluster.ts'
import { labInventory, withEndpoint } from './lab-inventory.ts'
import { Writer } from './writer.ts'

const NODES = ['cp1', 'cp2', 'cp3', 'w1'] as const
const ALL = ['lb1', 'lb2', ...NODES]
const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** The name stands for one control plane at first, and for something else after each move: nobody who uses it has to know. */
describe.skipIf(requireLab())('a single control plane that grows', () => {
  let lab: Lab
  let play: TsPlay
  let kube: Cluster
  const tell = (text: string): void => void process.stdout.write(`  ${text}\n`)
  const at = (end: number): string => `${networkOf(lab.subnet)}.${end}`
  const alone = (): string => `{ strategy: control-plane, name: api.lab, address: ${at(21)} }`
  const floating = (): string => `{ strategy: haproxy+keepalived, name: api.lab, vip: ${at(100)} }`
  const run = async (name: string, endpoint: string, hosts: readonly string[]): Promise<Finished> => {
    const inventory = withEndpoint(await labInventory(lab, play.folder), { endpoint, hosts })
    const finished = await play.run([fileURLToPath(new URL(`../../playbooks/${name}.ts`, import.meta.url)), '-i', await play.write('inventory.yaml', inventory)])
    tell(`${name}: ${((finished.events.at(-1)?.at ?? 0) / 1000).toFixed(1)} s`)
    expect(finished.code, finished.stdout + finished.stderr).toBe(0)
    return finished
  }
  const changedOn = (finished: Finished): readonly string[] => finished.hosts.filter(({ changed }) => changed > 0).map(({ host }) => host)

  beforeAll(async () => {
    await buildBinaries(say)
    await writeBundle(say)
    lab = await openLab()
    play = await tsPlay(lab)
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  test('is a cluster of its own, which takes workloads', async () => {
    await lab.up('cp1')
    await run('single', alone(), ['cp1'])
    kube = clusterThrough(lab, 'cp1', '/etc/kubernetes/admin.conf')
    expect(await kube.readyNodes()).toBe(1)
    expect(await kube.kubectl('get', 'node', 'cp1', '-o', 'jsonpath={.spec.taints}')).toBe('')
    expect(changedOn(await run('single', alone(), ['cp1']))).toEqual([])
  })

  test('gets others beside it', async () => {
    await lab.up('cp2', 'cp3', 'w1')
    await run('ha', alone(), NODES)
    const { stdout } = await lab.console('cp1', 'cat /etc/kubernetes/admin.conf')
    await lab.console('w1', `umask 077; cat >/root/admin.conf <<'END'\n${stdout}END`)
    kube = clusterThrough(lab, 'w1', '/root/admin.conf')
    await kube.until('four nodes Ready', async () => (await kube.readyNodes()) === 4)
    expect(await kube.etcdMembers('cp1')).toBe(3)
  })

  /** A move under a writer: what it cost, and whether everybody arrived. */
  const move = async (endpoint: string, addresses: readonly string[], holders: number): Promise<void> => {
    const writer = await Writer.start(kube)
    await writer.writes(5)
    await run('move-endpoint', endpoint, ALL)
    await writer.writes(10)
    const { acknowledged, lost, longestGap } = await writer.stop()
    tell(`moved to ${endpoint}: ${acknowledged} writes acknowledged, ${lost} lost, longest gap ${(longestGap / 1000).toFixed(1)} s`)
    expect(lost).toBe(0)
    expect(await kube.holders(at(100))).toHaveLength(holders)
    const names = await Promise.all(NODES.map(async host => (await lab.console(host, 'getent ahostsv4 api.lab | cut -d" " -f1 | sort -u')).stdout.trim().split('\n')))
    expect(names).toEqual(NODES.map(() => addresses))
    // The copies of pods that use it, too.
    for (const pod of (await kube.kubectl('get', 'pods', '-n', 'kube-flannel', '-o', 'name')).split('\n'))
      expect((await kube.kubectl('exec', '-n', 'kube-flannel', pod, '--', 'grep', 'api.lab', '/etc/hosts')).match(/^[\d.]+/gm)?.toSorted()).toEqual(addresses)
  }

  test('and balancers before it, under a writer who never notices', async () => {
    await lab.up('lb1', 'lb2')
    await move(floating(), [at(100)], 1)
    expect(changedOn(await run('move-endpoint', floating(), ALL))).toEqual([])
    // What is left is the controller's own kubeconfig, which says the address here.
    expect(changedOn(await run('ha', floating(), ALL))).toEqual(['localhost'])
  })

  test('or holds the address among its control planes (by kube-vip)', async () => {
    const input = (await kubeVipImageTar(say)).toString('base64')
    for (const host of ['cp1', 'cp2', 'cp3']) expect(await lab.exec(host, 'base64 -d | ctr -n k8s.io images import -', { input })).toMatchObject({ code: 0 })
    await move(`{ strategy: kube-vip, name: api.lab, vip: ${at(100)}, image: "${kubeVipImage}" }`, [at(100)], 1)
  })

  test('or has them all under its name', async () => {
    await move('{ strategy: dns-round-robin, name: api.lab }', [at(21), at(22), at(23)], 0)
  })

  test('or somebody else’s balancer', async () => {
    // It was ours, which the move before has stopped.
    const made = await lab.exec('lb1', `sed -i '1d; s/bind .*:6443/bind *:6443/' /etc/haproxy/haproxy.cfg && systemctl start haproxy`)
    expect(made.code, made.stderr).toBe(0)
    await move(`{ strategy: external, name: api.lab, address: ${at(11)} }`, [at(11)], 0)
  })

  test('so that it may die', async () => {
    const writer = await Writer.start(kube)
    await writer.writes(10)
    await lab.kill('cp1')
    await writer.writes(30)
    const { acknowledged, lost, longestGap } = await writer.stop()
    tell(`cp1 lost: ${acknowledged} writes acknowledged, ${lost} lost, longest gap ${(longestGap / 1000).toFixed(1)} s`)
    expect(lost).toBe(0)
  })
})
