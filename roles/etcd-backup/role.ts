import { assert, command, directory, file, optional, pkg, role, service, sh, systemdUnit } from 'ts-play'
import { etcdToolsFor } from '../external-etcd/tools.ts'
import { etcdTopology } from '../kubernetes/etcd-topology.ts'
import { parseBackupName } from '../kubernetes/backup-name.ts'
import { backupStore } from '../kubernetes/backup-store.ts'
import { evidence } from '../kubernetes/evidence.ts'
import { s3Access, withoutS3Access } from '../kubernetes/s3.ts'
import { clusterName } from '../kubernetes/variables.ts'
import { BackupOffer, EtcdRelease } from '../outputs.ts'
import { backupScript, storedMark, storedWhere } from './script.ts'
import { backupService, backupTimer } from './units.ts'
import { backupVars } from './variables.ts'

const program = '/usr/local/sbin/ts-play-etcd-backup'
const recipientsFile = '/etc/ts-play/backup-recipients'

/**
 * Backups of etcd and of what it is useless without, on every control plane, by a timer: verified, encrypted for people and not for machines, and rotated. External
 * etcd is asked for its snapshot over the network: only control planes have the authorities that belong to it.
 *
 * A run takes one at once where the newest is too old, so that "the timer runs" is never all that is known. With
 * `backupStore: { to: s3 }` the timer also uploads what it took; for `controller` the output tells the playbook what there is to bring.
 */
export const etcdBackup = role('etcd-backup', {
  vars: { ...backupVars, clusterName, etcd: etcdTopology, backupStore },
  facts: { evidence },
  inputs: { release: optional(EtcdRelease) },
  outputs: { offer: BackupOffer },
  neededWhen: { release: ({ vars }) => vars.etcd.topology === 'external' },
  skip: ({ facts }) => (facts.evidence.files.some(file => ['manifests/etcd.yaml', 'manifests/kube-apiserver.yaml'].includes(file)) ? undefined : 'no etcd of a control plane runs here'),
  tasks: ({ host, vars, inputs }) => {
    const encrypted = vars.backupRecipients.length > 0
    const suffix = encrypted ? 'tar.age' : 'tar'
    const s3 = vars.backupStore?.to === 's3' ? vars.backupStore : undefined
    const young = sh`-mmin ${`-${vars.backupMaxAge}`}`
    return [
      assert({
        name: 'a backup can be read by few',
        that: encrypted || vars.backupUnencrypted,
        message: `backups of ${host.name} would hold the keys of the cluster in clear`,
        remedy: 'set backupRecipients (age-keygen makes a pair; keep the private half away from the cluster), or backupUnencrypted: true',
      }),
      ...(encrypted ? [pkg({ name: ['age'] })] : []),
      directory({ path: '/etc/ts-play', mode: 0o755 }),
      directory({ path: vars.backupFolder, mode: 0o700 }),
      ...(encrypted ? [file({ path: recipientsFile, content: `${vars.backupRecipients.join('\n')}\n` })] : []),
      ...(s3 === undefined ? [withoutS3Access()] : s3Access(s3)),
      ...etcdToolsFor(vars.etcd, inputs.release),
      file({ path: program, mode: 0o755, content: backupScript({ folder: vars.backupFolder, keep: vars.backupKeep, recipientsFile: encrypted ? recipientsFile : undefined, clusterName: vars.clusterName, topology: vars.etcd.topology, s3 }) }),
      systemdUnit({ name: 'ts-play-etcd-backup.service', content: backupService(program) }),
      systemdUnit({ name: 'ts-play-etcd-backup.timer', content: backupTimer(vars.backupSchedule) }),
      service({ name: 'ts-play-etcd-backup.timer', state: 'running', enabled: true }),
      command({
        name: 'take a backup where the newest is too old',
        run: sh`systemctl start ts-play-etcd-backup.service || { timeout 5 journalctl -q --sync >/dev/null 2>&1; journalctl -u ts-play-etcd-backup.service -n 20 --no-pager -o cat >&2; exit 1; }`,
        // What failed last time is tried again: somebody may have mended what was in its way.
        unless: sh`! systemctl is-failed --quiet ts-play-etcd-backup.service && [ -n "$(find ${vars.backupFolder} -maxdepth 1 -name ${`etcd-*.${suffix}`} ${young})" ]${s3 === undefined ? sh`` : sh` && [ -n "$(find ${`${vars.backupFolder}/${storedMark}`} ${young})" ] && grep -qxF ${storedWhere(s3)} ${`${vars.backupFolder}/${storedMark}`}`}`,
        timeout: 900_000,
      }),
    ]
  },
  produce: {
    offer: async ({ host, vars, on }) => offered(host.name, vars.backupFolder, await on.query(sh`
    cd ${vars.backupFolder}
    newest=$(find . -maxdepth 1 -name 'etcd-*.tar*' | sed 's|.*/||' | sort | tail -n 1)
    [ -n "$newest" ] || exit 0
    echo "$newest"
    wc -c <"$newest"
    sha256sum <"$newest"`)),
  },
})

/** What a host says that it has. Of its words only the time reaches a path: whoever owns the host must not choose what is written where. */
export function offered(host: string, folder: string, said: string): BackupOffer {
  const [name = '', size = '', sum = ''] = said.split('\n').map(line => line.trim())
  const parsed = parseBackupName(name)
  const sha256 = /^([0-9a-f]{64}) /.exec(sum)?.[1]
  if (parsed === undefined || sha256 === undefined || !/^\d{1,15}$/.test(size)) throw new Error(`${host} has no backup in ${folder}, or says what cannot be one: ${JSON.stringify(said.slice(0, 200))}`)
  return { path: `${folder}/${parsed.name}`, stamp: parsed.stamp, encrypted: parsed.encrypted, size: Number(size), sha256 }
}
