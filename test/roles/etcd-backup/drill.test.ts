import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sh } from '../../../engine/index.ts'
import { drillScript } from '../../../roles/etcd-backup/drill-script.ts'
import { scratchDrill } from '../../../roles/etcd-backup/scratch-drill.ts'
import { etcdIsHere, etcdPrograms, realEtcd, unitsByHand, type RealEtcd } from '../support/etcd.ts'
import { syntaxError } from '../support/shell.ts'
import { itemsOf, refusals, shown } from '../support/tasks.ts'

const script = (maxAge = 60, backup = '/nowhere') => drillScript({ find: sh`echo ${backup}`, missing: 'no backup', bytes: file => sh`cat ${file}`, maxAge }).text

test('the script can be read by a POSIX shell', () => {
  expect(syntaxError(script())).toBeUndefined()
})

describe('a machine that is no part of the cluster', () => {
  const name = 'etcd-cp1-20261123T063419Z.tar.age'
  const items = (vars: object, files: readonly string[] = []) =>
    itemsOf(scratchDrill, { vars: { backupStore: { to: 'controller', folder: '/b' }, restoreIdentity: 'AGE', drillTools: '/t', ...vars }, facts: { evidence: { files } }, inputs: { local: { source: `/b/lab/${name}`, name } } })

  test('gets etcd’s programs and the newest backup, and restores it', () => {
    expect(shown(items({}))).toEqual([
      'package age', 'directory /var/lib/ts-play', 'directory /var/lib/ts-play/drill', 'command make /usr/local/lib/ts-play/etcd',
      ...['etcd', 'etcdctl', 'etcdutl'].map(tool => `copy /usr/local/lib/ts-play/etcd/${tool}`), 'copy /var/lib/ts-play/drill/whole', `command restore ${name} of the store`,
    ])
  })
  test('gets them from the release where etcd is external', () => {
    const release = { from: 'url', url: 'https://example.org/etcd.tar.gz', sha256: 'a'.repeat(64) }
    const got = shown(itemsOf(scratchDrill, {
      vars: { backupStore: { to: 'controller', folder: '/b' }, restoreIdentity: 'AGE', etcd: { topology: 'external', release } },
      facts: { evidence: { files: [] } },
      inputs: { local: { source: `/b/lab/${name}`, name }, release },
    }))
    expect(got).toContain('download /usr/local/lib/etcd/release.tar.gz')
    expect(got).toContain('symlink /usr/local/lib/ts-play/etcd/etcdutl')
  })
  test.each([
    ['it is part of one', {}, ['kubelet.conf'], 'REFUSED h1 is no part of a cluster: h1 is: kubelet.conf'],
    ['there is no etcd', { drillTools: undefined }, [], 'REFUSED etcd’s programs are on hand: there is no etcd to restore with'],
    ['there is no key', { restoreIdentity: undefined }, [], `REFUSED the backup can be decrypted: ${name} is encrypted, and there is no key`],
  ])('is refused when %s', (_, vars, files, refused) => {
    expect(refusals(items(vars, files))).toEqual([refused])
  })
})

const UID = '0b0fd40a-76ac-4a58-8ad0-cde52c5a3f2b'

/** With the real etcd; only its unit is started by hand. */
describe.skipIf(!etcdIsHere)('a backup is restored and asked', { timeout: 60_000 }, () => {
  let folder: string
  let about: string
  let etcd: RealEtcd | undefined

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ts-play-drill-'))
    mkdirSync(join(folder, 'backup'))
    etcdPrograms(join(folder, 'tools'))
    unitsByHand(join(folder, 'bin'))
    etcd = await realEtcd(folder, 22379)
    const { etcdctl } = etcd
    etcdctl('put', '/registry/namespaces/kube-system', `k8s: ${UID} x`)
    for (let index = 0; index < 20; index++) etcdctl('put', `/registry/configmaps/${index % 7}`, `${index}`)
    etcdctl('snapshot', 'save', join(folder, 'backup/snapshot.db'))
    const status = execFileSync(join(folder, 'tools/etcdutl'), ['snapshot', 'status', join(folder, 'backup/snapshot.db'), '-w', 'json'], { encoding: 'utf8' })
    about = `uid=${UID}\nkeys=8\ntaken=${new Date().toISOString()}\nstatus=${status}`
  })
  afterAll(() => {
    etcd?.stop()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  const drill = (said: string, spoil: (backup: string) => void = () => undefined, maxAge = 60) => {
    const made = join(folder, 'made')
    cpSync(join(folder, 'backup'), join(made, 'backup'), { recursive: true })
    writeFileSync(join(made, 'backup/about'), said)
    execFileSync('sh', ['-c', 'cd backup && sha256sum snapshot.db about >SHA256SUMS'], { cwd: made })
    spoil(join(made, 'backup'))
    execFileSync('tar', ['-czf', join(folder, 'whole'), 'backup'], { cwd: made })
    rmSync(made, { recursive: true })
    const here = script(maxAge, join(folder, 'whole')).replaceAll('/var/lib/ts-play/drill', join(folder, 'drill')).replaceAll('/usr/local/lib/ts-play/etcd', join(folder, 'tools'))
    rmSync(join(folder, 'drill'), { recursive: true, force: true })
    const { status, stderr } = spawnSync('sh', ['-euc', here], { encoding: 'utf8', env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, PIDS: join(folder, 'pids') } })
    return { status, stderr: stderr.trim().split('\n').at(-1), left: readdirSync(join(folder, 'drill')) }
  }

  test('one that holds what it says passes, and only its sum stays', () => {
    expect(drill(about)).toMatchObject({ status: 0, left: ['passed'] })
    expect(readFileSync(join(folder, 'drill/passed'), 'utf8').trim()).toBe(execFileSync('sha256sum', [join(folder, 'whole')], { encoding: 'utf8' }).slice(0, 64))
  })

  test.each<[string, (said: string) => string, RegExp]>([
    ['is of another cluster', said => said.replace(UID, UID.replace('0b', '0c')), /not of the cluster 0c0fd40a/],
    ['does not say of which', said => said.replace(`uid=${UID}`, ''), /does not say of which cluster/],
    ['lacks keys', said => said.replace('keys=8', 'keys=9'), /has 8 keys, and the cluster had 9/],
    ['is of another revision', said => said.replace(/"revision":\d+/, '"revision":999'), /at revision 22, and the backup says 999/],
    ['is too old', said => said.replace(/taken=.*/, `taken=${new Date(Date.now() - 60.5 * 60_000).toISOString()}`), /60 minutes ago: more than 60/],
    ['has no time', said => said.replace(/taken=.*/, 'taken=once'), /does not say when/],
  ])('one that %s does not', (_, change, why) => {
    expect(drill(change(about))).toEqual({ status: 1, stderr: expect.stringMatching(why), left: [] })
  })

  test('a byte that is another one is noticed, also where the sums were made again', () => {
    const flip = (backup: string): void => {
      const bytes = readFileSync(join(backup, 'snapshot.db'))
      bytes.writeUInt8(bytes.readUInt8(9000) ^ 1, 9000)
      writeFileSync(join(backup, 'snapshot.db'), bytes)
    }
    expect(drill(about, flip)).toMatchObject({ status: 1, stderr: expect.stringMatching(/WARNING: 1 computed checksum did NOT match/), left: [] })
    expect(drill(about, backup => {
      flip(backup)
      execFileSync('sh', ['-c', 'sha256sum snapshot.db about >SHA256SUMS'], { cwd: backup })
    })).toMatchObject({ status: 1, stderr: expect.stringMatching(/hash|corrupt|sha256/i), left: [] })
  })
})
