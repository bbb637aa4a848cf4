import { expect, test } from 'vitest'
import { backupScript } from '../../../roles/etcd-backup/script.ts'
import { etcdBackup } from '../../../roles/etcd-backup/role.ts'
import { itemsOf, refusals, shown } from '../support/tasks.ts'
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
  const script = backupScript({ folder: '/var/backups/here', keep: 3, recipientsFile, clusterName: 'lab' })
  expect(syntaxError(script)).toBeUndefined()
  expect(script.includes('| age -R ')).toBe(recipientsFile !== undefined)
})

test('a host without an etcd of a control plane is left out', () => {
  const skip = (files: readonly string[]) => etcdBackup.body.skip?.({ host: { name: 'h', address: '' }, vars: {}, facts: { evidence: { files } }, inputs: {} })
  expect(skip([])).toBe('no etcd of a control plane runs here')
  expect(skip(['manifests/etcd.yaml'])).toBeUndefined()
})
