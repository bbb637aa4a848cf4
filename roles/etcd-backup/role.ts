import { assert, command, directory, file, pkg, role, service, sh, systemdUnit } from 'ts-play'
import { etcdTopology } from '../kubernetes/etcd-topology.ts'
import { evidence } from '../kubernetes/evidence.ts'
import { installEtcdTools } from '../kubernetes/etcd-tools.ts'
import { clusterName } from '../kubernetes/variables.ts'
import { backupScript } from './script.ts'
import { backupService, backupTimer } from './units.ts'
import { backupVars } from './variables.ts'

const program = '/usr/local/sbin/ts-play-etcd-backup'
const recipientsFile = '/etc/ts-play/backup-recipients'


/**
 * Backups of etcd and of what it is useless without, on every control plane, by a timer: verified, encrypted for people and not for machines, and rotated.
 * A run takes one at once where the newest is too old, so that "the timer runs" is never all that is known.
 */
export const etcdBackup = role('etcd-backup', {
  vars: { ...backupVars, clusterName, etcd: etcdTopology },
  facts: { evidence },
  skip: ({ facts }) => (facts.evidence.files.some(file => ['manifests/etcd.yaml', 'manifests/kube-apiserver.yaml'].includes(file)) ? undefined : 'no etcd of a control plane runs here'),
  tasks: ({ host, vars }) => {
    const encrypted = vars.backupRecipients.length > 0
    const suffix = encrypted ? 'tar.age' : 'tar'
    return [
      assert({
        name: 'etcd runs on the control plane',
        that: vars.etcd.topology === 'stacked',
        message: `etcd of ${host.name} is on hosts of its own, and this role takes no backups of those`,
        remedy: 'on a host of the group etcd: etcdctl snapshot save, with the certificates of /etc/etcd/pki, beside a copy of /etc/kubernetes/pki of a control plane',
      }),
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
      installEtcdTools(),
      file({ path: program, mode: 0o755, content: backupScript({ folder: vars.backupFolder, keep: vars.backupKeep, recipientsFile: encrypted ? recipientsFile : undefined, clusterName: vars.clusterName }) }),
      systemdUnit({ name: 'ts-play-etcd-backup.service', content: backupService(program) }),
      systemdUnit({ name: 'ts-play-etcd-backup.timer', content: backupTimer(vars.backupSchedule) }),
      service({ name: 'ts-play-etcd-backup.timer', state: 'running', enabled: true }),
      command({
        name: 'take a backup where the newest is too old',
        run: sh`systemctl start ts-play-etcd-backup.service || { journalctl -u ts-play-etcd-backup.service -n 20 --no-pager -o cat >&2; exit 1; }`,
        unless: sh`[ -n "$(find ${vars.backupFolder} -maxdepth 1 -name ${`etcd-*.${suffix}`} -mmin ${`-${vars.backupMaxAge}`})" ]`,
        timeout: 900_000,
      }),
    ]
  },
})
