import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseContents, progress } from '../../../roles/etcd-restore/facts.ts'
import restore from '../../../playbooks/etcd-restore.ts'
import { agree } from '../../../roles/etcd-restore/agree.ts'
import { halt, haltMember } from '../../../roles/etcd-restore/halt.ts'
import { peersOf, unlessMember } from '../../../roles/etcd-restore/members.ts'
import { place } from '../../../roles/etcd-restore/place.ts'
import { resume } from '../../../roles/etcd-restore/resume.ts'
import { parseStaged, unpack } from '../../../roles/etcd-restore/unpack.ts'
import type { StagedBackup } from '../../../roles/outputs.ts'
import { itemsOf, refusals, shown, specOf } from '../support/tasks.ts'

const member = (name: string) => ({ name, address: '10.0.0.1', vars: {} })
const unpacking = (vars: Readonly<Record<string, unknown>>, controlPlanes = 3, inputs: Readonly<Record<string, unknown>> = {}) => itemsOf(unpack, { vars, facts: { nodeName: 'm1' }, inputs: { controlPlanes: Array.from({ length: controlPlanes }, (_, index) => member(`m${index + 1}`)), etcdHosts: [], ...inputs } })

test('without a backup only a single control plane can be restored: from what it holds itself', () => {
  expect(refusals(unpacking({}))).toEqual(['REFUSED there is something to restore from: no backup was given, and the inventory has 3 control planes: whose data should it be?'])
  expect(refusals(unpacking({}, 1))).toEqual([])
  expect(shown(unpacking({}, 1))).toContain('command take what this member holds')
})

test('an encrypted backup wants its key, a plain one does not', () => {
  const given = (name: string) => refusals(unpacking({ restoreFrom: `/b/${name}` }, 3, { local: { source: `/b/${name}`, name } }))
  expect(given('etcd-m1.tar.age')).toEqual(['REFUSED the backup can be decrypted: /b/etcd-m1.tar.age is encrypted, and there is no key'])
  expect(given('etcd-m1.tar')).toEqual([])
})

test('a backup in the storage is got by the host itself; without a store there is none', () => {
  const name = 'etcd-m1-20261123T063419Z.tar.age'
  const backupStore = { to: 's3', endpoint: 'https://s3.example.org', bucket: 'backups', accessKeyId: 'ME', secretAccessKey: 'x' }
  const items = unpacking({ restoreFrom: 'newest', restoreIdentity: 'AGE', backupStore }, 3, { remote: { source: `lab/${name}`, name } })
  expect(shown(items)).toContain(`command get ${name} from the storage`)
  expect(shown(items).filter(line => line.startsWith('copy'))).toEqual([])
  expect(refusals(unpacking({ restoreFrom: 'newest' }))).toEqual(['REFUSED the backup lies somewhere: restoreFrom is newest, and no backupStore is set where that could be'])
})

test('what was decrypted goes, also when it is no backup', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ts-play-unpack-'))
  writeFileSync(join(folder, 'whole'), 'no tar')
  const { run } = specOf(unpacking({ restoreFrom: '/b/etcd-m1.tar' }, 3, { local: { source: '/b/etcd-m1.tar', name: 'etcd-m1.tar' } }), 'command', 'unpack and verify the backup')
  const unpacked = spawnSync('sh', ['-euc', textOf(run).replaceAll('/var/lib/ts-play/restore', folder)], { encoding: 'utf8' })
  expect([unpacked.status !== 0, readdirSync(folder)]).toEqual([true, ['whole']])
  // A good one, but for what etcdutl says of it.
  execFileSync('sh', ['-c', 'mkdir backup && echo x >backup/snapshot.db && cd backup && sha256sum snapshot.db >SHA256SUMS && cd .. && tar -cf whole backup'], { cwd: folder })
  const good = spawnSync('sh', ['-euc', textOf(run).replaceAll('/var/lib/ts-play/restore', folder).replaceAll('/usr/local/lib/ts-play/etcd/etcdutl', 'true')], { encoding: 'utf8' })
  expect([good.status, readdirSync(folder), good.stderr]).toEqual([0, ['backup', 'staged', 'whole'], ''])
  rmSync(folder, { recursive: true })
})

test('what is looked up again after each step is never remembered from before it', () => {
  expect(progress.lifetime).toBe('volatile')
})

test('a backup tells when and where it was taken, and whether it is of this cluster', () => {
  const about = 'cluster=lab\nhost=cp1\ntaken=2026-11-23T06:34:19Z\nuid=3cf2\nimage=registry.k8s.io/etcd:3.6.5-0\nstatus={"hash":1,"revision":1128,"totalKey":480,"totalSize":5,"version":"3.6.0"}\n\n'
  expect(parseContents(`${about}authority=same\n`)).toEqual({ taken: '2026-11-23T06:34:19Z', host: 'cp1', revision: 1128, keys: 480, authority: 'same' })
  expect(parseContents('')).toEqual({ taken: '', host: '', revision: 0, keys: 0, authority: 'unknown' })
})

test.each([
  { staged: 'abc', done: 'abc', skipped: 'restored from this backup already' },
  { staged: 'abc', done: '', skipped: undefined },
  { staged: 'abc', done: 'old', skipped: undefined },
])('a control plane stands still only for a backup that it was not restored from: $staged after $done', ({ staged, done, skipped }) => {
  expect(halt.body.skip?.({ host: { name: 'm1', address: '' }, vars: {}, facts: { progress: progress.parse(`staged=${staged}\ndone=${done}\n`) }, inputs: {} })).toBe(skipped)
})

const sha256 = 'c'.repeat(64)
const etcd = { topology: 'external', release: { from: 'file', file: '/etcd.tar.gz', sha256 } } as const
const release = { from: 'file', path: '/etcd.tar.gz', sha256 }
const etcdHosts = ['e1', 'e2', 'e3'].map((name, index) => ({ name, address: `10.0.0.${51 + index}`, vars: {} }))

describe('external etcd', () => {
  test('is restored where it runs, and stacked etcd on its control planes', () => {
    expect(['e1', 'm1'].map(host => unlessMember(host, { ...etcd, certificateDays: 365, renewBefore: 90 }, etcdHosts))).toEqual([undefined, 'it has no member of etcd'])
    expect(unlessMember('m1', { topology: 'stacked' }, [])).toBeUndefined()
  })

  test('without a backup only a single host of it can be restored, and it takes etcd’s own release', () => {
    const given = (hosts: typeof etcdHosts) => unpacking({ etcd }, 3, { etcdHosts: hosts, release })
    expect(refusals(given(etcdHosts))).toEqual(['REFUSED there is something to restore from: no backup was given, and the inventory has 3 hosts of etcd: whose data should it be?'])
    const single = shown(given(etcdHosts.slice(0, 1)))
    expect(single).toEqual(expect.arrayContaining(['wait-for etcd is set up here', 'copy /usr/local/lib/etcd/release.tar.gz', 'symlink /usr/local/lib/ts-play/etcd/etcdutl', 'command take what this member holds']))
    expect(single).not.toContain('command take etcd’s tools out of its image')
  })

  test('each member is restored as itself among all of the inventory, and owned by etcd', () => {
    expect([...peersOf({ ...etcd, certificateDays: 365, renewBefore: 90 }, etcdHosts, undefined).values()].map(({ name, url }) => `${name}=${url}`)).toEqual(['e1=https://10.0.0.51:2380', 'e2=https://10.0.0.52:2380', 'e3=https://10.0.0.53:2380'])
    const { run } = specOf(itemsOf(place, { host: { name: 'e2', address: '10.0.0.52' }, vars: { etcd }, facts: {}, inputs: { etcdHosts } }), 'command', 'put the backup in the place of etcd’s data')
    expect(textOf(run)).toMatch(/--name e2 --initial-cluster e1=https:\/\/10.0.0.51:2380,e2=[^ ]*,e3=[^ ]* [^-]*--initial-advertise-peer-urls https:\/\/10.0.0.52:2380/)
    expect(textOf(run)).toContain('chown -R etcd:etcd /var/lib/etcd/.ts-play-restored')
  })

  test('a control plane stops its own pods and no etcd beside them, and waits for none of it to come back', () => {
    const { run } = specOf(itemsOf(halt, { vars: { etcd } }), 'command', 'stop the control plane')
    expect(textOf(run)).toContain('grep -qx -e kube-apiserver /proc')
    expect(shown(itemsOf(haltMember, { vars: { etcd } }))).toEqual(['command stop etcd'])
    const endpoint = { strategy: 'control-plane', name: 'api.lab', address: '10.0.0.1' }
    expect(shown(itemsOf(resume, { vars: { etcd, endpoint } }))).toEqual(['command start kube-apiserver, kube-controller-manager, kube-scheduler', 'wait-for the API server of this host is ready', 'wait-for the API answers at its endpoint', 'command let the kubelet look at the world anew'])
  })

  describe('a control plane goes along with a restore', () => {
    const [one, other] = ['1', '2'].map(digit => digit.repeat(64))
    const following = (staged: readonly (readonly [string, StagedBackup])[]) => itemsOf(agree, { vars: { etcd }, facts: { authority: one }, inputs: { staged: new Map(staged), controlPlanes: [member('m1')], etcdHosts } })
    const all = (sum: string, authority = one ?? '', state: StagedBackup['state'] = 'unpacked') => etcdHosts.map(({ name }) => [name, { sum, authority, state }] as const)

    test('and remembers the backup by its sum; that it went along with the same one before is forgotten', () => {
      expect(specOf(following(all('abc')), 'file', '/var/lib/ts-play/restore/done')).toMatchObject({ state: 'absent' })
      expect(shown(following(all('abc', one, 'restored')))).not.toContain('file /var/lib/ts-play/restore/done')
      expect(specOf(following(all('abc')), 'file', '/var/lib/ts-play/restore/staged')).toMatchObject({ content: 'abc\n', mode: 0o600 })
    })
    test('unless nothing is restored: a member with its majority needs no rescue', () => {
      expect(shown(following(all('')))).toEqual([])
    })
    test('also where etcd is its own, without a mark from us', () => {
      const stacked = (...states: readonly StagedBackup['state'][]) => itemsOf(agree, { facts: { authority: one }, inputs: { staged: new Map(states.map((state, index) => [`m${index + 1}`, { sum: 'abc', authority: one ?? '', state }])), controlPlanes: [member('m1'), member('m2')], etcdHosts: [] } })
      expect(shown(stacked('unpacked', 'placed'))).toEqual([])
      expect(refusals(stacked('restored', 'unpacked'))).toEqual(['REFUSED the members are restored together: m1 went back to this backup before, and m2 did not: they would be two clusters'])
    })
    test.each([
      ['is of another cluster', all('abc', other), 'REFUSED the backup is of this cluster: the certificate authority in the backup is not that of h1: it is of another cluster, or of this one before it was made anew'],
      ['is missing on a member', all('abc').slice(1), 'REFUSED every member has the same backup: e1 has not got the backup'],
      ['was restored on some before', [...all('abc').slice(1), ['e1', { sum: 'abc', authority: one ?? '', state: 'restored' }] as const], 'REFUSED the members are restored together: e1 went back to this backup before, and e2, e3 did not: they would be two clusters'],
      ['differs', [...all('abc').slice(1), ['e1', { sum: 'def', authority: one ?? '', state: 'unpacked' }] as const], 'REFUSED every member has the same backup: the members of etcd have different backups'],
    ])('not with one that %s', (_, staged, refused) => {
      expect(refusals(following(staged))).toEqual([refused])
    })
  })

  test('what a host says about its backup is read, and nothing else', () => {
    expect(parseStaged(`sum=${sha256}\nplaced=yes\nauthority=${sha256}  -\n`)).toEqual({ sum: sha256, authority: sha256, state: 'placed' })
    expect(parseStaged(`sum=${sha256}\nplaced=yes\nrestored=yes\n`)).toEqual({ sum: sha256, authority: '', state: 'restored' })
    expect(parseStaged('sum=\n')).toEqual({ sum: '', authority: '', state: 'unpacked' })
  })
})

const textOf = (command: unknown): string => (typeof command === 'object' && command !== null && 'text' in command ? String(command.text) : '')

test('nobody’s etcd changes before every API server stands still, and none comes back before all of etcd has', () => {
  const named = (name: string) => restore.plays.find(play => play.name === name) ?? expect.fail(name)
  const waitsFor = (play: string, before: string): boolean => named(play).after.some(barrier => barrier.play.name === before && barrier.until === 'done')
  const order = ['unpack', 'agree', 'halt', 'halt-member', 'place', 'start-member'].map(name => `etcd-restore-${name}`)
  for (const [index, name] of order.slice(1).entries()) expect([name, waitsFor(name, order[index] ?? '')]).toEqual([name, true])
  expect([waitsFor('etcd-restore-place', 'etcd-restore-halt'), waitsFor('etcd-client', 'etcd-restore-start-member'), waitsFor('etcd-restore-resume', 'etcd-client'), waitsFor('etcd-restore-resume', 'etcd-restore-place')]).toEqual([true, true, true, true])
})
