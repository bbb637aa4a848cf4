import { groups, play, playbook, union } from 'ts-play'
import { etcdDefrag } from '../roles/etcd-defrag/role.ts'

/** Gives back what etcd has freed inside its files, one member at a time, stacked or external. */
const { etcd, masters } = groups('etcd?', 'masters')

export default playbook('etcd-defrag', [play(etcdDefrag, { hosts: union(etcd, masters), serial: 1, anyErrorsFatal: true, become: true })])
