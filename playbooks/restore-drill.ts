import { controller, groups, play, playbook } from 'ts-play'
import { newestLocalBackup } from '../roles/backup-choice/local.ts'
import { newestRemoteBackup } from '../roles/backup-choice/remote.ts'
import { restoreDrill } from '../roles/etcd-backup/drill.ts'
import { scratchDrill } from '../roles/etcd-backup/scratch-drill.ts'
import { etcdRelease } from '../roles/external-etcd/release.ts'

/**
 * Proves that the newest backup restores: of each control plane, one after another, beside the cluster that runs; and, where the inventory has a group `drill`,
 * of the `backupStore`, on a machine that has nothing to do with the cluster. For that alone, as when the cluster is down: `--limit drill`.
 */
const { masters, drill } = groups('masters', 'drill?')

const archive = play(etcdRelease, { hosts: controller })
const beside = play(restoreDrill, { hosts: masters, with: { release: archive.outputs.release.first }, serial: 1, become: true })
const local = play(newestLocalBackup, { hosts: controller })
const remote = play(newestRemoteBackup, { hosts: drill, become: true })
const scratch = play(scratchDrill, { hosts: drill, with: { local: local.outputs.backup.first, remote: remote.outputs.backup.first, release: archive.outputs.release.first }, become: true })

export default playbook('restore-drill', [archive, beside, local, remote, scratch])
