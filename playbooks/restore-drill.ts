import { groups, play, playbook } from 'ts-play'
import { restoreDrill } from '../roles/etcd-backup/drill.ts'

/** Proves that the newest backup of each control plane restores, one after another, beside the cluster that runs. */
const { masters } = groups('masters')

export default playbook('restore-drill', [play(restoreDrill, { hosts: masters, serial: 1, become: true })])
