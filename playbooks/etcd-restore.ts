import { controller, groups, play, playbook } from 'ts-play'
import { localBackup } from '../roles/backup-choice/local.ts'
import { remoteBackup } from '../roles/backup-choice/remote.ts'
import { halt } from '../roles/etcd-restore/halt.ts'
import { place } from '../roles/etcd-restore/place.ts'
import { resume } from '../roles/etcd-restore/resume.ts'
import { unpack } from '../roles/etcd-restore/unpack.ts'

/**
 * Takes the cluster back to a backup: all members of etcd at once, everything that talks to it stopped first. What was written after the backup is lost,
 * so each control plane has to be named by --allow-destroy. The same backup is restored once; a run that was interrupted goes on.
 */
const { masters } = groups('masters')

const local = play(localBackup, { hosts: controller })
const remote = play(remoteBackup, { hosts: masters, become: true })
const staged = play(unpack, { hosts: masters, with: { controlPlanes: masters.members, local: local.outputs.backup.first, remote: remote.outputs.backup.first }, become: true })
const peers = staged.outputs.peer.byHost
const stopped = play(halt, { hosts: masters, after: [staged], become: true })
const placed = play(place, { hosts: masters, with: { peers }, after: [stopped], become: true })
const running = play(resume, { hosts: masters, with: { peers }, after: [placed], become: true })

export default playbook('etcd-restore', [local, remote, staged, stopped, placed, running])
