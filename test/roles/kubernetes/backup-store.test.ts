import { expect, test } from 'vitest'
import { newestBackup, parseBackupName } from '../../../roles/kubernetes/backup-name.ts'
import { backupStore } from '../../../roles/kubernetes/backup-store.ts'
import { s3Config, s3Shell, signs } from '../../../roles/kubernetes/s3.ts'
import { plain } from '../support/tasks.ts'
import { syntaxError } from '../support/shell.ts'

const s3 = { to: 's3', endpoint: 'https://s3.example.org', bucket: 'backups', accessKeyId: 'ME', secretAccessKey: 'x' }

test('a name tells host, time and whether it is encrypted', () => {
  expect(parseBackupName('etcd-cp-1.lab-20261123T063419Z.tar.age')).toEqual({ name: 'etcd-cp-1.lab-20261123T063419Z.tar.age', host: 'cp-1.lab', stamp: '20261123T063419Z', taken: Date.UTC(2026, 10, 23, 6, 34, 19) / 1000, encrypted: true })
  expect(parseBackupName('etcd-cp1-20261123T063419Z.tar')?.encrypted).toBe(false)
})

test.each(['', 'stored', 'etcd-cp1.tar', '../etcd-cp1-20261123T063419Z.tar', 'etcd-../x-20261123T063419Z.tar', 'etcd-.-20261123T063419Z.tar', 'etcd-cp1-20261123T063419Z.tar.age.part', 'etcd-cp1-20269923T063419Z.tar', 'etcd-cp1-20261123T063419Z.tar\n'])('%j is no backup', name => {
  expect(parseBackupName(name)).toBeUndefined()
})

test('the newest is the newest by time, whatever host it is of', () => {
  const names = ['etcd-cp9-20261123T063419Z.tar.age', 'etcd-cp1-20261123T063420Z.tar.age', 'etcd-a-b-20251123T063420Z.tar', 'zzz', 'etcd-cp3-20261123T063418Z.tar.age']
  expect(newestBackup(names)?.name).toBe('etcd-cp1-20261123T063420Z.tar.age')
  expect(newestBackup(['zzz'])).toBeUndefined()
})

test.each([
  [{ ...s3, endpoint: 'http://s3.example.org' }, /plaintext: true/],
  [{ ...s3, endpoint: 'https://s3.example.org/backups' }, /endpoint reads/],
  [{ ...s3, bucket: '../x' }, /a bucket has/],
  [{ ...s3, prefix: '/abc' }, /a prefix reads/],
  [{ ...s3, prefix: '../' }, /a prefix reads/],
  [{ ...s3, secretAccessKey: '' }, /secret that is not empty/],
  [{ ...s3, keep: 0 }, /keep/],
  [{ ...s3, ca: '/etc/ssl/ca.crt' }, /PEM/],
  [{ to: 'controller', folder: 'backups' }, /begins with \/ or ~/],
  [{ to: 'ftp' }, /to/],
])('%j is refused', (given, why) => {
  expect(() => backupStore.parse(given)).toThrow(why)
})

const storeOf = (given: object) => {
  const store = backupStore.parse({ ...s3, ...given })
  if (store?.to !== 's3') throw new Error('not S3')
  return store
}

test('curl’s configuration keeps every character of a secret', () => {
  expect(plain(s3Config(storeOf({ secretAccessKey: 'a"b\\c' })))).toContain('user = "ME:a\\"b\\\\c"\n')
  expect(plain(s3Config(storeOf({})))).toContain('proto = "=https"')
})

test.each([[true, 'https://s3.example.org/backups'], [false, 'https://backups.s3.example.org']])('path style %s asks %s', (pathStyle, url) => {
  const { text } = s3Shell(storeOf({ pathStyle, prefix: 'a/' }), 'lab')
  expect(text).toContain(`'${url}?list-type=2&max-keys=1000&prefix=a%2Flab%2F'`)
  expect(text).toContain(`${url}/a/lab/"$2"`)
  expect(text).not.toContain('ME')
  expect(syntaxError(text)).toBeUndefined()
})

test.each([['7.81.0', false], ['7.86.0', true], ['8.14.1', true], ['', false]])('curl %s signs for S3: %s', (version, can) => {
  expect(signs(version)).toBe(can)
})
