import { assert, command, optional, pkg, role, sh } from 'ts-play'
import { etcdToolsFor } from '../external-etcd/tools.ts'
import { etcdTopology } from '../kubernetes/etcd-topology.ts'
import { evidence } from '../kubernetes/evidence.ts'
import { restoreIdentity } from '../kubernetes/variables.ts'
import { EtcdRelease } from '../outputs.ts'
import { drillPassed, drillScript, newest } from './drill-script.ts'
import { backupFolder, backupVars, drillMaxAge } from './variables.ts'

/**
 * Proves that the newest backup of a control plane can be restored, on that control plane and beside the etcd that runs: a backup that was never restored
 * is a hope. Nothing of the cluster is touched. A backup that has passed is not restored again.
 */
export const restoreDrill = role('restore-drill', {
  vars: {
    backupFolder,
    backupRecipients: backupVars.backupRecipients,
    restoreIdentity,
    drillMaxAge,
    etcd: etcdTopology,
  },
  facts: { evidence },
  inputs: { release: optional(EtcdRelease) },
  neededWhen: { release: ({ vars }) => vars.etcd.topology === 'external' },
  skip: ({ facts }) => (facts.evidence.files.some(file => ['manifests/etcd.yaml', 'manifests/kube-apiserver.yaml'].includes(file)) ? undefined : 'no control plane is here'),
  tasks: ({ vars, inputs }) => {
    const encrypted = vars.backupRecipients.length > 0
    const suffix = encrypted ? 'tar.age' : 'tar'
    return [
      assert({
        name: 'the backup can be decrypted',
        that: !encrypted || vars.restoreIdentity !== undefined,
        message: 'the backups are encrypted, and there is no key',
        remedy: 'set restoreIdentity to the private half of one of backupRecipients: !file ~/backup.key',
      }),
      ...(encrypted ? [pkg({ name: ['age'] })] : []),
      ...etcdToolsFor(vars.etcd, inputs.release),
      command({
        name: 'restore the newest backup beside the cluster',
        run: drillScript({ find: newest(vars.backupFolder, suffix), missing: `no backup lies in ${vars.backupFolder}`, bytes: file => (encrypted ? sh`age -d -i - ${file}` : sh`cat ${file}`), maxAge: vars.drillMaxAge }),
        ...(vars.restoreIdentity ? { stdin: vars.restoreIdentity } : {}),
        unless: sh`newest=$(${newest(vars.backupFolder, suffix)}); [ -n "$newest" ] && [ -n "$(find "$newest" -mmin ${`-${vars.drillMaxAge}`})" ] && [ "$(sha256sum <"$newest" | cut -d' ' -f1)" = "$(cat ${drillPassed})" ]`,
      }),
    ]
  },
})
