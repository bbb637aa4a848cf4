import { assert, command, directory, Members, optional, pkg, report, role, sh, stage, waitFor, type Command, type Item } from 'ts-play'
import { bringLocal, bringRemote } from '../backup-choice/bring.ts'
import { wanted } from '../backup-choice/variables.ts'
import { etcdToolsFor } from '../external-etcd/tools.ts'
import { askEtcd, askExternalEtcd } from '../kubernetes/etcd-health.ts'
import { etcdTools } from '../kubernetes/etcd-tools.ts'
import { nodeName } from '../kubernetes/node-name.ts'
import { EtcdPeer, EtcdRelease, LocalBackup, RemoteBackup, StagedBackup } from '../outputs.ts'
import { contents } from './facts.ts'
import { unlessMember } from './members.ts'
import { restoreVars } from './variables.ts'
import { workplace } from './workplace.ts'

/**
 * Brings a backup to every member of etcd and looks into it, before anything stands still: that it can be read, is whole, and is of this very cluster.
 * Whether what was written after it may be lost is asked here too, so that nothing stops while another host refuses.
 */
export const unpack = role('etcd-restore-unpack', {
  tags: ['etcd-restore'],
  vars: restoreVars,
  facts: { nodeName },
  inputs: { controlPlanes: Members, etcdHosts: Members, local: optional(LocalBackup), remote: optional(RemoteBackup), release: optional(EtcdRelease) },
  skip: ({ host, vars, inputs }) => unlessMember(host.name, vars.etcd, inputs.etcdHosts),
  neededWhen: { release: ({ vars }) => vars.etcd.topology === 'external', local: ({ vars }) => wanted(vars) === 'local', remote: ({ vars }) => wanted(vars) === 'remote' },
  outputs: { peer: EtcdPeer, staged: StagedBackup },
  tasks: ({ host, vars, inputs }) => {
    const chosen = inputs.local ?? inputs.remote
    const encrypted = chosen?.name.endsWith('.age') === true
    const external = vars.etcd.topology === 'external'
    const members = external ? inputs.etcdHosts : inputs.controlPlanes
    const kind = external ? 'host of etcd' : 'control plane'
    return [
      assert({
        name: 'there is something to restore from',
        that: vars.restoreFrom !== undefined || members.length === 1,
        message: `no backup was given, and the inventory has ${members.length} ${external ? 'hosts of etcd' : 'control planes'}: whose data should it be?`,
        remedy: `set restoreFrom to a backup on the controller; or leave in the inventory only the ${kind} whose data is left`,
      }),
      assert({
        name: 'the backup lies somewhere',
        that: wanted(vars) !== 'nowhere',
        message: `restoreFrom is ${vars.restoreFrom}, and no backupStore is set where that could be`,
        remedy: 'set backupStore, or restoreFrom to a path on the controller',
      }),
      assert({
        name: 'the backup can be decrypted',
        that: !encrypted || vars.restoreIdentity !== undefined,
        message: `${chosen?.source} is encrypted, and there is no key`,
        remedy: 'set restoreIdentity to the private half of one of its recipients: !file ~/backup.key',
      }),
      directory({ path: '/var/lib/ts-play', mode: 0o700 }),
      directory({ path: workplace.folder, mode: 0o700 }),
      ...(encrypted ? [pkg({ name: ['age'] })] : []),
      ...(external ? [etcdIsSetUp] : []),
      ...etcdToolsFor(vars.etcd, inputs.release),
      ...(chosen === undefined ? [ownSnapshot(vars.etcdDataDirectory, external ? askExternalEtcd : askEtcd)] : [
        ...(inputs.local === undefined ? bringRemote(chosen, workplace, vars) : [bringLocal(chosen, workplace)]),
        command({
          name: 'unpack and verify the backup',
          run: unpackFrom(encrypted ? sh`age -d -i - ${workplace.whole}` : sh`cat ${workplace.whole}`),
          ...(encrypted && vars.restoreIdentity ? { stdin: vars.restoreIdentity } : {}),
          unless: sh`[ -s ${workplace.whole} ] && [ "$(cat ${workplace.staged})" = "$(sha256sum <${workplace.whole} | cut -d' ' -f1)" ]`,
        }),
      ]),
      stage({ facts: { contents } }, ({ facts }): Item[] => [
        ...(facts.contents.taken === '' ? [] : [report({ title: `Backup on ${host.name}`, columns: ['taken', 'on', 'revision', 'keys'], rows: [[facts.contents.taken, facts.contents.host, String(facts.contents.revision), String(facts.contents.keys)]] })]),
        assert({
          name: 'the backup is of this cluster',
          that: facts.contents.authority !== 'other',
          message: `the certificate authority in the backup is not that of ${host.name}: it is of another cluster, or of this one before it was made anew`,
          remedy: 'give a backup of this cluster; to bring back another cluster, put its pki/ in place first',
        }),
        command({
          name: 'give up what was written after the backup',
          run: sh`cp ${workplace.staged} ${workplace.agreed}`,
          unless: sh`[ ! -e ${workplace.staged} ] || cmp -s ${workplace.staged} ${workplace.agreed} || cmp -s ${workplace.staged} ${workplace.done}`,
          destroys: { what: `what etcd on ${host.name} holds beyond the backup`, because: `it goes back to ${facts.contents.taken || 'the backup'}` },
        }),
      ]),
    ]
  },
  produce: {
    peer: ({ host, facts, vars }) => ({ name: facts.nodeName, url: `https://${vars.nodeAddress ?? host.address}:2380` }),
    staged: async ({ on }) => parseStaged(await on.query(sh`
    echo "sum=$(cat ${workplace.staged} 2>/dev/null)"
    for state in placed restored; do
      case $state in placed) mark=${workplace.placed} ;; *) mark=${workplace.done} ;; esac
      if cmp -s ${workplace.staged} "$mark"; then echo "$state=yes"; fi
    done
    if [ -s ${`${workplace.backup}/pki/ca.crt`} ]; then echo "authority=$(sha256sum <${`${workplace.backup}/pki/ca.crt`})"; fi`)),
  },
})

export function parseStaged(stdout: string): StagedBackup {
  const of = (key: string): string => new RegExp(`^${key}=([0-9a-f]{64})`, 'm').exec(stdout)?.[1] ?? ''
  const state = (['restored', 'placed'] as const).find(each => stdout.split('\n').includes(`${each}=yes`)) ?? 'unpacked'
  return { sum: of('sum'), authority: of('authority'), state }
}

/** Said before anything stops: a host that is new has no unit that could run what is restored. */
const etcdIsSetUp = waitFor({
  name: 'etcd is set up here',
  until: sh`[ -s /etc/systemd/system/etcd.service ] || { echo 'there is no etcd of ours here: run playbooks/ha.ts first, which sets up hosts that are new' >&2; exit 1; }`,
  timeout: 1000,
})

function unpackFrom(bytes: Command): Command {
  return sh`
    cd ${workplace.folder}
    rm -rf backup staged
    umask 077
    # In clear, with the keys of the cluster: it goes whatever happens.
    trap 'rm -f '${`${workplace.folder}/tar`} EXIT
    trap 'exit 130' HUP INT TERM
    ${bytes} >tar
    tar -xf tar --no-same-owner
    cd backup
    sha256sum -c --quiet SHA256SUMS
    ${etcdTools}/etcdutl snapshot status snapshot.db >/dev/null
    sha256sum <${workplace.whole} | cut -d' ' -f1 >${workplace.staged}`
}

const withoutHash = `${workplace.backup}/without-hash`

/**
 * What is left of a majority: the database of the one member that lives, or died last. It has no hash at its end, so etcdutl is told not to look for one.
 * A member that has its majority needs no rescue.
 */
function ownSnapshot(dataDirectory: string, ask: Command): Item {
  return command({
    name: 'take what this member holds',
    run: sh`
    umask 077
    mkdir -p ${workplace.backup}
    cp ${`${dataDirectory}/member/snap/db`} ${`${workplace.backup}/snapshot.db`}
    printf 'taken=%s\\nhost=%s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(uname -n)" >${`${workplace.backup}/about`}
    : >${withoutHash}
    sha256sum <${`${workplace.backup}/snapshot.db`} | cut -d' ' -f1 >${workplace.staged}`,
    unless: sh`[ -e ${withoutHash} ] || ${ask} https://127.0.0.1:2379/health | grep -q '"health":"true"'`,
  })
}
