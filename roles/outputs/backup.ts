import { output } from 'ts-play'
import { either } from './either.ts'

/** The newest backup of a control plane, as it lies there. */
export interface BackupOffer {
  readonly path: string
  /** When it was taken: 20261123T063419Z. */
  readonly stamp: string
  readonly encrypted: boolean
  readonly size: number
  readonly sha256: string
}
export const BackupOffer = output('backup-offer', (seed): BackupOffer => ({
  path: `/var/backups/${seed}`, stamp: either(seed, '20260101T000000Z', '20260102T000000Z'), encrypted: either(seed, true, false), size: either(seed, 1, 2), sha256: either(seed, '0', '1').repeat(64),
}))

/** Names of the backups that lie in a store. */
export interface StoredBackups {
  readonly names: readonly string[]
}
export const StoredBackups = output('stored-backups', (seed): StoredBackups => ({ names: [`etcd-${seed}-20260101T000000Z.tar.age`] }))

/** A backup that was chosen: where it lies on the controller, or its name in the storage. */
export interface ChosenBackup {
  readonly source: string
  readonly name: string
}
export const LocalBackup = output('local-backup', (seed): ChosenBackup => ({ source: `/var/backups/etcd-${seed}-20260101T000000Z.tar.age`, name: `etcd-${seed}-20260101T000000Z.tar.age` }))
export const RemoteBackup = output('remote-backup', (seed): ChosenBackup => ({ source: `${seed}/etcd-${seed}-20260101T000000Z.tar.age`, name: `etcd-${seed}-20260101T000000Z.tar.age` }))
