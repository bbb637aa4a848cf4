import { describe, expect, test } from 'vitest'
import { backupScript } from '../../../roles/etcd-backup/script.ts'
import { etcdBackup, offered } from '../../../roles/etcd-backup/role.ts'
import { itemsOf, plain, refusals, shown, specOf } from '../support/tasks.ts'
import { syntaxError } from '../support/shell.ts'

const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'

test('a backup that anybody could read is refused, unless that is meant', () => {
  expect(refusals(itemsOf(etcdBackup, {}))).toEqual(['REFUSED a backup can be read by few: backups of h1 would hold the keys of the cluster in clear'])
  expect(refusals(itemsOf(etcdBackup, { vars: { backupUnencrypted: true } }))).toEqual([])
})

test('with recipients age is installed and they are written down; without, neither', () => {
  const encrypted = shown(itemsOf(etcdBackup, { vars: { backupRecipients: [recipient] } }))
  expect(encrypted).toEqual(expect.arrayContaining(['package age', 'file /etc/ts-play/backup-recipients']))
  expect(shown(itemsOf(etcdBackup, { vars: { backupUnencrypted: true } })).filter(line => /package age|recipients/.test(line))).toEqual([])
})

test.each([['a word that is no key'], ['age1UPPER'], ['AGE-SECRET-KEY-1XYZ']])('%j is no recipient', given => {
  expect(() => itemsOf(etcdBackup, { vars: { backupRecipients: [given] } })).toThrow(/recipient/)
})

test.each([undefined, '/etc/ts-play/backup-recipients'])('the program can be read by a POSIX shell (recipients: %s)', recipientsFile => {
  const script = backupScript({ folder: '/var/backups/here', keep: 3, recipientsFile, clusterName: 'lab', topology: 'stacked' })
  expect(syntaxError(script)).toBeUndefined()
  expect(script.includes('age -R ')).toBe(recipientsFile !== undefined)
})

test('a host without an etcd of a control plane is left out', () => {
  const skip = (files: readonly string[]) => etcdBackup.body.skip?.({ host: { name: 'h', address: '' }, vars: {}, facts: { evidence: { files } }, inputs: {} })
  expect(skip([])).toBe('no etcd of a control plane runs here')
  expect(skip(['manifests/etcd.yaml'])).toBeUndefined()
})

const s3 = { to: 's3', endpoint: 'https://s3.example.org', bucket: 'backups', accessKeyId: 'ME', secretAccessKey: 'sesame' }

test('with a storage its login is a file of root’s, and the program uploads without knowing it', () => {
  const items = itemsOf(etcdBackup, { vars: { backupRecipients: [recipient], backupStore: s3 } })
  expect(specOf(items, 'file', '/etc/ts-play/backup-s3.conf')).toMatchObject({ mode: 0o600, owner: 'root', group: 'root' })
  const program = plain(specOf(items, 'file', '/usr/local/sbin/ts-play-etcd-backup')['content'])
  expect(syntaxError(program)).toBeUndefined()
  expect(program).toMatch(/s3_put "\$folder\/\$name" "\$name"/)
  expect(program).not.toMatch(/sesame/)
})

test('copies are taken away by us, or by the bucket’s own rules', () => {
  const program = (keep: unknown) => plain(specOf(itemsOf(etcdBackup, { vars: { backupRecipients: [recipient], backupStore: { ...s3, keep } } }), 'file', '/usr/local/sbin/ts-play-etcd-backup')['content'])
  expect(program(7)).toMatch(/tail -n \+8 \| while read -r old; do s3_delete/)
  expect(program('lifecycle')).not.toMatch(/do s3_delete/)
})

describe('what a host offers', () => {
  const sum = 'a'.repeat(64)
  test('is read word by word', () => {
    expect(offered('cp1', '/b', `etcd-cp1-20261123T063419Z.tar.age\n123\n${sum}  -\n`)).toEqual({ path: '/b/etcd-cp1-20261123T063419Z.tar.age', stamp: '20261123T063419Z', encrypted: true, size: 123, sha256: sum })
  })
  test.each([
    ['nothing', ''],
    ['a path', `../../etcd-cp1-20261123T063419Z.tar.age\n123\n${sum}  -`],
    ['a size that is none', `etcd-cp1-20261123T063419Z.tar.age\n-1\n${sum}  -`],
    ['a sum that is none', 'etcd-cp1-20261123T063419Z.tar.age\n1\nabc  -'],
  ])('%s is refused', (_, said) => {
    expect(() => offered('cp1', '/b', said)).toThrow(/cp1 has no backup in \/b, or says what cannot be one/)
  })
})

test('what could open the storage goes when backups go elsewhere', () => {
  const items = itemsOf(etcdBackup, { vars: { backupRecipients: [recipient], backupStore: { to: 'controller', folder: '/b' } } })
  expect(specOf(items, 'file', '/etc/ts-play/backup-s3.conf')).toMatchObject({ state: 'absent' })
})

test('external etcd is asked with its own release, where no image of etcd is', () => {
  const sha256 = 'c'.repeat(64)
  const items = itemsOf(etcdBackup, { vars: { backupRecipients: [recipient], etcd: { topology: 'external', release: { from: 'file', file: '/e', sha256 } } }, inputs: { release: { from: 'file', path: '/e', sha256 } } })
  expect(refusals(items)).toEqual([])
  expect(shown(items)).toEqual(expect.arrayContaining(['copy /usr/local/lib/etcd/release.tar.gz', 'symlink /usr/local/lib/ts-play/etcd/etcdctl']))
  const program = plain(specOf(items, 'file', '/usr/local/sbin/ts-play-etcd-backup')['content'])
  expect(syntaxError(program)).toBeUndefined()
  expect(program).toMatch(/--cert=\/etc\/kubernetes\/etcd-client\/client.crt/)
})
