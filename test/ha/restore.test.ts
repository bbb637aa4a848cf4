import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { openLab, type Lab } from '../lab/lab.ts'
import { requireLab } from '../lab/require-lab.ts'
import { tsPlay, type Finished, type TsPlay } from '../lab/support/ts-play.ts'
import { clusterOf, type Cluster } from './cluster.ts'
import { labInventory, withVars, without } from './lab-inventory.ts'
import { WORKLOAD } from './workload.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const skip = requireLab()

/** Disaster and the way back, on real hosts. The tests are one story: each goes on where the one before ended. */
describe.skipIf(skip)('three control planes with backups', () => {
  let lab: Lab
  let play: TsPlay
  let kube: Cluster
  let yaml: string
  /** Everything in the cluster that people would miss, as it was at the backup. */
  let before: string

  beforeAll(async () => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`)
    await buildBinaries(say)
    await writeBundle(say)
    lab = await openLab()
    await lab.up('lb1', 'cp1', 'cp2', 'cp3', 'w1')
    play = await tsPlay(lab)
    kube = clusterOf(lab, join(play.folder, 'kubeconfig'))
    yaml = without(await labInventory(lab, play.folder), 'lb2', 'w2')
    const { stdout: pair, stderr } = await lab.exec('lb1', '{ apt-get update && apt-get install -y age; } >/dev/null && age-keygen', { timeout: 120_000 })
    expect(pair, stderr).toMatch(/public key: age1/)
    await writeFile(join(play.folder, 'backup.key'), /AGE-SECRET-KEY-1\S+/.exec(pair)?.[0] ?? '', { mode: 0o600 })
    yaml = withVars(yaml, { backupRecipients: `['${/age1\S+/.exec(pair)?.[0]}']`, restoreIdentity: `!file ${join(play.folder, 'backup.key')}` })
    const made = await run('ha')
    expect(made.code, made.stdout + made.stderr).toBe(0)
    await kube.until('four nodes Ready', async () => (await kube.readyNodes()) === 4)
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  const run = async (playbook: string, { inventory = yaml, words = [] }: { readonly inventory?: string; readonly words?: readonly string[] } = {}): Promise<Finished> =>
    play.run([join(root, `playbooks/${playbook}.ts`), '-i', await play.write('inventory.yaml', inventory), ...words])
  const tell = (text: string): void => void process.stdout.write(`  ${text}\n`)
  const seconds = (finished: Finished): string => ((finished.events.at(-1)?.at ?? 0) / 1000).toFixed(1)
  const uid = (): Promise<string> => kube.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}')
  /** Names and UIDs of what people make; what controllers renew by themselves (leases, endpoints, events) is left out. */
  const objects = (): Promise<string> => kube.kubectl('get', 'namespaces,configmaps,secrets,serviceaccounts,services,daemonsets,deployments', '-A', '--sort-by=.metadata.uid', '-o', 'custom-columns=K:.kind,N:.metadata.namespace,M:.metadata.name,U:.metadata.uid', '--no-headers')
  const newestOn = async (host: string): Promise<string> => (await lab.exec(host, 'ls /var/backups/ts-play/*.age | sort | tail -n 1')).stdout.trim()

  test('the cluster is well, component by component', async () => {
    // Pods may still be starting.
    await kube.until('every component is well', async () => (await run('verify')).code === 0)
    const well = await run('verify')
    expect(well.code, well.stdout + well.stderr).toBe(0)
    tell(/\nHealth\n[\s\S]*?\n\n/.exec(well.stdout)?.[0].trim().replaceAll('\n', '\n  ') ?? '')
  })

  test('a run takes a backup on every control plane and sets a timer; the next one finds nothing to do', async () => {
    await kube.apply(WORKLOAD)
    await kube.kubectl('rollout', 'status', 'daemonset/web', '--timeout', '120s', '--request-timeout', '0')
    await kube.kubectl('create', 'configmap', 'before', '--from-literal=said=yes')
    before = await objects()
    const taken = await run('etcd-backup')
    expect(taken.code, taken.stdout + taken.stderr).toBe(0)
    const again = await run('etcd-backup')
    expect([again.code, again.hosts.map(({ changed }) => changed)]).toEqual([0, [0, 0, 0]])
    const listed = await lab.exec('cp1', 'systemctl is-active ts-play-etcd-backup.timer; stat -c "%a %U" /var/backups/ts-play /var/backups/ts-play/*; grep -c PRIVATE /var/backups/ts-play/*')
    expect(listed.stdout.trim().split('\n')).toEqual(['active', '700 root', '600 root', '0'])
  })

  test('a drill restores every backup beside the cluster, and says no to one that was damaged', async () => {
    const passed = await run('restore-drill')
    expect(passed.code, passed.stdout + passed.stderr).toBe(0)
    expect((await run('restore-drill')).hosts.map(({ changed }) => changed)).toEqual([0, 0, 0])
    const file = await newestOn('cp2')
    await lab.exec('cp2', `cp ${file} /root/whole && printf X | dd of=${file} bs=1 seek=100000 conv=notrunc`)
    const failed = await run('restore-drill', { words: ['--limit', 'cp2'] })
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringMatching(/restore the newest backup beside the cluster: failed/)])
    await lab.exec('cp2', `mv /root/whole ${file}`)
    expect((await lab.exec('cp2', 'ls -A /var/lib/ts-play/drill; systemctl list-units --all --no-legend "ts-play-drill*"')).stdout.trim()).toBe('passed')
  })

  test('a restore is refused until every control plane is named, and changes nothing before', async () => {
    const { stdout } = await lab.exec('cp1', `base64 -w0 ${await newestOn('cp1')}`)
    await writeFile(join(play.folder, 'backup.tar.age'), Buffer.from(stdout, 'base64'), { mode: 0o600 })
    yaml = withVars(yaml, { restoreFrom: join(play.folder, 'backup.tar.age') })
    await kube.kubectl('create', 'configmap', 'later', '--from-literal=said=yes')
    const refused = await run('etcd-restore', { words: ['--allow-destroy', 'cp1'] })
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringMatching(/--allow-destroy cp2/)])
    expect(await kube.kubectl('get', 'configmap', 'later', '-o', 'name')).toBe('configmap/later')
  })

  test('after a restore everything from before the backup is there, everything later is gone, and controllers go on', async () => {
    const was = await uid()
    const restored = await run('etcd-restore', { words: ['--allow-destroy', 'cp1,cp2,cp3'] })
    expect(restored.code, restored.stdout + restored.stderr).toBe(0)
    tell(`three control planes restored in ${seconds(restored)} s`)
    expect(await uid()).toBe(was)
    expect((await objects()).split('\n').toSorted()).toEqual(before.split('\n').toSorted())
    await kube.kubectl('delete', 'pods', '-l', 'app=web', '--wait=false')
    await kube.kubectl('rollout', 'status', 'daemonset/web', '--timeout', '180s', '--request-timeout', '0')
    expect(await kube.etcdMembers('cp1')).toBe(3)
    expect((await run('etcd-restore')).hosts.map(({ changed }) => changed)).toEqual([0, 0, 0])
    await kube.until('every component is well again', async () => (await run('verify')).code === 0)
  })

  test('when two of three are lost, the third goes on alone with all that it had acknowledged', async () => {
    await kube.kubectl('create', 'configmap', 'last', '--from-literal=said=yes')
    const was = await uid()
    await lab.destroy('cp2')
    await lab.destroy('cp3')
    const survivor = without(yaml, 'cp2', 'cp3').replace(/^ +restoreFrom: .*\n/m, '')
    const recovered = await run('etcd-restore', { inventory: survivor, words: ['--allow-destroy', 'cp1'] })
    expect(recovered.code, recovered.stdout + recovered.stderr).toBe(0)
    tell(`one survivor serves again after ${seconds(recovered)} s`)
    expect(await uid()).toBe(was)
    expect(await kube.kubectl('get', 'configmap', 'last', '-o', 'name')).toBe('configmap/last')
    expect(await kube.etcdMembers('cp1')).toBe(1)
    expect((await run('etcd-restore', { inventory: survivor })).hosts.map(({ changed }) => changed)).toEqual([0])
  })

  test('fresh control planes bring it back to three members', async () => {
    await lab.up('cp2', 'cp3')
    const joined = await run('ha', { inventory: yaml.replace(/^ +restoreFrom: .*\n/m, '') })
    expect(joined.code, joined.stdout + joined.stderr).toBe(0)
    await kube.until('four nodes Ready again', async () => (await kube.readyNodes()) === 4)
    expect(await kube.etcdMembers('cp1')).toBe(3)
  })
})
