import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLab, type Lab } from '../lab/lab.ts'
import { buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { requireLab } from '../lab/require-lab.ts'
import { tsPlay, type Finished, type TsPlay } from '../lab/support/ts-play.ts'
import { treeOf } from '../lab/support/tree.ts'
import { clusterOf, type Cluster } from './cluster.ts'
import { labInventory } from './lab-inventory.ts'
import { WORKLOAD } from './workload.ts'
import { Writer } from './writer.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const SEVEN = ['lb1', 'lb2', 'cp1', 'cp2', 'cp3', 'w1', 'w2'] as const
const skip = requireLab()

/** The main job, from bare hosts to the loss of the first master. The tests are one story: each goes on where the one before ended. */
describe.skipIf(skip)('seven bare hosts', () => {
  let lab: Lab
  let play: TsPlay
  let kube: Cluster
  let vip: string

  beforeAll(async () => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`)
    await buildBinaries(say)
    await writeBundle(say)
    lab = await openLab()
    await lab.up(...SEVEN)
    play = await tsPlay(lab)
    vip = `${lab.subnet.split('.').slice(0, 3).join('.')}.100`
    kube = clusterOf(lab, join(play.folder, 'kubeconfig'))
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  /** `inventory/lab.yaml` with this lab's addresses, and with hosts added or taken out. */
  const inventory = async (change: (yaml: string) => string = yaml => yaml): Promise<string> =>
    await play.write('inventory.yaml', change(await labInventory(lab, play.folder)))
  const withHost = (after: string, host: string) => (yaml: string): string => yaml.replace(new RegExp(`^( +)${after}: .*$`, 'm'), line => `${line}\n${/^ */.exec(line)?.[0]}${host}: { ansible_host: ${lab.address(host)} }`)
  const without = (host: string) => (yaml: string): string => yaml.replace(new RegExp(`^ +${host}: .*\n`, 'm'), '')
  const run = (file: string, ...words: readonly string[]): Promise<Finished> => play.run([join(root, 'playbooks/ha.ts'), '-i', file, ...words])
  const changedOn = (finished: Finished): readonly string[] => finished.hosts.filter(({ changed }) => changed > 0).map(({ host }) => host)
  const tasksOf = (finished: Finished) => finished.events.flatMap(event => (event.type === 'task-finished' ? [{ node: event.node, title: event.task.title, outcome: event.outcome.type }] : []))
  const seconds = (finished: Finished): string => ((finished.events.at(-1)?.at ?? 0) / 1000).toFixed(1)
  const tell = (text: string): void => void process.stdout.write(`  ${text}\n`)

  test('check mode: packages and files would change, init, joins and network are unknown, and nothing is written', async () => {
    const before = await Promise.all(['lb1', 'cp1', 'w1'].map(host => treeOf(lab, host)))
    const checked = await run(await inventory(), '--check', '--diff')
    expect(checked.code, checked.stdout + checked.stderr).toBe(3)
    expect(await Promise.all(['lb1', 'cp1', 'w1'].map(host => treeOf(lab, host)))).toEqual(before)
    expect(changedOn(checked)).toEqual([])
    const outcomes = tasksOf(checked)
    expect(outcomes.filter(({ title, outcome }) => title.startsWith('package ') && outcome === 'would-change').length).toBeGreaterThanOrEqual(7)
    const unknown = checked.events.flatMap(event => ((event.type === 'node-finished' || event.type === 'task-finished') && event.outcome.type === 'unknown' ? [event.play] : []))
    expect([...new Set(unknown)]).toEqual(expect.arrayContaining(['first-master', 'control-plane-join', 'worker-join', 'cni']))
    expect(outcomes.filter(({ title, outcome }) => /^command kubeadm (init|join)|^kubectl-apply/.test(title) && outcome !== 'unknown')).toEqual([])
    expect(checked.events.some(event => event.type === 'output-made' && event.minted)).toBe(false)
  })

  test('a run brings a highly available cluster', async () => {
    const ran = await run(await inventory(), '--profile')
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    tell(`bare to ready in ${seconds(ran)} s`)
    const engine = /engine \d[^(]*\((?:under )?(\d+) %\)/.exec(ran.stdout)
    tell(/on the critical path: .*/.exec(ran.stdout)?.[0] ?? 'no profile')
    expect(Number(engine?.[1])).toBeLessThan(5)
    await kube.until('five nodes Ready', async () => (await kube.readyNodes()) === 5)
    expect(await kube.etcdMembers('cp1')).toBe(3)
    expect(await kube.holders(vip)).toHaveLength(1)
    await kube.until('every pod of the system Running', async () => !/ (?!Running)\S+ +\d+ /.test((await kube.kubectl('get', 'pods', '-A', '--no-headers')).replaceAll(/ \(.*? ago\)/g, '')))
    tell((await kube.kubectl('get', 'nodes', '-o', 'wide')).replaceAll('\n', '\n  '))
  })

  test('a ClusterIP and DNS answer from a pod on every node', async () => {
    await kube.apply(WORKLOAD)
    await kube.kubectl('rollout', 'status', 'daemonset/web', '--timeout', '120s', '--request-timeout', '0')
    const pods = (await kube.kubectl('get', 'pods', '-l', 'app=web', '-o', 'name')).split('\n')
    expect(pods).toHaveLength(5)
    for (const pod of pods) {
      expect(await kube.kubectl('exec', pod, '--', '/web', 'get', 'http://web.default.svc.cluster.local/'), pod).toMatch(/^web-/)
      expect(await kube.kubectl('exec', pod, '--', '/web', 'lookup', 'kubernetes.default.svc.cluster.local'), pod).toContain('10.96.0.1')
    }
  })

  test('the second run changes nothing and restarts nothing, in under 15 s', async () => {
    const before = await kube.staticPods()
    const again = await run(await inventory())
    expect(again.code, again.stdout + again.stderr).toBe(0)
    tell(`second run ${seconds(again)} s`)
    expect(changedOn(again)).toEqual([])
    expect(again.events.some(event => event.type === 'output-made' && event.minted)).toBe(false)
    expect(await kube.staticPods()).toBe(before)
    expect(Number(seconds(again))).toBeLessThan(15)
  })

  test('a new worker is refused while bare, prepared by one tag and joined by another, with a token that is gone afterwards', async () => {
    await lab.up('w3')
    const file = await inventory(withHost('w2', 'w3'))
    const bare = await run(file, '--tags', 'worker-join', '--limit', 'w3')
    expect(bare.code).toBe(1)
    expect(bare.stdout).toContain('w3 has no kubelet')
    expect(bare.stdout).toContain('add --tags prereqs')
    expect((await run(file, '--tags', 'prereqs', '--limit', 'w3')).code).toBe(0)
    const joined = await run(file, '--tags', 'worker-join', '--limit', 'w3')
    expect(joined.code, joined.stdout).toBe(0)
    expect(joined.events.flatMap(event => (event.type === 'run-started' ? event.plays.filter(({ mode }) => mode === 'full').map(({ name }) => name) : []))).toEqual(['worker-join'])
    expect(joined.events.flatMap(event => (event.type === 'output-revoked' ? [`${event.output}: ${event.problem ?? 'revoked'}`] : []))).toEqual(['worker-ticket: revoked'])
    expect(await kube.kubectl('get', 'secrets', '-n', 'kube-system', '--field-selector', 'type=bootstrap.kubernetes.io/token', '-o', 'name')).toBe('')
  })

  test('--limit on a bare new worker prepares and joins it, and changes no other host', async () => {
    await lab.up('w4')
    const ran = await run(await inventory(yaml => withHost('w3', 'w4')(withHost('w2', 'w3')(yaml))), '--limit', 'w4')
    expect(ran.code, ran.stdout).toBe(0)
    expect(changedOn(ran)).toEqual(['w4'])
    await kube.until('seven nodes Ready', async () => (await kube.readyNodes()) === 7)
  })

  test('the loss of the first control plane costs no acknowledged write, and workers are served by the others', async () => {
    const writer = await Writer.start(kube)
    await writer.writes(20)
    await lab.kill('cp1')
    await writer.writes(30)
    const served = await run(await inventory(), '--tags', 'worker-join')
    expect(served.code, served.stdout).toBe(0)
    await lab.start('cp1')
    await kube.until('seven nodes Ready', async () => (await kube.readyNodes()) === 7)
    await kube.until('three members', async () => (await kube.etcdMembers('cp2', 'cp3')) === 3)
    const { acknowledged, lost, longestGap } = await writer.stop()
    tell(`${acknowledged} writes acknowledged, ${lost} lost, longest gap ${(longestGap / 1000).toFixed(1)} s`)
    expect(lost).toBe(0)
  })

  test('the first master destroyed for good is replaced by another host that stands first in the inventory', async () => {
    await lab.destroy('cp1')
    await lab.up('cp4')
    const replaced = (yaml: string): string => without('cp1')(yaml).replace(/^( +)cp2: .*$/m, (line, indent: string) => `${indent}cp4: { ansible_host: ${lab.address('cp4')} }\n${line}`)
    const file = await inventory(yaml => withHost('w3', 'w4')(withHost('w2', 'w3')(replaced(yaml))))
    const refused = await run(file)
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain('run again with --allow-destroy cp1')
    const joined = await run(file, '--allow-destroy', 'cp1')
    expect(joined.code, joined.stdout).toBe(0)
    expect(await kube.etcdMembers('cp2')).toBe(3)
    await kube.until('seven nodes Ready', async () => (await kube.readyNodes()) === 7)
    expect(await kube.kubectl('get', 'nodes', '-o', 'name')).not.toContain('cp1')
    const settled = await run(file)
    expect(changedOn(settled)).toEqual([])
  })
})
