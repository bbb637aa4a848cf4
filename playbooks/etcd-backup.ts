import { controller, groups, play, playbook } from 'ts-play'
import { backupMark } from '../roles/backup-collection/mark.ts'
import { backupCollection } from '../roles/backup-collection/role.ts'
import { etcdBackup } from '../roles/etcd-backup/role.ts'
import { etcdRelease } from '../roles/external-etcd/release.ts'

/**
 * Backups of etcd by a timer on every control plane: verified, encrypted, rotated; and one at once where the newest is too old. Copies leave the hosts as
 * `backupStore` says: to S3 by the timer itself, or to the controller by this playbook, whenever it runs.
 */
const { masters } = groups('masters')

const archive = play(etcdRelease, { hosts: controller })
const taken = play(etcdBackup, { hosts: masters, with: { release: archive.outputs.release.first }, become: true })
const collected = play(backupCollection, { hosts: controller, with: { offers: taken.outputs.offer.reachable } })
const told = play(backupMark, { hosts: masters, with: { stored: collected.outputs.stored.first }, become: true })

export default playbook('etcd-backup', [archive, taken, collected, told])
