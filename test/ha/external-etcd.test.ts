import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { $ } from 'zx'
import { networkOf } from '../lab/address-plan.ts'
import { buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { openLab, type Lab } from '../lab/lab.ts'
import { requireLab } from '../lab/require-lab.ts'
import { tsPlay, type Finished, type TsPlay } from '../lab/support/ts-play.ts'
import { clusterOf, type Cluster } from './cluster.ts'
import { releaseArchive, sumOf, type Release } from './etcd-release.ts'
import { labInventory, withEndpoint, withEtcd, withVars } from './lab-inventory.ts'
import { playbookRuns } from './playbook-runs.ts'
import { Writer } from './writer.ts'

const ETCD = ['h1', 'h2', 'h3'] as const
const CONTROL_PLANES = ['cp1', 'cp2'] as const
const NODES = [...CONTROL_PLANES, 'w1'] as const
const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** etcd on hosts of its own, from bare hosts to what befalls its members. The tests are one story: each goes on where the one before ended. */
describe.skipIf(requireLab())('three hosts of etcd beside two control planes', () => {
  let lab: Lab
  let play: TsPlay
  let kube: Cluster
  let release: Release

  beforeAll(async () => {
    await buildBinaries(say)
    await writeBundle(say)
    release = await releaseArchive()
    lab = await openLab()
    await lab.up(...ETCD, ...NODES)
    play = await tsPlay(lab)
    kube = clusterOf(lab, join(play.folder, 'kubeconfig'))
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  const tell = (text: string): void => void process.stdout.write(`  ${text}\n`)
  const inventory = async ({ etcd = ETCD, certificates = '' }: { readonly etcd?: readonly string[]; readonly certificates?: string } = {}): Promise<string> => {
    const endpoint = `{ strategy: control-plane, name: api.lab, address: ${networkOf(lab.subnet)}.21 }`
    const yaml = withVars(withEndpoint(await labInventory(lab, play.folder), { endpoint, hosts: NODES }), {
      etcd: `{ topology: external, release: { from: file, file: ${release.file}, sha256: ${release.sha256} }${certificates} }`,
    })
    return await play.write('inventory.yaml', withEtcd(yaml, lab, etcd))
  }
  const { run, well } = playbookRuns(() => play, tell)
  const changedOn = (finished: Finished): readonly string[] => finished.hosts.filter(({ changed }) => changed > 0).map(({ host }) => host)
  const etcdctl = async (host: string, words: string): Promise<string> => {
    const { code, stdout, stderr } = await lab.exec(host, `etcdctl --cacert /etc/etcd/pki/ca.crt --cert /etc/etcd/pki/client.crt --key /etc/etcd/pki/client.key --endpoints https://127.0.0.1:2379 ${words}`)
    if (code !== 0) throw new Error(`etcdctl ${words} on ${host}: ${stderr}`)
    return stdout.trim()
  }
  const voters = async (host: string): Promise<readonly string[]> => (await etcdctl(host, 'member list')).split('\n').filter(line => line.endsWith(', false')).map(line => line.split(', ')[2] ?? '').toSorted()
  const serials = async (): Promise<readonly string[]> =>
    await Promise.all([...ETCD.flatMap(host => ['server', 'peer', 'client'].map(kind => [host, `/etc/etcd/pki/${kind}.crt`] as const)), ...CONTROL_PLANES.map(host => [host, '/etc/kubernetes/etcd-client/client.crt'] as const)]
      .map(async ([host, file]) => `${host} ${(await lab.exec(host, `openssl x509 -in ${file} -noout -serial`)).stdout.trim()}`))

  test('an even number of members is refused before anything is changed', async () => {
    const refused = await run('ha', await inventory({ etcd: ['h1', 'h2'] }))
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain('the group etcd has 2 hosts, and etcd wants 1, 3 or 5: of 2 as few may die as of 1')
    expect(changedOn(refused)).toEqual([])
  })

  test('from bare hosts to a cluster', async () => {
    await well('ha', await inventory(), '--profile')
    await kube.until('three nodes Ready', async () => (await kube.readyNodes()) === 3)
    expect(await voters('h2')).toEqual(['h1', 'h2', 'h3'])
    const { stdout } = await lab.exec('cp1', 'ls /etc/kubernetes/manifests; grep -o "etcd-servers=.*" /etc/kubernetes/manifests/kube-apiserver.yaml')
    expect(stdout).not.toContain('etcd.yaml')
    expect(stdout).toContain(`etcd-servers=${ETCD.map(host => `https://${lab.address(host)}:2379`).join(',')}`)
    const modes = await lab.exec('h1', 'stat -c "%a %U" /var/lib/etcd /etc/etcd/pki/ca.key /etc/etcd/pki/server.key; ps -o user= -C etcd; systemctl show -p Type etcd; ls /etc/etcd')
    expect(modes.stdout.trim().split('\n')).toEqual(['700 etcd', '600 root', '640 root', 'etcd', 'Type=notify', 'pki'])
  })

  test('the second run changes nothing', async () => {
    expect(changedOn(await well('ha', await inventory()))).toEqual([])
  })

  test('every component is well', async () => {
    const file = await inventory()
    await kube.until('every component is well', async () => (await run('verify', file)).code === 0)
    const table = /\nHealth\n[\s\S]*?\n\n/.exec((await well('verify', file)).stdout)?.[0] ?? ''
    expect(table).toContain('3 of 3 members healthy')
    tell(table.trim().replaceAll('\n', '\n  '))
  })

  test('nobody’s key is on another host, and who has no certificate is not let in', async () => {
    const keys = await Promise.all([...ETCD.map(host => [host, '/etc/etcd/pki/server.key'] as const), ...ETCD.map(host => [host, '/etc/etcd/pki/peer.key'] as const), ...CONTROL_PLANES.map(host => [host, '/etc/kubernetes/etcd-client/client.key'] as const)].map(async ([host, file]) => (await lab.exec(host, `sha256sum <${file}`)).stdout))
    expect(new Set(keys).size).toBe(8)
    for (const port of [2379, 2380]) expect((await lab.exec('w1', `curl -sk --max-time 5 https://${lab.address('h1')}:${port}/version`)).code).not.toBe(0)
  })

  test('the loss of a member costs no acknowledged write', async () => {
    const writer = await Writer.start(kube)
    await writer.writes(20)
    await lab.kill('h1')
    await writer.writes(50)
    await lab.start('h1')
    await kube.until('h1 is a voter that answers again', async () => (await voters('h1')).length === 3)
    const { acknowledged, lost, longestGap } = await writer.stop()
    tell(`h1 killed: ${acknowledged} writes acknowledged, ${lost} lost, longest gap ${(longestGap / 1000).toFixed(1)} s`)
    expect(lost).toBe(0)
  })

  test('a member without its data does not start, and comes back as a learner when that is allowed', async () => {
    const writer = await Writer.start(kube)
    await lab.exec('h2', 'systemctl stop etcd && rm -rf /var/lib/etcd/member')
    const started = await lab.exec('h2', 'systemctl start etcd')
    expect(started.code).not.toBe(0)
    const file = await inventory()
    const refused = await run('ha', file)
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain('--allow-destroy h2')
    expect(refused.stdout).toContain('of 3 voters 2 answer and 2 are needed; after this 2 of 2 are needed, so none may fail until the new one votes')
    const before = await etcdctl('h1', 'member list')
    await well('ha', file, '--allow-destroy', 'h2')
    expect(await voters('h1')).toEqual(['h1', 'h2', 'h3'])
    expect(await etcdctl('h1', 'member list')).not.toBe(before)
    const { acknowledged, lost, longestGap } = await writer.stop()
    tell(`h2 rejoined: ${acknowledged} writes acknowledged, ${lost} lost, longest gap ${(longestGap / 1000).toFixed(1)} s`)
    expect(lost).toBe(0)
    expect(changedOn(await well('ha', file))).toEqual([])
  })

  test('certificates are renewed one member at a time, under a writer who never notices', async () => {
    const before = await serials()
    const units = async (): Promise<string> => (await Promise.all(ETCD.map(async host => (await lab.exec(host, 'systemctl show -p MainPID -p NRestarts etcd')).stdout))).join('')
    const processes = await units()
    const writer = await Writer.start(kube)
    await writer.writes(10)
    const soon = await inventory({ certificates: ', certificateDays: 400, renewBefore: 380' })
    await well('ha', soon)
    await writer.writes(30)
    const { acknowledged, lost, longestGap } = await writer.stop()
    tell(`certificates renewed: ${acknowledged} writes acknowledged, ${lost} lost, longest gap ${(longestGap / 1000).toFixed(1)} s`)
    expect(lost).toBe(0)
    const after = await serials()
    expect(after.filter(serial => before.includes(serial))).toEqual([])
    expect(await units()).toBe(processes)
    for (const host of ETCD) {
      const served = await lab.exec(host, `echo | openssl s_client -connect ${lab.address(host)}:2379 -cert /etc/etcd/pki/client.crt -key /etc/etcd/pki/client.key 2>/dev/null | openssl x509 -noout -serial`)
      expect(after).toContain(`${host} ${served.stdout.trim()}`)
    }
    expect(changedOn(await well('ha', soon))).toEqual([])
  })

  test('defragmentation gives back what was freed, one member at a time', async () => {
    const file = await inventory()
    await lab.exec('h1', `for each in $(seq 20); do head -c 1000000 /dev/urandom | base64 -w0 | etcdctl --cacert /etc/etcd/pki/ca.crt --cert /etc/etcd/pki/client.crt --key /etc/etcd/pki/client.key --endpoints https://127.0.0.1:2379 put /filling >/dev/null; done`, { timeout: 120_000 })
    const revision = /"revision":(\d+)/.exec(await etcdctl('h1', 'endpoint status -w json'))?.[1] ?? ''
    await etcdctl('h1', 'del /filling')
    await etcdctl('h1', `compact --physical ${Number(revision) + 1}`)
    const size = async (): Promise<number> => Number(/"dbSize":(\d+)/.exec(await etcdctl('h1', 'endpoint status -w json'))?.[1])
    const before = await size()
    expect(changedOn(await well('etcd-defrag', file))).toEqual(['h1', 'h2', 'h3'])
    tell(`defragmented from ${(before / 1e6).toFixed(1)} to ${((await size()) / 1e6).toFixed(1)} MB`)
    expect(await size()).toBeLessThan(before / 2)
    expect(changedOn(await well('etcd-defrag', file))).toEqual([])
  })

  test('another release is taken by one member at a time', async () => {
    const file = join(play.folder, 'another.tar.gz')
    await $({ quiet: true })`gzip -dc ${release.file} | gzip -1 >${file}`
    release = { file, sha256: await sumOf(file) }
    const writer = await Writer.start(kube)
    await writer.writes(10)
    const inventoryFile = await inventory()
    await well('ha', inventoryFile)
    await writer.writes(10)
    const { acknowledged, lost, longestGap } = await writer.stop()
    tell(`another release: ${acknowledged} writes acknowledged, ${lost} lost, longest gap ${(longestGap / 1000).toFixed(1)} s`)
    expect(lost).toBe(0)
    for (const host of ETCD) expect((await lab.exec(host, 'readlink /proc/$(pidof etcd)/exe')).stdout.trim()).toBe(`/usr/local/lib/etcd/${release.sha256.slice(0, 12)}/etcd`)
    expect(changedOn(await well('ha', inventoryFile))).toEqual([])
  })

  test('a host that is gone for good is replaced by another, whom every kube-apiserver gets to know', async () => {
    await lab.destroy('h1')
    await lab.up('h4')
    const file = await inventory({ etcd: ['h4', 'h2', 'h3'] })
    const writer = await Writer.start(kube)
    await writer.writes(5)
    const refused = await run('ha', file)
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain('--allow-destroy h1')
    await well('ha', file, '--allow-destroy', 'h1')
    await writer.writes(5)
    const { acknowledged, lost, longestGap } = await writer.stop()
    tell(`h1 replaced by h4: ${acknowledged} writes acknowledged, ${lost} lost, longest gap ${(longestGap / 1000).toFixed(1)} s`)
    expect(lost).toBe(0)
    expect(await voters('h4')).toEqual(['h2', 'h3', 'h4'])
    const servers = ['h4', 'h2', 'h3'].map(host => `https://${lab.address(host)}:2379`)
    for (const host of CONTROL_PLANES) expect((await lab.exec(host, 'cat /etc/kubernetes/manifests/kube-apiserver.yaml')).stdout).toContain(`--etcd-servers=${servers.join(',')}\n`)
    expect(await kube.kubectl('get', 'configmap', '-n', 'kube-system', 'kubeadm-config', '-o', 'jsonpath={.data.ClusterConfiguration}')).toContain(`    endpoints:\n${servers.map(url => `    - ${url}\n`).join('')}`)
    expect(changedOn(await well('ha', file))).toEqual([])
    await kube.until('every component is well again', async () => (await run('verify', file)).code === 0)
  })
})
