import { controller, groups, play, playbook, union } from 'ts-play'
import { localBackup } from '../roles/backup-choice/local.ts'
import { remoteBackup } from '../roles/backup-choice/remote.ts'
import { agree } from '../roles/etcd-restore/agree.ts'
import { halt, haltMember } from '../roles/etcd-restore/halt.ts'
import { place } from '../roles/etcd-restore/place.ts'
import { resume } from '../roles/etcd-restore/resume.ts'
import { startMember } from '../roles/etcd-restore/start.ts'
import { unpack } from '../roles/etcd-restore/unpack.ts'
import { etcdClient } from '../roles/external-etcd/client.ts'
import { etcdClients } from '../roles/external-etcd/clients.ts'
import { etcdRelease } from '../roles/external-etcd/release.ts'
import { etcdRequest } from '../roles/external-etcd/request.ts'
import { etcdSurvey } from '../roles/external-etcd/survey.ts'

/**
 * Takes the cluster back to a backup: all members of etcd at once, stacked or external, everything that talks to it stopped first. What was written after the backup
 * is lost, so each host with a member has to be named by --allow-destroy. The same backup is restored once; a run that was interrupted goes on.
 */
const { etcd, masters } = groups('etcd?', 'masters')
const etcdHosts = etcd.members

const archive = play(etcdRelease, { hosts: controller })
const local = play(localBackup, { hosts: controller })
const remote = play(remoteBackup, { hosts: union(masters, etcd), become: true })
const staged = play(unpack, {
  hosts: union(masters, etcd),
  with: { controlPlanes: masters.members, etcdHosts, local: local.outputs.backup.first, remote: remote.outputs.backup.first, release: archive.outputs.release.first },
  become: true,
})
const peers = staged.outputs.peer.byHost
const agreed = play(agree, { hosts: masters, with: { staged: staged.outputs.staged.reachable, controlPlanes: masters.members, etcdHosts }, after: [staged], become: true })
const stopped = play(halt, { hosts: masters, after: [staged, agreed], become: true })
const silent = play(haltMember, { hosts: etcd, after: [stopped], become: true })
const placed = play(place, { hosts: union(masters, etcd), with: { peers, etcdHosts }, after: [stopped, silent], become: true })
const started = play(startMember, { hosts: etcd, with: { etcdHosts }, after: [placed], become: true })

// Hosts of external etcd that are all new have a new authority: control planes are let in by it before their API servers come back.
const sighted = play(etcdSurvey, { hosts: etcd, after: [started], become: true })
const sightings = sighted.outputs.sighting.reachable
const requests = play(etcdRequest, { hosts: masters, after: [placed], become: true })
const signed = play(etcdClients, { hosts: etcd, with: { sightings, members: etcdHosts, requests: requests.outputs.request.reachable }, become: true })
const admitted = play(etcdClient, { hosts: masters, with: { clients: signed.outputs.clients.reachable, members: etcdHosts }, after: [started], become: true })
const running = play(resume, { hosts: masters, with: { peers }, after: [placed, admitted], become: true })

export default playbook('etcd-restore', [archive, local, remote, staged, agreed, stopped, silent, placed, started, sighted, requests, signed, admitted, running])
