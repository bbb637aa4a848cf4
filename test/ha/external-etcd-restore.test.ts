import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bridgeAddress } from '../lab/address-plan.ts'
import { buildBinaries } from '../lab/kubernetes/binaries.ts'
import { writeBundle } from '../lab/kubernetes/bundle.ts'
import { openLab, type Lab } from '../lab/lab.ts'
import { requireLab } from '../lab/require-lab.ts'
import { tsPlay, type Finished, type TsPlay } from '../lab/support/ts-play.ts'
import { clusterOf, type Cluster } from './cluster.ts'
import { releaseArchive, type Release } from './etcd-release.ts'
import { serveFile, type HttpServer } from './http-server.ts'
import { labInventory, withEndpoint, withEtcd, withVars } from './lab-inventory.ts'
import { playbookRuns } from './playbook-runs.ts'
import { WORKLOAD } from './workload.ts'

const NODES = ['cp1', 'w1'] as const
const THREE = ['h1', 'h2', 'h3'] as const
const FIVE = [...THREE, 'h4', 'h5'] as const
const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** External etcd from one host to five, by a release that its hosts download, with disasters in between. The tests are one story: each goes on where the one before ended. */
describe.skipIf(requireLab())('one host of etcd beside a control plane', () => {
  let lab: Lab
  let play: TsPlay
  let kube: Cluster
  let release: Release
  let server: HttpServer
  /** The pair of whom backups are for. */
  let recipient: string
  /** Everything in the cluster that people would miss, as it was at the backup. */
  let before: string

  beforeAll(async () => {
    await buildBinaries(say)
    await writeBundle(say)
    release = await releaseArchive()
    lab = await openLab()
    await lab.up('h1', ...NODES)
    server = await serveFile(bridgeAddress(lab.subnet), release.file, '/etcd.tar.gz')
    play = await tsPlay(lab)
    kube = clusterOf(lab, join(play.folder, 'kubeconfig'))
    const { stdout: pair, stderr } = await lab.exec('w1', '{ apt-get update && apt-get install -y age; } >/dev/null && age-keygen', { timeout: 120_000 })
    expect(pair, stderr).toMatch(/public key: age1/)
    recipient = /age1\S+/.exec(pair)?.[0] ?? ''
    await writeFile(join(play.folder, 'backup.key'), /AGE-SECRET-KEY-1\S+/.exec(pair)?.[0] ?? '', { mode: 0o600 })
  })
  afterAll(async () => {
    await play?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    await lab?.down()
  })

  const tell = (text: string): void => void process.stdout.write(`  ${text}\n`)
  const inventory = async (etcd: readonly string[], { sha256 = release.sha256, vars = {} }: { readonly sha256?: string; readonly vars?: Readonly<Record<string, string>> } = {}): Promise<string> => {
    const yaml = withVars(withEndpoint(await labInventory(lab, play.folder), { endpoint: `{ strategy: control-plane, name: api.lab, address: ${lab.address('cp1')} }`, hosts: NODES }), {
      etcd: `{ topology: external, release: { from: url, url: '${server.url}', sha256: ${sha256} } }`,
      backupRecipients: `['${recipient}']`,
      restoreIdentity: `!file ${join(play.folder, 'backup.key')}`,
      backupStore: `{ to: controller, folder: ${join(play.folder, 'kept')} }`,
      ...vars,
    })
    return await play.write('inventory.yaml', withEtcd(yaml, lab, etcd))
  }
  const { run, well } = playbookRuns(() => play, tell)
  const changedOn = (finished: Finished): readonly string[] => finished.hosts.filter(({ changed }) => changed > 0).map(({ host }) => host)
  const voters = async (host: string): Promise<readonly string[]> => {
    const { stdout } = await lab.exec(host, 'etcdctl --cacert /etc/etcd/pki/ca.crt --cert /etc/etcd/pki/client.crt --key /etc/etcd/pki/client.key --endpoints https://127.0.0.1:2379 member list')
    return stdout.trim().split('\n').filter(line => line.endsWith(', false')).map(line => line.split(', ')[2] ?? '').toSorted()
  }
  const uid = (): Promise<string> => kube.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}')
  const objects = (): Promise<string> => kube.kubectl('get', 'namespaces,configmaps,secrets,serviceaccounts,services,daemonsets,deployments', '-A', '--sort-by=.metadata.uid', '-o', 'custom-columns=K:.kind,N:.metadata.namespace,M:.metadata.name,U:.metadata.uid', '--no-headers')
  const has = (name: string): Promise<boolean> => kube.kubectl('get', 'configmap', name, '-o', 'name').then(() => true, (error: unknown) => (String(error).includes('NotFound') ? false : Promise.reject(error)))
  const backUp = async (): Promise<void> => {
    await pause(1100)
    const { code, stdout } = await lab.exec('cp1', 'systemctl start ts-play-etcd-backup.service || { journalctl -u ts-play-etcd-backup -n 10 -o cat; exit 1; }', { timeout: 120_000 })
    expect(code, stdout).toBe(0)
  }
  /** Everything as it was at the backup, nothing from after it, and controllers at work. */
  const isAsBefore = async (was: string): Promise<void> => {
    expect(await uid()).toBe(was)
    expect((await objects()).split('\n').toSorted()).toEqual(before.split('\n').toSorted())
    await kube.kubectl('delete', 'pods', '-l', 'app=web', '--wait=false')
    await kube.kubectl('rollout', 'status', 'daemonset/web', '--timeout', '180s', '--request-timeout', '0')
  }

  test('a release that is not what the inventory says stops there, and no etcd is begun', async () => {
    const refused = await run('ha', await inventory(['h1'], { sha256: 'ab'.repeat(32) }))
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain(release.sha256)
    expect(refused.stdout).toContain('ab'.repeat(32))
    tell(refused.stdout.split('\n').find(line => line.includes(release.sha256))?.trim() ?? '')
    expect((await lab.exec('h1', 'ls /usr/local/lib/etcd/release.tar.gz /etc/systemd/system/etcd.service /var/lib/etcd/member 2>/dev/null; pgrep -x etcd')).stdout).toBe('')
    expect((await lab.exec('cp1', 'ls /etc/kubernetes/manifests')).stdout).toBe('')
  })

  test('with the right one a single member founds the cluster', async () => {
    const file = await inventory(['h1'])
    await well('ha', file)
    await kube.until('two nodes Ready', async () => (await kube.readyNodes()) === 2)
    expect([await voters('h1'), server.served()]).toEqual([['h1'], 2])
    expect(changedOn(await well('ha', file))).toEqual([])
    expect(server.served()).toBe(2)
    await kube.apply(WORKLOAD)
    await kube.kubectl('rollout', 'status', 'daemonset/web', '--timeout', '180s', '--request-timeout', '0')
  })

  test('a control plane takes its backup over the network, encrypted, and it comes to the controller', async () => {
    await kube.kubectl('create', 'configmap', 'early', '--from-literal=said=yes')
    before = await objects()
    const file = await inventory(['h1'])
    await well('etcd-backup', file)
    const [name = ''] = await readdir(join(play.folder, 'kept', 'lab'))
    expect(name).toMatch(/^etcd-cp1-\d+T\d+Z\.tar\.age$/)
    const seen = await lab.exec('cp1', 'systemctl is-active ts-play-etcd-backup.timer; stat -c "%a %U" /var/backups/ts-play /var/backups/ts-play/*.age; grep -c PRIVATE /var/backups/ts-play/*.age')
    expect(seen.stdout.trim().split('\n')).toEqual(['active', '700 root', '600 root', '0'])
    expect(changedOn(await well('etcd-backup', file))).toEqual([])
    await kube.until('every component is well', async () => (await run('verify', file)).code === 0)
    expect((await well('verify', file)).stdout).toMatch(/backups, controller +ok/)
  })

  test('a drill restores it on the control plane, and says no to one that was damaged', async () => {
    const file = await inventory(['h1'])
    await well('restore-drill', file)
    expect(changedOn(await well('restore-drill', file))).toEqual([])
    await lab.exec('cp1', 'cd /var/backups/ts-play && cp etcd-*.age /root/ && head -c 16 /dev/zero | dd of=$(ls etcd-*.age) bs=1 seek=100000 conv=notrunc')
    const failed = await run('restore-drill', file)
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringMatching(/restore the newest backup beside the cluster: failed/)])
    await lab.exec('cp1', 'mv /root/etcd-*.age /var/backups/ts-play/')
    expect((await lab.exec('cp1', 'ls -A /var/lib/ts-play/drill; systemctl list-units --all --no-legend "ts-play-drill*"')).stdout.trim()).toBe('passed')
  })

  test('a machine that was never part of anything restores what lies on the controller, with the release of the cluster', async () => {
    await lab.up('h9')
    const withDrill = await play.write('drill.yaml', `${await readFile(await inventory(['h1']), 'utf8')}    drill:\n      hosts:\n        h9: { ansible_host: ${lab.address('h9')} }\n`)
    const drilled = await well('restore-drill', withDrill, '--limit', 'drill')
    expect(changedOn(drilled)).toEqual(['h9'])
    expect((await lab.exec('h9', 'ls -A /var/lib/ts-play/drill; pgrep etcd')).stdout.trim().split('\n')).toEqual(['passed', 'whole'])
    expect(changedOn(await well('restore-drill', withDrill, '--limit', 'drill'))).toEqual([])
    await lab.destroy('h9')
  })

  test('a restore is refused until the host of etcd is named, and changes nothing before', async () => {
    await kube.kubectl('create', 'configmap', 'later', '--from-literal=said=yes')
    const refused = await run('etcd-restore', await inventory(['h1'], { vars: { restoreFrom: 'newest' } }))
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringMatching(/--allow-destroy h1/)])
    expect(await has('later')).toBe(true)
  })

  test('after the loss of the data everything from before the backup is there, and everything later is gone', async () => {
    const was = await uid()
    const file = await inventory(['h1'], { vars: { restoreFrom: 'newest' } })
    await lab.exec('h1', 'systemctl stop etcd && rm -rf /var/lib/etcd/member')
    await well('etcd-restore', file, '--allow-destroy', 'h1')
    await isAsBefore(was)
    expect((await lab.exec('h1', 'stat -c "%a %U" /var/lib/etcd /var/lib/etcd/member; ls /var/lib/ts-play/restore')).stdout.trim().split('\n')).toEqual(['700 etcd', '700 etcd', 'agreed', 'done', 'placed', 'staged', 'whole'])
    expect(changedOn(await well('etcd-restore', file))).toEqual([])
    expect(changedOn(await well('ha', await inventory(['h1'])))).toEqual([])
  })

  test('after the loss of its only host a new one gets the backup, under an authority of its own', async () => {
    const was = await uid()
    await lab.destroy('h1')
    await lab.up('h1')
    const file = await inventory(['h1'], { vars: { restoreFrom: 'newest' } })
    const tooEarly = await run('etcd-restore', file, '--allow-destroy', 'h1')
    expect([tooEarly.code, tooEarly.stdout]).toEqual([1, expect.stringMatching(/there is no etcd of ours here: run playbooks\/ha.ts first/)])
    await well('ha', file, '--limit', 'etcd')
    await well('etcd-restore', file, '--allow-destroy', 'h1')
    await isAsBefore(was)
    await well('ha', await inventory(['h1']))
    expect(changedOn(await well('ha', await inventory(['h1'])))).toEqual([])
  })

  test('two more members join as learners, and backups go on without being told', async () => {
    await lab.up('h2', 'h3')
    const file = await inventory(THREE)
    await well('ha', file)
    expect(await voters('h3')).toEqual([...THREE])
    await lab.kill('h1')
    await kube.until('the others have a leader', async () => (await kube.readyNodes()) === 2)
    await backUp()
    await lab.start('h1')
    await kube.until('three voters', async () => (await voters('h1')).length === 3)
    await well('etcd-backup', file)
    before = await objects()
  })

  test('three members are restored at once', async () => {
    const was = await uid()
    await kube.kubectl('create', 'configmap', 'latest', '--from-literal=said=yes')
    const file = await inventory(THREE, { vars: { restoreFrom: 'newest' } })
    const refused = await run('etcd-restore', file, '--allow-destroy', 'h1,h2')
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringMatching(/--allow-destroy h3/)])
    await well('etcd-restore', file, '--allow-destroy', 'h1,h2,h3')
    await isAsBefore(was)
    expect(await voters('h2')).toEqual([...THREE])
    expect(changedOn(await well('etcd-restore', file))).toEqual([])
  })

  test('when two of three are lost, the third goes on alone with all that it had acknowledged', async () => {
    await kube.kubectl('create', 'configmap', 'last', '--from-literal=said=yes')
    await lab.destroy('h2')
    await lab.destroy('h3')
    await kube.until('nobody answers', async () => kube.kubectl('get', 'nodes').then(() => false, () => true))
    await well('etcd-restore', await inventory(['h1']), '--allow-destroy', 'h1')
    expect([await has('last'), await voters('h1')]).toEqual([true, ['h1']])
    expect(changedOn(await well('etcd-restore', await inventory(['h1'])))).toEqual([])
  })

  test('it grows to five members, of which two may die', async () => {
    await lab.up(...FIVE.slice(1))
    const file = await inventory(FIVE)
    await well('ha', file)
    expect(await voters('h5')).toEqual([...FIVE])
    await lab.kill('h2')
    await lab.kill('h4')
    await kube.until('three of five take a write', async () => kube.kubectl('create', 'configmap', 'with-three-of-five', '--from-literal=said=yes').then(() => true, (error: unknown) => String(error).includes('AlreadyExists')))
    await lab.start('h2')
    await lab.start('h4')
    await kube.until('every component is well again', async () => (await run('verify', file)).code === 0)
    expect(changedOn(await well('ha', file))).toEqual([])
  })
})
