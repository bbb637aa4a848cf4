import { expect, test } from 'vitest'
import { parseContents, progress } from '../../../roles/etcd-restore/facts.ts'
import { halt } from '../../../roles/etcd-restore/halt.ts'
import { unpack } from '../../../roles/etcd-restore/unpack.ts'
import { itemsOf, refusals, shown } from '../support/tasks.ts'

const member = (name: string) => ({ name, address: '10.0.0.1', vars: {} })
const unpacking = (vars: Readonly<Record<string, unknown>>, controlPlanes = 3, inputs: Readonly<Record<string, unknown>> = {}) => itemsOf(unpack, { vars, facts: { nodeName: 'm1' }, inputs: { controlPlanes: Array.from({ length: controlPlanes }, (_, index) => member(`m${index + 1}`)), ...inputs } })

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
