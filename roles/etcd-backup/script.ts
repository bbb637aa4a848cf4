import { raw, sh, type Command } from 'ts-play'
import { etcdTools } from '../kubernetes/etcd-tools.ts'

export interface BackupSettings {
  readonly folder: string
  /** How many of this host's backups are kept. */
  readonly keep: number
  /** age recipients; `undefined`: not encrypted. */
  readonly recipientsFile: string | undefined
  readonly clusterName: string
}

/**
 * The program that a timer runs. A backup is one file that appears under its name when it is whole, verified and encrypted, never before:
 *
 *     snapshot.db          of etcd, verified by etcdutl against the hash at its end
 *     pki/                 of /etc/kubernetes: without the same authorities nobody could talk to what is restored
 *     kubeadm-config.yaml  how the cluster was made
 *     about                when, where, and the identity of the cluster by which a restore is judged
 *     SHA256SUMS           of all of them
 *
 * @see https://etcd.io/docs/v3.6/op-guide/recovery/#snapshotting-the-keyspace
 */
export function backupScript({ folder, keep, recipientsFile, clusterName }: BackupSettings): string {
  const suffix = recipientsFile === undefined ? 'tar' : 'tar.age'
  const wrap: Command = recipientsFile === undefined ? sh`cat` : sh`age -R ${recipientsFile}`
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
etcd=/etc/kubernetes/pki/etcd
${etcdTools}/etcdctl --endpoints=https://127.0.0.1:2379 --cacert="$etcd/ca.crt" --cert="$etcd/healthcheck-client.crt" --key="$etcd/healthcheck-client.key" --command-timeout=10m snapshot save snapshot.db >/dev/null
status=$(${etcdTools}/etcdutl snapshot status snapshot.db -w json)
cp -a /etc/kubernetes/pki pki
kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=10s get configmap -n kube-system kubeadm-config -o ${'jsonpath={.data.ClusterConfiguration}'} >kubeadm-config.yaml
{
  echo cluster=${clusterName}
  echo "host=$(uname -n)"
  echo "taken=$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  echo "uid=$(kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=10s get namespace kube-system -o ${'jsonpath={.metadata.uid}'})"
  echo "image=$(cat ${etcdTools}/image)"
  echo "status=$status"
} >about
find . -type f ! -name SHA256SUMS -exec sha256sum {} + >SHA256SUMS
name="etcd-$(uname -n)-$(date -u +%Y%m%dT%H%M%SZ).${raw(suffix)}"
tar -C "$work" -cf - backup | ${wrap} >"$work/whole"
[ -s "$work/whole" ]
sync "$work/whole"
mv "$work/whole" "$folder/$name"
find "$folder" -maxdepth 1 -name 'etcd-*.tar*' | sort -r | tail -n +${keep + 1} | while read -r old; do rm -f "$old"; done
echo "$name"
`.text}`
}
