import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sh } from '../../../engine/index.ts'
import { drillScript } from '../../../roles/etcd-backup/drill-script.ts'
import { backupScript } from '../../../roles/etcd-backup/script.ts'
import { parseBackupName } from '../../../roles/kubernetes/backup-name.ts'
import { etcdIsHere, etcdPrograms, realEtcd, unitsByHand, type RealEtcd } from '../support/etcd.ts'
import { program } from '../support/shell.ts'

const UID = '0b0fd40a-76ac-4a58-8ad0-cde52c5a3f2b'
const age = program('age')

/** The timer's program with the real etcd and age; kubectl answers by heart, and etcdctl is told another address. */
describe.skipIf(!etcdIsHere)('a backup that the program takes', { timeout: 60_000 }, () => {
  let folder: string
  let etcd: RealEtcd | undefined

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ts-play-backup-'))
    etcdPrograms(join(folder, 'tools'))
    unitsByHand(join(folder, 'bin'))
    etcd = await realEtcd(folder, 22579)
    etcd.etcdctl('put', '/registry/namespaces/kube-system', `k8s: ${UID} x`)
    etcd.etcdctl('put', '/registry/configmaps/a', 'b')
    mkdirSync(join(folder, 'kubernetes/pki/etcd'), { recursive: true })
    writeFileSync(join(folder, 'kubernetes/pki/ca.key'), 'PRIVATE', { mode: 0o600 })
    writeFileSync(join(folder, 'tools/image'), 'registry.k8s.io/etcd:1\n')
    renameSync(join(folder, 'tools/etcdctl'), join(folder, 'etcdctl'))
    writeFileSync(join(folder, 'tools/etcdctl'), `#!/bin/sh\ncase $1 in --endpoints=https*) shift 4 ;; *) exec ${folder}/etcdctl "$@" ;; esac\nexec ${folder}/etcdctl --endpoints ${etcd.client} "$@"\n`, { mode: 0o755 })
    writeFileSync(join(folder, 'bin/kubectl'), `#!/bin/sh\n[ ! -e ${folder}/down ] || exit 1\ncase "$*" in *kube-system' -o '*uid*) printf ${UID} ;; *) echo 'clusterName: lab' ;; esac\n`, { mode: 0o755 })
  })
  afterAll(() => {
    etcd?.stop()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  const here = (script: string): string => script
    .replaceAll('/usr/local/lib/ts-play/etcd', join(folder, 'tools')).replaceAll('/etc/kubernetes', join(folder, 'kubernetes'))
    .replaceAll('/var/lib/ts-play/drill', join(folder, 'drill'))
    // Another test file drills at the same time.
    .replaceAll(':12379', ':22679').replaceAll(':12380', ':22680').replace('PATH=', `PATH=${join(folder, 'bin')}:`)
  const run = (script: string, stdin = '') => {
    const { status, stdout, stderr } = spawnSync('sh', ['-euc', here(script)], { encoding: 'utf8', input: stdin, env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, PIDS: join(folder, 'pids') } })
    return { status, stdout, stderr }
  }
  const backups = (): string[] => readdirSync(join(folder, 'backups')).toSorted()
  const take = (recipientsFile?: string) => run(backupScript({ folder: join(folder, 'backups'), keep: 2, recipientsFile, clusterName: 'lab' }))

  test('is one whole file of root’s that says what is in it, and can be restored', () => {
    const taken = take()
    expect([taken.status, taken.stderr.split('\n').filter(line => !/info/.test(line))]).toEqual([0, ['']])
    const [name = ''] = backups()
    expect(backups()).toEqual([taken.stdout.trim()])
    expect(parseBackupName(name)).toBeDefined()
    expect(statSync(join(folder, 'backups', name)).mode & 0o777).toBe(0o600)
    const about = execFileSync('tar', ['-xOf', join(folder, 'backups', name), 'backup/about'], { encoding: 'utf8' })
    expect(about).toMatch(new RegExp(`^cluster=lab\\nhost=.*\\ntaken=.*\\nuid=${UID}\\nimage=registry.k8s.io/etcd:1\\nkeys=2\\nstatus=\\{.*"revision":3,`))
    const drilled = run(drillScript({ find: sh`echo ${join(folder, 'backups', name)}`, missing: '', bytes: file => sh`cat ${file}`, maxAge: 5 }).text)
    expect([drilled.status, readdirSync(join(folder, 'drill'))]).toEqual([0, ['passed']])
  })

  test('does not come about when the cluster cannot say which it is, and leaves nothing behind', () => {
    const before = backups()
    writeFileSync(join(folder, 'down'), '')
    expect(take().status).not.toBe(0)
    rmSync(join(folder, 'down'))
    expect(backups()).toEqual(before)
  })

  test.skipIf('missing' in age)('is read by who has a key, and by nobody else', () => {
    for (const name of ['mine', 'theirs']) execFileSync('age-keygen', ['-o', join(folder, name)], { stdio: 'ignore' })
    writeFileSync(join(folder, 'recipients'), execFileSync('age-keygen', ['-y', join(folder, 'mine')]))
    expect(take(join(folder, 'recipients')).status).toBe(0)
    const name = backups().find(file => file.endsWith('.age')) ?? ''
    expect(readFileSync(join(folder, 'backups', name), 'latin1')).toMatch(/^age-encryption\.org\/v1\n/)
    const drill = drillScript({ find: sh`echo ${join(folder, 'backups', name)}`, missing: '', bytes: file => sh`age -d -i - ${file}`, maxAge: 5 }).text
    expect(run(drill, readFileSync(join(folder, 'mine'), 'utf8'))).toMatchObject({ status: 0 })
    expect(run(drill, readFileSync(join(folder, 'theirs'), 'utf8'))).toMatchObject({ status: 1, stderr: expect.stringMatching(/no identity matched/) })
  })

  test('makes room for itself', () => {
    for (const old of ['etcd-a-20200101T000000Z.tar', 'etcd-a-20210101T000000Z.tar.age']) writeFileSync(join(folder, 'backups', old), '')
    expect(take().status).toBe(0)
    expect(backups().filter(name => name.startsWith('etcd-a'))).toEqual([])
    expect([backups().length, existsSync(join(folder, 'backups/stored'))]).toEqual([2, false])
  })
})
