import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bridgeAddress } from '../lab/address-plan.ts'
import { binFolder, buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { versions } from '../lab/kubernetes/versions.ts'
import { openLab, type Lab } from '../lab/lab.ts'
import { requireLab } from '../lab/require-lab.ts'
import { buildS3, s3Server, type S3Server } from '../lab/s3/server.ts'
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
  let storage: S3Server
  /** Where the storage has the cluster's backups as files. */
  let bucket: string
  /** Everything in the cluster that people would miss, as it was at the backup. */
  let before: string

  beforeAll(async () => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`)
    await buildBinaries(say)
    await writeBundle(say)
    await buildS3(say)
    lab = await openLab()
    await lab.up('lb1', 'cp1', 'cp2', 'cp3', 'w1', 'h1')
    storage = await s3Server({ address: bridgeAddress(lab.subnet), port: 7070, bucket: 'backups' })
    bucket = join(storage.bucketFolder, 'lab')
    play = await tsPlay(lab)
    kube = clusterOf(lab, join(play.folder, 'kubeconfig'))
    yaml = `${without(await labInventory(lab, play.folder), 'lb2', 'w2')}    drill:\n      hosts:\n        h1: { ansible_host: ${lab.address('h1')} }\n`
    const { stdout: pair, stderr } = await lab.exec('lb1', '{ apt-get update && apt-get install -y age; } >/dev/null && age-keygen', { timeout: 120_000 })
    expect(pair, stderr).toMatch(/public key: age1/)
    await writeFile(join(play.folder, 'backup.key'), /AGE-SECRET-KEY-1\S+/.exec(pair)?.[0] ?? '', { mode: 0o600 })
    yaml = withVars(yaml, { backupRecipients: `['${/age1\S+/.exec(pair)?.[0]}']`, restoreIdentity: `!file ${join(play.folder, 'backup.key')}`, drillTools: join(play.folder, 'etcd') })
    await mkdir(join(play.folder, 'etcd'))
    for (const [tool, binary] of [['etcd', 'server'], ['etcdctl', 'etcdctl'], ['etcdutl', 'etcdutl']] as const) await symlink(join(binFolder('etcd', versions.etcd), binary), join(play.folder, 'etcd', tool))
    await writeFile(join(play.folder, 'secret'), storage.secretAccessKey, { mode: 0o600 })
    await writeFile(join(play.folder, 'wrong'), 'sesame', { mode: 0o600 })
    const made = await run('ha')
    expect(made.code, made.stdout + made.stderr).toBe(0)
    await kube.until('four nodes Ready', async () => (await kube.readyNodes()) === 4)
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await storage?.[Symbol.asyncDispose]()
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
  const inStorage = async (): Promise<readonly string[]> => (await readdir(bucket)).toSorted((a, b) => a.slice(-24).localeCompare(b.slice(-24)))
  const toS3 = (secret = 'secret'): string => withVars(yaml, { backupStore: `{ to: s3, endpoint: '${storage.endpoint}', region: lab-1, bucket: backups, keep: 2, accessKeyId: ${storage.accessKeyId}, secretAccessKey: !file ${join(play.folder, secret)}, ca: ${JSON.stringify(storage.ca)} }` })
  const toController = (more: Readonly<Record<string, string>> = {}): string => withVars(yaml, { backupStore: `{ to: controller, folder: ${join(play.folder, 'kept')}, keep: 3 }`, ...more })
  const changes = (finished: Finished, ...hosts: readonly string[]): readonly number[] => finished.hosts.filter(({ host }) => hosts.length === 0 || hosts.includes(host)).map(({ changed }) => changed)
  const backUp = (host: string) => lab.exec(host, 'systemctl start ts-play-etcd-backup.service', { timeout: 120_000 })
  /** Another bit in the middle of it. */
  const spoil = async (path: string): Promise<void> => {
    const bytes = await readFile(path)
    bytes.writeUInt8(bytes.readUInt8(100_000) ^ 1, 100_000)
    await writeFile(path, bytes)
  }

  test('the cluster is well, component by component', async () => {
    // Pods may still be starting.
    await kube.until('every component is well', async () => (await run('verify')).code === 0)
    const well = await run('verify')
    expect(well.code, well.stdout + well.stderr).toBe(0)
    tell(/\nHealth\n[\s\S]*?\n\n/.exec(well.stdout)?.[0].trim().replaceAll('\n', '\n  ') ?? '')
  })

  test('a run takes a backup on every control plane, uploads it, and sets a timer; the next one finds nothing to do', async () => {
    await kube.apply(WORKLOAD)
    await kube.kubectl('rollout', 'status', 'daemonset/web', '--timeout', '120s', '--request-timeout', '0')
    await kube.kubectl('create', 'configmap', 'before', '--from-literal=said=yes')
    before = await objects()
    const taken = await run('etcd-backup', { inventory: toS3() })
    expect(taken.code, taken.stdout + taken.stderr).toBe(0)
    const again = await run('etcd-backup', { inventory: toS3() })
    expect([again.code, changes(again, 'cp1', 'cp2', 'cp3')]).toEqual([0, [0, 0, 0]])
    const listed = await lab.exec('cp1', 'systemctl is-active ts-play-etcd-backup.timer; stat -c "%a %U" /var/backups/ts-play /var/backups/ts-play/*.age /etc/ts-play/backup-s3.conf; grep -c PRIVATE /var/backups/ts-play/*.age')
    expect(listed.stdout.trim().split('\n')).toEqual(['active', '700 root', '600 root', '600 root', '0'])
    expect((await inStorage()).map(name => name.slice(0, 8)).toSorted()).toEqual(['etcd-cp1', 'etcd-cp2', 'etcd-cp3'])
    const own = await newestOn('cp2')
    expect((await lab.exec('cp2', `sha256sum <${own}`)).stdout.slice(0, 64)).toBe(createHash('sha256').update(await readFile(join(bucket, own.replace(/.*\//, '')))).digest('hex'))
  })

  test('the storage keeps two of each; with another key it refuses, the unit fails, and verify says so', async () => {
    for (let times = 0; times < 3; times++) {
      await pause(1100)
      expect((await backUp('cp1')).code).toBe(0)
    }
    const kept = await inStorage()
    expect([kept.filter(name => name.startsWith('etcd-cp1')).length, kept.length]).toEqual([2, 4])
    expect(kept.at(-1)).toBe((await newestOn('cp1')).replace(/.*\//, ''))
    await run('etcd-backup', { inventory: toS3('wrong') })
    expect((await backUp('cp1')).code).not.toBe(0)
    expect((await lab.exec('cp1', 'journalctl -u ts-play-etcd-backup -n 5 -o cat')).stdout).toMatch(/SignatureDoesNotMatch/)
    expect(await inStorage()).toEqual(kept)
    const ill = await run('verify', { inventory: toS3() })
    expect([ill.code, ill.stdout]).toEqual([1, expect.stringMatching(/backups +failed +the last run failed on cp1/)])
    const mended = await run('etcd-backup', { inventory: toS3() })
    expect(mended.code, mended.stdout + mended.stderr).toBe(0)
    const well = await run('verify', { inventory: toS3() })
    expect([well.code, well.stdout]).toEqual([0, expect.stringMatching(/backups, s3 +ok +the newest copy off the hosts is of cp1, \d+ min old/)])
  })

  test('a drill restores every backup beside the cluster, and says no to one that was damaged', async () => {
    const passed = await run('restore-drill', { words: ['--limit', 'masters'] })
    expect(passed.code, passed.stdout + passed.stderr).toBe(0)
    expect(changes(await run('restore-drill', { words: ['--limit', 'masters'] }))).toEqual([0, 0, 0])
    const file = await newestOn('cp2')
    await lab.exec('cp2', `cp ${file} /root/whole && head -c 16 /dev/zero | dd of=${file} bs=1 seek=100000 conv=notrunc`)
    const failed = await run('restore-drill', { words: ['--limit', 'cp2'] })
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringMatching(/restore the newest backup beside the cluster: failed/)])
    await lab.exec('cp2', `mv /root/whole ${file}`)
    expect((await lab.exec('cp2', 'ls -A /var/lib/ts-play/drill; systemctl list-units --all --no-legend "ts-play-drill*"')).stdout.trim()).toBe('passed')
  })

  test('a machine that is no part of the cluster restores the newest of the storage, and says no to one that was damaged there', async () => {
    const passed = await run('restore-drill', { inventory: toS3(), words: ['--limit', 'drill'] })
    expect(passed.code, passed.stdout + passed.stderr).toBe(0)
    tell(`the newest backup of the storage restored on a bare machine in ${seconds(passed)} s`)
    expect(changes(await run('restore-drill', { inventory: toS3(), words: ['--limit', 'drill'] }), 'h1')).toEqual([0])
    expect((await lab.exec('h1', 'ls -A /var/lib/ts-play/drill; systemctl list-units --all --no-legend "ts-play-drill*"; pgrep etcd')).stdout.trim().split('\n')).toEqual(['name', 'passed', 'whole'])
    await pause(1100)
    await backUp('cp3')
    const newest = (await inStorage()).at(-1) ?? ''
    await spoil(join(bucket, newest))
    const failed = await run('restore-drill', { inventory: toS3(), words: ['--limit', 'drill'] })
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringMatching(`restore ${newest} of the store: failed`)])
    await rm(join(bucket, newest))
  })

  test('a restore is refused until every control plane is named, and changes nothing before', async () => {
    await kube.kubectl('create', 'configmap', 'later', '--from-literal=said=yes')
    const refused = await run('etcd-restore', { inventory: withVars(toS3(), { restoreFrom: 'newest' }), words: ['--allow-destroy', 'cp1'] })
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringMatching(/--allow-destroy cp2/)])
    expect(await kube.kubectl('get', 'configmap', 'later', '-o', 'name')).toBe('configmap/later')
  })

  test('after a restore from the storage everything from before the backup is there, everything later is gone, and controllers go on', async () => {
    const was = await uid()
    const inventory = withVars(toS3(), { restoreFrom: (await inStorage()).at(-1) ?? '' })
    const restored = await run('etcd-restore', { inventory, words: ['--allow-destroy', 'cp1,cp2,cp3'] })
    expect(restored.code, restored.stdout + restored.stderr).toBe(0)
    tell(`three control planes restored in ${seconds(restored)} s`)
    expect(await uid()).toBe(was)
    expect((await objects()).split('\n').toSorted()).toEqual(before.split('\n').toSorted())
    await kube.kubectl('delete', 'pods', '-l', 'app=web', '--wait=false')
    await kube.kubectl('rollout', 'status', 'daemonset/web', '--timeout', '180s', '--request-timeout', '0')
    expect((await lab.exec('cp1', 'ls /var/lib/ts-play/restore')).stdout.trim().split('\n')).toEqual(['agreed', 'done', 'name', 'placed', 'staged', 'whole'])
    expect(await kube.etcdMembers('cp1')).toBe(3)
    expect(changes(await run('etcd-restore', { inventory }), 'cp1', 'cp2', 'cp3')).toEqual([0, 0, 0])
    await kube.until('every component is well again', async () => (await run('verify', { inventory: toS3() })).code === 0)
  })

  test('backups come to the controller, for its user only; one that was damaged here comes again', async () => {
    const folder = join(play.folder, 'kept', 'lab')
    for (const host of ['cp1', 'cp2', 'cp3']) expect((await backUp(host)).code).toBe(0)
    const brought = await run('etcd-backup', { inventory: toController() })
    expect(brought.code, brought.stdout + brought.stderr).toBe(0)
    const names = await readdir(folder)
    expect(names.map(name => name.slice(0, 8)).toSorted()).toEqual(['etcd-cp1', 'etcd-cp2', 'etcd-cp3'])
    expect(await Promise.all([folder, ...names.map(name => join(folder, name))].map(async path => ((await stat(path)).mode & 0o777).toString(8)))).toEqual(['700', '600', '600', '600'])
    expect((await run('etcd-backup', { inventory: toController() })).stdout).toMatch(/nothing to do/)
    const path = join(folder, names[0] ?? '')
    const whole = await readFile(path)
    await spoil(path)
    expect((await run('etcd-backup', { inventory: toController() })).code).toBe(0)
    expect((await readFile(path)).equals(whole)).toBe(true)
    expect((await run('verify', { inventory: toController() })).stdout).toMatch(/backups, controller +ok +the newest copy off the hosts is of cp\d/)
  })

  test('when two of three are lost, the third goes on alone with all that it had acknowledged', async () => {
    await kube.kubectl('create', 'configmap', 'last', '--from-literal=said=yes')
    const was = await uid()
    await lab.destroy('cp2')
    await lab.destroy('cp3')
    await kube.until('nobody answers', async () => kube.kubectl('get', 'nodes').then(() => false, () => true))
    // The cluster is down, and its newest backup is proven all the same; one that is too old is not.
    await pause(61_000)
    const old = await run('restore-drill', { inventory: toController({ drillMaxAge: '1' }), words: ['--limit', 'drill'] })
    expect([old.code, old.stdout]).toEqual([1, expect.stringMatching(/minutes ago: more than 1/)])
    const proven = await run('restore-drill', { inventory: toController(), words: ['--limit', 'drill'] })
    expect(proven.code, proven.stdout + proven.stderr).toBe(0)
    tell(`the newest backup of the controller restored on a bare machine in ${seconds(proven)} s, while the cluster was down`)
    const survivor = without(yaml, 'cp2', 'cp3')
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
    const joined = await run('ha')
    expect(joined.code, joined.stdout + joined.stderr).toBe(0)
    await kube.until('four nodes Ready again', async () => (await kube.readyNodes()) === 4)
    expect(await kube.etcdMembers('cp1')).toBe(3)
  })
})
