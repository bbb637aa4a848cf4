import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sh } from '../../../engine/index.ts'
import { drillScript } from '../../../roles/etcd-backup/drill-script.ts'
import { backupScript } from '../../../roles/etcd-backup/script.ts'
import { parseBackupName } from '../../../roles/kubernetes/backup-name.ts'
import { backupHost, clusterUid, type BackupHost } from '../support/backup-host.ts'
import { etcdIsHere } from '../support/etcd.ts'
import { program } from '../support/shell.ts'

const age = program('age')

/** The timer's program with the real etcd and age; kubectl answers by heart, and etcdctl is told another address. */
describe.skipIf(!etcdIsHere)('a backup that the program takes', { timeout: 60_000 }, () => {
  let folder: string
  let host: BackupHost | undefined

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ts-play-backup-'))
    host = await backupHost(folder, 22579)
  })
  afterAll(() => {
    host?.etcd.stop()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  const run: BackupHost['run'] = (script, stdin) => host?.run(script, stdin) ?? { status: null, stdout: '', stderr: '' }
  const backups = (): string[] => readdirSync(join(folder, 'backups')).toSorted()
  const take = (recipientsFile?: string) => run(backupScript({ folder: join(folder, 'backups'), keep: 2, recipientsFile, clusterName: 'lab', topology: 'stacked' }))

  test('is one whole file of root’s that says what is in it, and can be restored', () => {
    const taken = take()
    expect([taken.status, taken.stderr.split('\n').filter(line => !/info/.test(line))]).toEqual([0, ['']])
    const [name = ''] = backups()
    expect(backups()).toEqual([taken.stdout.trim()])
    expect(parseBackupName(name)).toBeDefined()
    expect(statSync(join(folder, 'backups', name)).mode & 0o777).toBe(0o600)
    const about = execFileSync('tar', ['-xOf', join(folder, 'backups', name), 'backup/about'], { encoding: 'utf8' })
    expect(about).toMatch(new RegExp(`^cluster=lab\\nhost=.*\\ntaken=.*\\nuid=${clusterUid}\\nimage=registry.k8s.io/etcd:1\\nkeys=2\\nstatus=\\{.*"revision":3,`))
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

  test('is of the first member of external etcd that is well, of those that kube-apiserver knows', () => {
    const external = backupScript({ folder: join(folder, 'backups'), keep: 2, recipientsFile: undefined, clusterName: 'lab', topology: 'external' })
    const servers = (...urls: readonly string[]): void => writeFileSync(join(folder, 'kubernetes/manifests/kube-apiserver.yaml'), `    - --etcd-servers=${urls.join(',')}\n`)
    mkdirSync(join(folder, 'kubernetes/manifests'), { recursive: true })
    servers('https://192.0.2.51:2379', 'https://10.0.0.52:2379')
    const taken = run(external)
    expect([taken.status, backups()], taken.stderr).toEqual([0, expect.arrayContaining([taken.stdout.trim()])])
    const before = backups()
    servers('https://192.0.2.51:2379', 'https://192.0.2.52:2379')
    writeFileSync(join(folder, 'bin/sleep'), `#!/bin/sh\necho "$1" >>${folder}/slept\n`, { mode: 0o755 })
    expect(run(external)).toMatchObject({ status: 1, stderr: expect.stringMatching(/no member of etcd that kube-apiserver knows is well/) })
    expect(readFileSync(join(folder, 'slept'), 'utf8')).toBe('10\n20\n30\n')
    rmSync(join(folder, 'bin/sleep'))
    expect(backups()).toEqual(before)
  })

  test('makes room for itself', () => {
    for (const old of ['etcd-a-20200101T000000Z.tar', 'etcd-a-20210101T000000Z.tar.age']) writeFileSync(join(folder, 'backups', old), '')
    expect(take().status).toBe(0)
    expect(backups().filter(name => name.startsWith('etcd-a'))).toEqual([])
    expect([backups().length, existsSync(join(folder, 'backups/stored'))]).toEqual([2, false])
  })
})
