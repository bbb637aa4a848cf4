import { raw, sh, type Command } from 'ts-play'
import type { BackupStore, StoreOf } from '../kubernetes/backup-store.ts'
import { s3Shell } from '../kubernetes/s3.ts'
import { etcdClientFiles } from '../kubernetes/etcd-client.ts'
import { etcdTools } from '../kubernetes/etcd-tools.ts'
import type { EtcdTopology } from '../kubernetes/etcd-topology.ts'

export interface BackupSettings {
  readonly folder: string
  /** How many of this host's backups are kept. */
  readonly keep: number
  /** age recipients; `undefined`: not encrypted. */
  readonly recipientsFile: string | undefined
  readonly clusterName: string
  readonly topology: EtcdTopology['topology']
  /** Where each backup is uploaded, once it lies here. */
  readonly s3?: StoreOf<'s3'> | undefined
}

/** In the folder of backups: the name of this host's newest that has a copy off the host, and on a second line where. */
export const storedMark = 'stored'

/** The second line: a copy in the storage that was chosen before is none in that which is chosen now. */
export function storedWhere(store: BackupStore): string {
  return store.to === 's3' ? `s3 ${store.endpoint}/${store.bucket}/${store.prefix}` : store.to
}

/**
 * The program that a timer runs. A backup is one file that appears under its name when it is whole, verified and encrypted, never before:
 *
 *     snapshot.db          of etcd, verified by etcdutl against the hash at its end
 *     pki/                 of /etc/kubernetes: without the same authorities nobody could talk to what is restored
 *     kubeadm-config.yaml  how the cluster was made
 *     about                when, where, and the identity and size of the cluster by which a restore is judged
 *     SHA256SUMS           of all of them
 *
 * @see https://etcd.io/docs/v3.6/op-guide/recovery/#snapshotting-the-keyspace
 */
export function backupScript({ folder, keep, recipientsFile, clusterName, topology, s3 }: BackupSettings): string {
  const suffix = recipientsFile === undefined ? 'tar' : 'tar.age'
  const wrap: Command = recipientsFile === undefined ? sh`mv "$work/tar" "$work/whole"` : sh`age -R ${recipientsFile} -o "$work/whole" "$work/tar"`
  return `#!/bin/sh\n# Made by ts-play (role etcd-backup): changes are lost.\n${sh`set -eu
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
folder=${folder}
mkdir -p "$folder"
find "$folder" -maxdepth 1 -name '.new.*' -mmin +60 -exec rm -rf {} +
work=$(mktemp -d "$folder/.new.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
mkdir "$work/backup"
cd "$work/backup"
${topology === 'stacked' ? ownMember : firstOfExternal}
etcdctl snapshot save snapshot.db >/dev/null
status=$(${etcdTools}/etcdutl snapshot status snapshot.db -w json)
# How many keys there are at the very revision of the snapshot; nothing, if that was compacted while a large one was taken.
revision=$(printf %s "$status" | sed -n 's/.*"revision":\\([0-9]*\\).*/\\1/p')
keys=$(etcdctl get '' --prefix --count-only --rev "$revision" -w fields | sed -n 's/^"Count" : //p')
cp -a /etc/kubernetes/pki pki
kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=10s get configmap -n kube-system kubeadm-config -o ${'jsonpath={.data.ClusterConfiguration}'} >kubeadm-config.yaml
uid=$(kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=10s get namespace kube-system -o ${'jsonpath={.metadata.uid}'})
{
  echo cluster=${clusterName}
  echo "host=$(uname -n)"
  echo "taken=$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  echo "uid=$uid"
  echo "image=$(cat ${etcdTools}/image)"
  echo "keys=$keys"
  echo "status=$status"
} >about
find . -type f ! -name SHA256SUMS -exec sha256sum {} + >SHA256SUMS
name="etcd-$(uname -n)-$(date -u +%Y%m%dT%H%M%SZ).${raw(suffix)}"
tar -C "$work" -czf "$work/tar" backup
${wrap}
[ -s "$work/whole" ]
sync "$work/whole"
mv "$work/whole" "$folder/$name"
find "$folder" -maxdepth 1 -name 'etcd-*.tar*' | sort -r | tail -n +${keep + 1} | while read -r old; do rm -f "$old"; done
echo "$name"
${s3 === undefined ? sh`` : upload(s3, folder, clusterName)}`.text}`
}

const pki = '/etc/kubernetes/pki/etcd'

const ownMember = sh`endpoint=https://127.0.0.1:2379
${etcdctl({ caFile: `${pki}/ca.crt`, certFile: `${pki}/healthcheck-client.crt`, keyFile: `${pki}/healthcheck-client.key` })}`

/** The first that is well, of those that kube-apiserver knows today: members come and go, and a snapshot is of one. While they elect a leader none is. */
const firstOfExternal = sh`${etcdctl(etcdClientFiles)}
well=
for round in 1 2 3; do
  for endpoint in $(sed -n 's/^ *- --etcd-servers=//p' /etc/kubernetes/manifests/kube-apiserver.yaml | tr , ' '); do
    if etcdctl endpoint health --command-timeout=5s >/dev/null 2>&1; then well=yes; break 2; fi
  done
  sleep "$round"0
done
[ -n "$well" ] || { echo 'no member of etcd that kube-apiserver knows is well' >&2; exit 1; }`

function etcdctl({ caFile, certFile, keyFile }: Readonly<Record<keyof typeof etcdClientFiles, string>>): Command {
  return sh`etcdctl() { ${etcdTools}/etcdctl --endpoints="$endpoint" --cacert=${caFile} --cert=${certFile} --key=${keyFile} --command-timeout=10m "$@"; }`
}

/** Copies what was taken off the host, and takes this host's oldest copies away. What is still here is marked as stored only when the storage has all of it. */
function upload(store: StoreOf<'s3'>, folder: string, clusterName: string): Command {
  const rotate = store.keep === 'lifecycle' ? sh`` : sh`
own="etcd-$(uname -n)-"
s3_list >"$work/stored"
awk -v own="$own" 'index($0, own) == 1 && substr($0, length(own) + 1) ~ /^[0-9]+T[0-9]+Z\\.tar(\\.age)?$/' "$work/stored" | sort -r | tail -n +${store.keep + 1} | while read -r old; do s3_delete "$old"; done`
  return sh`${s3Shell(store, clusterName)}
export TMPDIR="$work"
s3_put "$folder/$name" "$name"
printf '%s\\n' "$name" ${storedWhere(store)} >"$work/mark"
mv "$work/mark" ${`${folder}/${storedMark}`}${rotate}
echo "stored in bucket "${store.bucket}
`
}
