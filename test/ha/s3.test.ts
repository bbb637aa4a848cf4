import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret, secret } from '../../engine/index.ts'
import { backupScript } from '../../roles/etcd-backup/script.ts'
import { backupStore, type StoreOf } from '../../roles/kubernetes/backup-store.ts'
import { s3Config, s3Shell } from '../../roles/kubernetes/s3.ts'
import { backupHost } from '../roles/support/backup-host.ts'
import { etcdIsHere } from '../roles/support/etcd.ts'
import { buildS3, s3Server, type S3Server } from '../lab/s3/server.ts'

const name = (second: number, host = 'cp1'): string => `etcd-${host}-20261127T0000${String(second).padStart(2, '0')}Z.tar.age`

/** curl as hosts use it, against a storage that verifies signatures. */
describe('the way to an S3 storage', () => {
  let server: S3Server
  let folder: string
  let store: StoreOf<'s3'>

  beforeAll(async () => {
    await buildS3(line => void process.stderr.write(`${line}\n`))
    server = await s3Server({ address: '127.0.0.1', port: await freePort(), bucket: 'backups' })
    folder = mkdtempSync(join(tmpdir(), 'ts-play-s3-test-'))
    const { endpoint, accessKeyId, secretAccessKey, ca } = server
    const parsed = backupStore.parse({ to: 's3', endpoint, accessKeyId, secretAccessKey, ca, region: 'lab-1', bucket: 'backups', prefix: 'some/where/' })
    if (parsed?.to !== 's3') throw new Error('not S3')
    store = parsed
    writeFileSync(join(folder, 'ca'), ca)
  }, 900_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    if (folder) rmSync(folder, { recursive: true })
  })

  const run = (script: string, { of = store, ca = join(folder, 'ca'), path = '' }: { of?: StoreOf<'s3'>; ca?: string; path?: string } = {}) => {
    const config = join(folder, 'config')
    writeFileSync(config, Secret.reveal(s3Config(of)).replace('/etc/ts-play/backup-s3-ca.crt', ca).replace('retry = 3', 'retry = 0'), { mode: 0o600 })
    const { status, stdout, stderr } = spawnSync('sh', ['-euc', `${s3Shell(of, 'lab', config).text}\n${script}`], { cwd: folder, encoding: 'utf8', env: { PATH: `${path}${process.env['PATH'] ?? ''}`, TMPDIR: folder } })
    return { status, stdout, stderr }
  }
  const lines = (text: string): string[] => text.split('\n').filter(line => line !== '')

  test('what is put there is listed, comes back as it was, and can be taken away', () => {
    const bytes = randomBytes(3_000_000)
    writeFileSync(join(folder, 'one'), bytes)
    expect(run(`s3_list`)).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(run(`s3_put one ${name(1)}; s3_put one ${name(2)}`)).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(readFileSync(join(server.bucketFolder, 'some/where/lab', name(1))).equals(bytes)).toBe(true)
    expect(lines(run('s3_list').stdout)).toEqual([name(1), name(2)])
    expect(run(`s3_get ${name(2)} back`)).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(readFileSync(join(folder, 'back')).equals(bytes)).toBe(true)
    expect(run(`s3_delete ${name(1)}; s3_list`)).toEqual({ status: 0, stdout: `${name(2)}\n`, stderr: '' })
    expect(readdirSync(folder).filter(file => !['ca', 'config', 'one', 'back'].includes(file))).toEqual([])
  })

  test('what is too large for once comes in parts, as it was', () => {
    const bytes = randomBytes(12_000_000)
    writeFileSync(join(folder, 'one'), bytes)
    expect(run(`s3_once=1000000 s3_part=5; s3_put one ${name(7)}`)).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(readFileSync(join(server.bucketFolder, 'some/where/lab', name(7))).equals(bytes)).toBe(true)
    expect(run(`s3_get ${name(7)} back`).status).toBe(0)
    expect(readFileSync(join(folder, 'back')).equals(bytes)).toBe(true)
    expect(run(`s3_delete ${name(7)}; s3_list`).stdout).toBe(`${name(2)}\n`)
    expect(readdirSync(folder).filter(file => !['ca', 'config', 'one', 'back'].includes(file))).toEqual([])
  })

  test('parts that do not all arrive are given up, and nothing is there', () => {
    mkdirSync(join(folder, 'bin'), { recursive: true })
    // The second part is another one than was signed.
    writeFileSync(join(folder, 'bin/curl'), `#!/bin/sh\ncase "$*" in *partNumber=2*) echo spoilt >>"$(printf '%s\\n' "$@" | grep '/part$')" ;; esac\nPATH=\${PATH#*:} exec curl "$@"\n`)
    chmodSync(join(folder, 'bin/curl'), 0o755)
    const refused = run(`s3_once=1000000 s3_part=5; s3_put one ${name(8)}`, { path: `${join(folder, 'bin')}:` })
    rmSync(join(folder, 'bin'), { recursive: true })
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('XAmzContentSHA256Mismatch')])
    expect(run(`s3_list; s3_ask --header "$s3_none" '${server.endpoint}/backups?uploads='; cat "$s3_answer"; rm "$s3_answer"`).stdout).not.toMatch(/<UploadId>/)
    expect(lines(run('s3_list').stdout)).toEqual([name(2)])
    expect(readdirSync(folder).filter(file => !['ca', 'config', 'one', 'back'].includes(file))).toEqual([])
  })

  test.each([
    ['another secret', { secretAccessKey: secret`s3cret` }, 'SignatureDoesNotMatch'],
    ['another user', { accessKeyId: 'SOMEBODY' }, 'No user exists with the provided access key'],
    ['another region', { region: 'elsewhere-1' }, 'AuthorizationHeaderMalformed'],
    ['another bucket', { bucket: 'nowhere' }, 'NoSuchBucket'],
  ])('%s is refused, in the words of the storage', (_, wrong, code) => {
    writeFileSync(join(folder, 'one'), 'x')
    for (const script of ['s3_list', `s3_put one ${name(3)}`, `s3_get ${name(2)} got`, `s3_delete ${name(2)}`]) {
      const refused = run(script, { of: { ...store, ...wrong } })
      expect([script, refused.status, refused.stderr]).toEqual([script, 1, expect.stringContaining(code)])
    }
    expect(lines(run('s3_list').stdout)).toEqual([name(2)])
  })

  test('nobody gets in without a signature', () => {
    const { stdout } = spawnSync('curl', ['-s', '--cacert', join(folder, 'ca'), '-w', '%{http_code}', '-o', '/dev/null', `${server.endpoint}/backups?list-type=2`], { encoding: 'utf8' })
    expect(stdout).toBe('403')
  })

  test('bytes that are not those that were signed are refused', () => {
    mkdirSync(join(folder, 'bin'), { recursive: true })
    writeFileSync(join(folder, 'bin/sha256sum'), `#!/bin/sh\necho ${'0'.repeat(64)} -\n`)
    chmodSync(join(folder, 'bin/sha256sum'), 0o755)
    const refused = run(`s3_put one ${name(4)}`, { path: `${join(folder, 'bin')}:` })
    rmSync(join(folder, 'bin'), { recursive: true })
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('XAmzContentSHA256Mismatch')])
    expect(lines(run('s3_list').stdout)).toEqual([name(2)])
  })

  test('a storage whose certificate nobody here signed is not talked to', () => {
    const refused = run('s3_list', { ca: '/etc/ssl/certs/ca-certificates.crt' })
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/certificate/)])
  })

  test('the secret stands in no argument and no environment', () => {
    mkdirSync(join(folder, 'bin'), { recursive: true })
    writeFileSync(join(folder, 'bin/curl'), `#!/bin/sh\n{ env; printf '%s\\n' "$@"; } >>${join(folder, 'seen')}\nPATH=\${PATH#*:} exec curl "$@"\n`)
    chmodSync(join(folder, 'bin/curl'), 0o755)
    expect(run(`s3_put one ${name(5)}; s3_list; s3_get ${name(5)} got; s3_delete ${name(5)}`, { path: `${join(folder, 'bin')}:` }).status).toBe(0)
    const seen = readFileSync(join(folder, 'seen'), 'utf8')
    expect(seen).toContain('--upload-file')
    expect(seen).not.toMatch(/s3"cr|BACKUP/)
    rmSync(join(folder, 'bin'), { recursive: true })
  })

  test('more than a thousand are listed to the end', () => {
    const many = join(server.bucketFolder, 'some/where/lab')
    const names = Array.from({ length: 2100 }, (_, index) => `etcd-cp9-20250101T${String(index).padStart(6, '0')}Z.tar`)
    for (const file of names) writeFileSync(join(many, file), '')
    const listed = lines(run('s3_list').stdout)
    for (const file of names) rmSync(join(many, file))
    expect(listed).toEqual([name(2), ...names].toSorted())
  })

  test('an object with a name that is not ours is told, not read as one', () => {
    writeFileSync(join(server.bucketFolder, 'some/where/lab', 'etcd-x$(reboot).tar'), '')
    const refused = run('s3_list')
    rmSync(join(server.bucketFolder, 'some/where/lab', 'etcd-x$(reboot).tar'))
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/not ours/)])
  })
})

/** The timer's program with the real etcd, age left out: what it does when the backup lies there. */
describe.skipIf(!etcdIsHere)('the program uploads what it took', { timeout: 120_000 }, () => {
  test('keeps so many there, marks what is stored and where, and fails loudly when the storage is away', async () => {
    await using server = await s3Server({ address: '127.0.0.1', port: await freePort(), bucket: 'backups' })
    const folder = mkdtempSync(join(tmpdir(), 'ts-play-s3-backup-'))
    const host = await backupHost(folder, 22779)
    try {
      const { endpoint, accessKeyId, secretAccessKey, ca } = server
      const s3 = backupStore.parse({ to: 's3', endpoint, accessKeyId, secretAccessKey, ca, region: 'lab-1', bucket: 'backups', keep: 2 })
      if (s3?.to !== 's3') throw new Error('not S3')
      writeFileSync(join(folder, 'backup-s3-ca.crt'), ca)
      writeFileSync(join(folder, 'backup-s3.conf'), Secret.reveal(s3Config(s3)).replace('/etc/ts-play/', `${folder}/`).replace('retry = 3', 'retry = 0'))
      const program = backupScript({ folder: join(folder, 'backups'), keep: 9, recipientsFile: undefined, topology: 'stacked', clusterName: 'lab', s3 })
      const there = (): string[] => readdirSync(join(server.bucketFolder, 'lab')).toSorted()
      mkdirSync(join(server.bucketFolder, 'lab'))
      const own = execFileSync('uname', ['-n'], { encoding: 'utf8' }).trim()
      // Of another host whose name begins like ours, and old ones of our own.
      const others = [`etcd-${own}-b-20200101T000000Z.tar`, 'etcd-zz-20200101T000000Z.tar']
      for (const old of [...others, `etcd-${own}-20200101T000000Z.tar`, `etcd-${own}-20210101T000000Z.tar.age`]) writeFileSync(join(server.bucketFolder, 'lab', old), '')
      const taken = host.run(program)
      expect([taken.status, taken.stdout]).toEqual([0, expect.stringMatching(/^etcd-\S+\.tar\nstored in bucket backups\n$/)])
      const name = taken.stdout.split('\n')[0] ?? ''
      expect(there()).toEqual([...others, `etcd-${own}-20210101T000000Z.tar.age`, name].toSorted())
      expect(readFileSync(join(server.bucketFolder, 'lab', name)).equals(readFileSync(join(folder, 'backups', name)))).toBe(true)
      const mark = `${name}\ns3 ${endpoint}/backups/\n`
      expect(readFileSync(join(folder, 'backups/stored'), 'utf8')).toBe(mark)
      await server.stop()
      await pause(1100)
      const away = host.run(program)
      expect([away.status, away.stderr]).toEqual([1, expect.stringMatching(/Failed to connect/)])
      expect(readFileSync(join(folder, 'backups/stored'), 'utf8')).toBe(mark)
      expect(readdirSync(join(folder, 'backups')).filter(file => file.startsWith('etcd-'))).toHaveLength(2)
    } finally {
      host.etcd.stop()
      rmSync(folder, { recursive: true })
    }
  })
})

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
