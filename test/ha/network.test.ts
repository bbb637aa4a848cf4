import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { $ } from 'zx'
import { metallbManifest } from '../../roles/kubernetes/service-load-balancer.ts'
import { calico } from '../../roles/manifests/calico.ts'
import { cilium } from '../../roles/manifests/cilium.ts'
import { fittedManifest } from '../../roles/manifests/role.ts'
import { networkOf } from '../lab/address-plan.ts'
import { buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { buildHelm, fileOfModule, networkFolders, networkVersions } from '../lab/kubernetes/network-binaries.ts'
import { kubeRouterImage, kubeRouterImageTar, kubeVipImage, kubeVipImageTar, kubeVipProviderImage, kubeVipProviderImageTar, metallbImageTars } from '../lab/kubernetes/network-images.ts'
import { openLab, type Lab } from '../lab/lab.ts'
import { requireLab } from '../lab/require-lab.ts'
import { tsPlay, type Finished, type TsPlay } from '../lab/support/ts-play.ts'
import { clusterThrough, type Cluster } from './cluster.ts'
import { labInventory, withEndpoint, withVars } from './lab-inventory.ts'
import { WORKLOAD } from './workload.ts'
import { versions } from '../lab/kubernetes/versions.ts'
import { answeringHost } from './neighbour.ts'

const playbook = fileURLToPath(new URL('../../playbooks/ha.ts', import.meta.url))
const NODES = ['cp1', 'w1', 'w2'] as const
const say = (line: string): void => void process.stderr.write(`${line}\n`)

interface Way {
  readonly name: string
  /** `NETWORK` stands for the first three numbers of the lab's addresses. */
  readonly endpoint: string
  readonly network: string
  readonly services: () => Promise<string>
  /** What no bundle has, for every node. */
  readonly images: () => Promise<readonly Buffer[]>
  /** The node that answers for a Service's address. */
  readonly holder: (kube: Cluster, lab: Lab, address: string) => Promise<string>
  readonly filters: boolean
}

const ways: readonly Way[] = [
  {
    name: 'kube-router, and kube-vip for the API and for Services',
    endpoint: `{ strategy: kube-vip, name: api.lab, vip: NETWORK.100, image: "${kubeVipImage}" }`,
    network: `{ plugin: kube-router, image: "${kubeRouterImage}" }`,
    services: () => Promise.resolve(`{ by: kube-vip, addresses: [NETWORK.200-NETWORK.209], image: "${kubeVipImage}", providerImage: "${kubeVipProviderImage}" }`),
    images: async () => [await kubeRouterImageTar(say), await kubeVipImageTar(say), await kubeVipProviderImageTar(say)],
    holder: async (kube, _, address) => (await kube.holders(address)).join(' '),
    filters: true,
  },
  {
    name: 'flannel and MetalLB',
    endpoint: '{ strategy: control-plane, name: api.lab, address: NETWORK.21 }',
    network: '{ plugin: flannel }',
    async services() {
      const file = await fileOfModule(`go.universe.tf/metallb@${networkVersions.metallb}`, 'config/manifests/metallb-native.yaml')
      return `{ by: metallb, addresses: [NETWORK.200-NETWORK.209], manifest: { file: ${file}, sha256: ${metallbManifest.sha256} } }`
    },
    images: () => metallbImageTars(say),
    // MetalLB's own status goes on naming a node that has died.
    holder: (_, lab, address) => answeringHost(lab, 'lb1', address),
    filters: false,
  },
]

/** Networks and balancers of Services that are not ours, for real: from bare hosts to the loss of the node that holds a Service's address. `lb1` is a neighbour that has nothing to do with the cluster. */
describe.skipIf(requireLab()).each(ways)('$name', ({ endpoint, network, services, images, holder, filters }) => {
  let lab: Lab
  let play: TsPlay
  let kube: Cluster
  let file: string
  let given: string
  const tell = (text: string): void => void process.stdout.write(`  ${text}\n`)
  const at = (text: string): string => text.replaceAll('NETWORK', networkOf(lab.subnet))
  const run = (...words: readonly string[]): Promise<Finished> => play.run([playbook, '-i', file, ...words])
  const seconds = (finished: Finished): string => ((finished.events.at(-1)?.at ?? 0) / 1000).toFixed(1)
  const changedOn = (finished: Finished): readonly string[] => finished.hosts.filter(({ changed }) => changed > 0).map(({ host }) => host)
  const answers = async (address: string): Promise<boolean> => (await lab.console('lb1', `curl -s --connect-timeout 1 --max-time 2 http://${address}/`)).stdout.startsWith('web-')
  const pods = async (): Promise<readonly (readonly [name: string, node: string, address: string])[]> =>
    (await kube.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName} {.status.podIP}{"\\n"}{end}')).split('\n').map(line => { const [name = '', node = '', address = ''] = line.split(' '); return [name, node, address] })

  beforeAll(async () => {
    await buildBinaries(say)
    await writeBundle(say)
    const tars = await images()
    lab = await openLab()
    await lab.up(...NODES, 'lb1')
    play = await tsPlay(lab)
    given = withEndpoint(await labInventory(lab, play.folder), { endpoint: at(endpoint), hosts: NODES })
    file = await play.write('inventory.yaml', withVars(given, { network, serviceLoadBalancer: at(await services()) }))
    const prepared = await run('--tags', 'prereqs')
    expect(prepared.code, prepared.stdout + prepared.stderr).toBe(0)
    for (const tar of tars) {
      const input = tar.toString('base64')
      for (const host of NODES) expect(await lab.exec(host, 'base64 -d | ctr -n k8s.io images import -', { input })).toMatchObject({ code: 0 })
    }
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
    for (const host of ['w1', 'w2']) await lab.console(host, `umask 077; cat >/root/admin.conf <<'END'\n${stdout}END`)
    kube = clusterThrough(lab, 'cp1', '/etc/kubernetes/admin.conf')
    expect(await kube.readyNodes()).toBe(3)
    const tried = ran.events.flatMap(event => (event.type === 'task-finished' && event.task.title.endsWith('pods of other nodes answer') ? [event.outcome.type] : []))
    expect(tried).toHaveLength(3)
  })

  test('the second run changes nothing', async () => {
    const again = await run()
    expect(again.code, again.stdout + again.stderr).toBe(0)
    expect(changedOn(again)).toEqual([])
    tell(`second run ${seconds(again)} s`)
  })

  test('pods reach pods of other nodes, by address and by name', async () => {
    await kube.apply(WORKLOAD)
    await kube.kubectl('rollout', 'status', 'daemonset/web', '--timeout', '120s', '--request-timeout', '0')
    const all = await pods()
    expect(all).toHaveLength(3)
    for (const [from] of all) {
      for (const [to, , address] of all) expect(await kube.kubectl('exec', from, '--', '/web', 'get', `http://${address}:8080/`), `${from} to ${to}`).toContain(to)
      expect(await kube.kubectl('exec', from, '--', '/web', 'get', 'http://web.default.svc.cluster.local/'), from).toMatch(/^web-/)
    }
  })

  test.runIf(filters)('a NetworkPolicy keeps them out', async () => {
    await kube.apply('apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: nobody, namespace: default }\nspec: { podSelector: { matchLabels: { app: web } }, policyTypes: [Ingress] }\n')
    const [[from] = [''], [, , address] = ['', '', '']] = await pods()
    await kube.until('it is in force', () => kube.kubectl('exec', from, '--', '/web', 'get', `http://${address}:8080/`, '2s').then(() => false, () => true))
    await kube.kubectl('delete', 'networkpolicy', 'nobody')
    await kube.until('it is gone', () => kube.kubectl('exec', from, '--', '/web', 'get', `http://${address}:8080/`, '2s').then(() => true))
  })

  const taken = async (text: string, fit: typeof calico, daemonSet: string): Promise<void> => {
    const input = fittedManifest(text, fit, { endpoint: { name: 'api.lab', port: 6443 }, podSubnet: '10.244.0.0/16' })
    // What is only tried makes no namespace for the objects in it.
    const script = `set -eu
export KUBECONFIG=/etc/kubernetes/admin.conf
cat >/run/tried.yaml
kubectl apply --dry-run=client -o name -f /run/tried.yaml | sed -n 's,^namespace/,,p' | while read -r namespace; do kubectl create namespace "$namespace" >&2; done
kubectl apply --server-side --dry-run=server --field-manager=ts-play -f /run/tried.yaml`
    const { code, stdout, stderr } = await lab.exec('cp1', script, { input })
    expect(code, stderr).toBe(0)
    expect(stdout).toContain(`daemonset.apps/${daemonSet} serverside-applied (server dry run)`)
    tell(`${daemonSet}: ${stdout.trim().split('\n').length} objects taken`)
  }

  test.runIf(filters)('the API server takes calico’s own manifest, fit for this cluster', async () => {
    await taken(await readFile(await fileOfModule('github.com/projectcalico/calico@v1.11.0-cni-plugin.0.20250813170300-a0db560f0520', 'manifests/calico.yaml'), 'utf8'), calico, 'calico-node')
  })

  test('another network on this cluster is refused before anything is changed', async () => {
    const refused = await play.run([playbook, '-i', await play.write('other.yaml', withVars(given, { network: '{ plugin: bridge }' }))])
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain('a cluster keeps its network for life')
    expect(changedOn(refused)).toEqual([])
  })

  test('a network that is broken is told', async () => {
    const [[, node = '', address = ''] = []] = (await kube.kubectl('get', 'pods', '-n', 'kube-system', '-l', 'k8s-app=kube-dns', '-o', 'jsonpath={range .items[*]}x {.spec.nodeName} {.status.podIP}{"\\n"}{end}')).split('\n').map(line => line.split(' '))
    const other = NODES.find(host => host !== node) ?? ''
    await lab.console(other, `ip route add blackhole ${address}/32`)
    const broken = await run('--tags', 'connectivity', '--limit', other)
    await lab.console(other, `ip route del blackhole ${address}/32`)
    expect(broken.code, broken.stdout).toBe(1)
    expect(broken.stdout).toContain(`the node does not reach the pod at ${address}`)
  })

  test('a Service of type LoadBalancer answers a neighbour, and again after the node that held its address has died', async () => {
    await kube.apply('apiVersion: v1\nkind: Service\nmetadata: { name: outside, namespace: default }\nspec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }\n')
    let address = ''
    await kube.until('it has an address', async () => (address = await kube.kubectl('get', 'service', 'outside', '-o', 'jsonpath={.status.loadBalancer.ingress[0].ip}')) !== '')
    expect(address).toMatch(new RegExp(`^${at('NETWORK')}\\.20\\d$`))
    await kube.until('it answers', () => answers(address))
    let victim = ''
    await kube.until('somebody holds it', async () => (victim = await holder(kube, lab, address)) !== '')
    expect(['w1', 'w2']).toContain(victim)
    const began = Date.now()
    await lab.kill(victim)
    // The holder's last answers may still be under way.
    await pause(1000)
    await kube.until('it answers again', () => answers(address))
    const survivor = await (async () => { let found = victim; await kube.until('another one holds it', async () => (found = await holder(kube, lab, address)) !== victim && found !== ''); return found })()
    tell(`${address} moved from ${victim} to ${survivor}; it answered again after ${((Date.now() - began) / 1000).toFixed(1)} s`)
    await lab.start(victim)
    await kube.until('three nodes Ready', async () => (await kube.readyNodes()) === 3)
  })

  test.runIf(!filters)('the API server takes what Cilium’s chart is, fit for this cluster', async () => {
    await buildHelm(say)
    const chart = await fileOfModule('github.com/cilium/cilium@v1.20.2', 'install/kubernetes/cilium')
    const rendered = await $({ quiet: true })`${join(networkFolders.helm, 'helm')} template cilium ${chart} --kube-version ${versions.kubernetes} --namespace kube-system --set ipam.mode=kubernetes`
    await taken(rendered.stdout, cilium, 'cilium')
  })
})
