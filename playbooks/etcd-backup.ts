import { groups, play, playbook } from 'ts-play'
import { etcdBackup } from '../roles/etcd-backup/role.ts'

/** Backups of etcd by a timer on every control plane: verified, encrypted, rotated; and one at once where the newest is too old. */
const { masters } = groups('masters')

export default playbook('etcd-backup', [play(etcdBackup, { hosts: masters, become: true })])
