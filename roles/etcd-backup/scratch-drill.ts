import { assert, command, copy, directory, optional, pkg, role, sh, z, type Item } from 'ts-play'
import { bringLocal, bringRemote } from '../backup-choice/bring.ts'
import { etcdToolsFor } from '../external-etcd/tools.ts'
import { parseBackupName } from '../kubernetes/backup-name.ts'
import { backupStore } from '../kubernetes/backup-store.ts'
import { etcdTools } from '../kubernetes/etcd-tools.ts'
import { etcdTopology } from '../kubernetes/etcd-topology.ts'
import { evidence } from '../kubernetes/evidence.ts'
import { clusterName, restoreIdentity } from '../kubernetes/variables.ts'
import { EtcdRelease, LocalBackup, RemoteBackup } from '../outputs.ts'
import { drillFolder, drillPassed, drillScript } from './drill-script.ts'
import { drillMaxAge } from './variables.ts'

const whole = `${drillFolder}/whole`

/**
 * Proves that what lies off the cluster's hosts is enough: the newest backup of the store is restored on a machine that has never been part of the cluster, which
 * may be gone meanwhile. The backup stays there as it came, so that one that has passed is not restored again.
 */
export const scratchDrill = role('scratch-drill', {
  tags: ['restore-drill'],
  vars: {
    backupStore,
    clusterName,
    restoreIdentity,
    drillMaxAge,
    drillTools: z.string().startsWith('/').optional().describe('Folder on the controller with etcd, etcdctl and etcdutl of the cluster’s version, as etcd’s releases have them; default: those of `etcd.release`'),
    etcd: etcdTopology,
  },
  facts: { evidence },
  inputs: { local: optional(LocalBackup), remote: optional(RemoteBackup), release: optional(EtcdRelease) },
  neededWhen: {
    local: ({ vars }) => vars.backupStore?.to === 'controller',
    remote: ({ vars }) => vars.backupStore?.to === 's3',
    release: ({ vars }) => vars.etcd.topology === 'external' && vars.drillTools === undefined,
  },
  tasks: ({ host, vars, facts, inputs }) => {
    const chosen = inputs.local ?? inputs.remote
    const backup = chosen && parseBackupName(chosen.name)
    const encrypted = backup?.encrypted === true
    return [
      assert({ name: 'there is a store', that: chosen !== undefined, message: 'no backupStore is set: nothing outlives the cluster’s hosts', remedy: 'set backupStore, and run playbooks/etcd-backup.ts' }),
      assert({ name: `${host.name} is no part of a cluster`, that: facts.evidence.files.length === 0, message: `${host.name} is: ${facts.evidence.files.join(', ')}`, remedy: 'put a machine into the group drill that is nothing else' }),
      assert({ name: 'etcd’s programs are on hand', that: vars.drillTools !== undefined || inputs.release !== undefined, message: 'there is no etcd to restore with', remedy: 'set drillTools to a folder on the controller with etcd, etcdctl and etcdutl' }),
      assert({ name: 'the backup can be decrypted', that: !encrypted || vars.restoreIdentity !== undefined, message: `${chosen?.name} is encrypted, and there is no key`, remedy: 'set restoreIdentity to the private half of one of backupRecipients: !file ~/backup.key' }),
      ...(chosen === undefined || backup === undefined ? [] : [
        ...(encrypted ? [pkg({ name: ['age'] })] : []),
        directory({ path: '/var/lib/ts-play', mode: 0o700 }),
        directory({ path: drillFolder, mode: 0o700 }),
        ...(vars.drillTools === undefined ? etcdToolsFor(vars.etcd, inputs.release) : broughtTools(vars.drillTools)),
        ...(inputs.local === undefined ? bringRemote(chosen, { whole, name: `${drillFolder}/name` }, vars) : [bringLocal(chosen, { whole, name: `${drillFolder}/name` })]),
        command({
          name: `restore ${backup.name} of the store`,
          run: drillScript({ find: sh`echo ${whole}`, missing: '', bytes: given => (encrypted ? sh`age -d -i - ${given}` : sh`cat ${given}`), maxAge: vars.drillMaxAge }),
          ...(encrypted && vars.restoreIdentity ? { stdin: vars.restoreIdentity } : {}),
          unless: sh`[ "$(date -u +%s)" -le ${backup.taken + vars.drillMaxAge * 60} ] && [ "$(sha256sum <${whole} | cut -d' ' -f1)" = "$(cat ${drillPassed})" ]`,
        }),
      ]),
    ]
  },
})

function broughtTools(folder: string): Item[] {
  return [
    command({ name: `make ${etcdTools}`, run: sh`mkdir -p ${etcdTools}`, creates: etcdTools }),
    ...['etcd', 'etcdctl', 'etcdutl'].map(tool => copy({ source: `${folder}/${tool}`, path: `${etcdTools}/${tool}`, mode: 0o755 })),
  ]
}
