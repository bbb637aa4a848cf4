import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { $ } from 'zx'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { networkOf } from '../lab/address-plan.ts'
import { binFolder, buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { versions } from '../lab/kubernetes/versions.ts'
import { openLab, type Lab } from '../lab/lab.ts'
import { requireLab } from '../lab/require-lab.ts'
import { inventoryOf, tsPlay, type Finished, type TsPlay } from '../lab/support/ts-play.ts'
import { clusterOf, type Cluster } from './cluster.ts'
import { Writer } from './writer.ts'

const standIn = fileURLToPath(new URL('k3s/stand-in.sh', import.meta.url))
const playbookFile = (name: string): string => fileURLToPath(new URL(`../../playbooks/${name}.ts`, import.meta.url))
const SERVERS = ['cp1', 'cp2', 'cp3'] as const
const say = (line: string): void => void process.stderr.write(`${line}\n`)
const tell = (text: string): void => void process.stdout.write(`  ${text}\n`)

const programs: Readonly<Record<string, string>> = {
  etcd: join(binFolder('etcd', versions.etcd), 'server'),
  etcdctl: join(binFolder('etcd', versions.etcd), 'etcdctl'),
  'kube-apiserver': join(binFolder('kubernetes', versions.kubernetes), 'kube-apiserver'),
  kubectl: join(binFolder('kubernetes', versions.kubernetes), 'kubectl'),
}
/** What k3s consists of, where the stand-in finds it, and the CA that it does not make itself. */
const components = `import { copy, directory, groups, play, playbook, role } from 'ts-play'
const components = role('components', { tasks: () => [
  ...Object.entries(${JSON.stringify(programs)}).map(([name, source]) => copy({ source, path: '/usr/local/bin/' + name, mode: 0o755 })),
  directory({ path: '/opt/k3s-ca', mode: 0o700 }),
  ...['ca.crt', 'ca.key'].map(name => copy({ source: new URL(name, import.meta.url).pathname, path: '/opt/k3s-ca/' + name, mode: 0o600 })),
] })
export default playbook('components', [play(components, { hosts: groups('nodes').nodes })])
`

/**
 * The roles and the playbook for k3s, on hosts with real etcd and real API servers behind a real balancer; k3s itself, which is not to be had offline, is played by
 * `k3s/stand-in.sh`.
 */
describe.skipIf(requireLab())('k3s-ha.ts (by a stand-in for k3s)', () => {
  let lab: Lab
  let play: TsPlay
  let kube: Cluster
  let vars: Readonly<Record<string, string>>

  const run = async (name: string, groups: Readonly<Record<string, readonly string[]>>, more: Readonly<Record<string, string>> = {}): Promise<Finished> => {
    const finished = await play.run([playbookFile(name), '-i', await play.write('inventory.yaml', inventoryOf(lab, groups, { ...vars, ...more }))])
    tell(`${name} ${groups['servers']?.join(' ')}: ${((finished.events.at(-1)?.at ?? 0) / 1000).toFixed(1)} s`)
    expect(finished.code, finished.stdout + finished.stderr).toBe(0)
    return finished
  }
  const all = { lb: ['lb1'], servers: SERVERS, agents: ['w1'] }
  const changedOn = (finished: Finished): readonly string[] => finished.hosts.filter(({ changed }) => changed > 0).map(({ host }) => host)
  /** Main process of each host's unit: another one after a restart. */
  const processes = (): Promise<readonly string[]> => Promise.all([...SERVERS, 'w1'].map(async host => (await lab.console(host, 'systemctl show -p MainPID --value k3s k3s-agent | paste -sd" "')).stdout.trim()))
  const voters = async (host: string): Promise<number> => {
    const tls = '/var/lib/rancher/k3s/server/tls/etcd'
    const { stdout } = await lab.console(host, `etcdctl --endpoints https://127.0.0.1:2379 --cacert ${tls}/server-ca.crt --cert ${tls}/client.crt --key ${tls}/client.key member list`)
    return stdout.split('\n').filter(line => / started, .* false$/.test(line)).length
  }
  const bare = async (...hosts: readonly string[]): Promise<void> => {
    await lab.up(...hosts)
    const finished = await play.run([await play.write('components.ts', components), '-i', await play.write('nodes.yaml', inventoryOf(lab, { nodes: hosts.filter(host => host !== 'lb1') }))])
    expect(finished.code, finished.stdout + finished.stderr).toBe(0)
  }

  beforeAll(async () => {
    await buildBinaries(say)
    await writeBundle(say)
    lab = await openLab()
    play = await tsPlay(lab)
    await $({ quiet: true })`openssl req -x509 -newkey rsa:2048 -nodes -keyout ${join(play.folder, 'ca.key')} -out ${join(play.folder, 'ca.crt')} -subj /CN=k3s-server-ca -days 400 -addext keyUsage=critical,keyCertSign,digitalSignature`
    const kubeconfig = join(play.folder, 'kubeconfig')
    vars = {
      k3sVersion: 'v1.34.10+k3s1',
      k3sBinary: `{ file: ${standIn}, sha256: ${createHash('sha256').update(await readFile(standIn)).digest('hex')} }`,
      endpoint: `{ strategy: haproxy+keepalived, name: api.lab, vip: ${networkOf(lab.subnet)}.100 }`,
      manageHosts: 'true',
      kubeconfigServer: 'address',
      kubeconfigPath: kubeconfig,
      clusterName: 'k3s',
      sharedProductUuid: 'true',
      inotifyInstances: '128',
    }
    kube = clusterOf(lab, kubeconfig)
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  test('one server is a cluster with etcd', async () => {
    await bare('lb1', 'cp1')
    await run('k3s-ha', { lb: ['lb1'], servers: ['cp1'] })
    expect(await kube.readyNodes()).toBe(1)
    expect(await voters('cp1')).toBe(1)
    expect(changedOn(await run('k3s-ha', { lb: ['lb1'], servers: ['cp1'] }))).toEqual([])
  })

  test('which becomes highly available, and a second run changes and restarts nothing', async () => {
    await bare('cp2', 'cp3', 'w1')
    const first = (await processes())[0]
    await run('k3s-ha', all)
    expect(await kube.readyNodes()).toBe(4)
    expect(await voters('cp2')).toBe(3)
    const before = await processes()
    expect(before[0]).toBe(first)
    expect(changedOn(await run('k3s-ha', all))).toEqual([])
    expect(await processes()).toEqual(before)
    await run('k3s-verify', all)
  })

  test('tokens are root’s alone, on no command line, and an agent has none that lets a server join', async () => {
    const modes = async (host: string): Promise<string> => (await lab.console(host, 'stat -c "%n %a %U" /etc/rancher/k3s /etc/rancher/k3s/*-token')).stdout
    expect(await modes('cp2')).toBe('/etc/rancher/k3s 700 root\n/etc/rancher/k3s/agent-token 600 root\n/etc/rancher/k3s/server-token 600 root\n')
    expect(await modes('w1')).toBe('/etc/rancher/k3s 700 root\n/etc/rancher/k3s/agent-token 600 root\n')
    const secret = (await lab.console('cp1', 'sed s/.*:// /etc/rancher/k3s/server-token')).stdout.trim()
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect((await lab.console('w1', `grep -rlF ${secret} /etc/rancher /var/lib/rancher`)).stdout).toBe('')
    for (const host of SERVERS) expect((await lab.console(host, `grep -lF ${secret} /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | grep -v /self`)).stdout.split('\n').filter(line => line.includes('/environ'))).toEqual([])
  })

  test('strangers may ask for health, and nothing else', async () => {
    const asked = async (path: string): Promise<string> => (await lab.console('w1', `curl -sk -o /dev/null -w '%{http_code}' https://api.lab:6443${path}`)).stdout
    expect(await Promise.all(['/readyz', '/livez', '/version', '/api'].map(asked))).toEqual(['200', '200', '401', '401'])
  })

  test('settings that change restart the servers one at a time, under a writer who loses nothing', async () => {
    const before = await processes()
    const writer = await Writer.start(kube)
    await writer.writes(5)
    const finished = await run('k3s-ha', all, { k3sSnapshots: '{ keep: 3 }' })
    await writer.writes(5)
    const { acknowledged, lost, longestGap } = await writer.stop()
    tell(`rolled: ${acknowledged} writes acknowledged, ${lost} lost, longest gap ${(longestGap / 1000).toFixed(1)} s`)
    expect(lost).toBe(0)
    expect([...changedOn(finished)].toSorted()).toEqual([...SERVERS])
    const after = await processes()
    expect(after.map((id, index) => id !== before[index])).toEqual([true, true, true, false])
    expect(await voters('cp1')).toBe(3)
    vars = { ...vars, k3sSnapshots: '{ keep: 3 }' }
  })

  test('the first server may die for good, and another takes its place', async () => {
    const writer = await Writer.start(kube)
    await writer.writes(5)
    await lab.kill('cp1')
    await writer.writes(20)
    const { acknowledged, lost, longestGap } = await writer.stop()
    tell(`cp1 lost: ${acknowledged} writes acknowledged, ${lost} lost, longest gap ${(longestGap / 1000).toFixed(1)} s`)
    expect(lost).toBe(0)
    const uid = await kube.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}')
    await lab.destroy('cp1')
    await bare('cp1')
    await run('k3s-ha', all)
    expect(await kube.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}')).toBe(uid)
    expect(await voters('cp1')).toBe(3)
    expect(changedOn(await run('k3s-ha', all))).toEqual([])
    await run('k3s-verify', all)
  })
})
