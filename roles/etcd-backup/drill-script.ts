import { sh, type Command } from 'ts-play'
import { etcdTools } from '../kubernetes/etcd-tools.ts'

/** Where a drill does its work, and remembers the sum of the backup that passed last. */
export const drillFolder = '/var/lib/ts-play/drill'
export const drillPassed = `${drillFolder}/passed`

/** Ports on the loopback that no etcd of a cluster has. */
const CLIENT = 'http://127.0.0.1:12379'
const PEER = 'http://127.0.0.1:12380'

/** The newest whole backup of a host. */
export function newest(folder: string, suffix: string): Command {
  return sh`find ${folder} -maxdepth 1 -name ${`etcd-*.${suffix}`} | sort | tail -n 1`
}

/**
 * Restores a backup into a folder of its own and runs an etcd on it that only this host can reach: what cannot be read, is not whole, or does not hold the
 * cluster that it says it does, fails here and not on the day when it is needed. Everything is taken away again, also after a failure.
 *
 * @param bytes prints the backup, decrypted; the key is on stdin
 */
export function drillScript({ folder, suffix, bytes }: { folder: string; suffix: string; bytes: (file: Command) => Command }): Command {
  return sh`
    umask 077
    backup=$(${newest(folder, suffix)})
    [ -n "$backup" ] || { echo "no backup lies in "${folder} >&2; exit 1; }
    mkdir -p ${drillFolder}
    work=$(mktemp -d ${`${drillFolder}/.work.XXXXXX`})
    unit=ts-play-drill-\${work##*.}
    etcd() { ${etcdTools}/etcdctl --endpoints ${CLIENT} --command-timeout=20s "$@"; }
    clean() { systemctl stop "$unit" >/dev/null 2>&1 || true; rm -rf "$work"; }
    trap clean EXIT
    trap 'exit 130' HUP INT TERM
    cd "$work"
    ${bytes(sh`"$backup"`)} >tar
    tar -xf tar --no-same-owner
    rm tar
    (cd backup && sha256sum -c --quiet SHA256SUMS)
    ${etcdTools}/etcdutl snapshot restore backup/snapshot.db --data-dir "$work/data" >/dev/null
    systemd-run --quiet --collect --unit="$unit" --property=MemoryMax=4G ${etcdTools}/etcd --data-dir "$work/data" --listen-client-urls ${CLIENT} --advertise-client-urls ${CLIENT} \\
      --listen-peer-urls ${PEER} --initial-advertise-peer-urls ${PEER} --log-level error
    tries=0
    until etcd endpoint health >/dev/null 2>&1; do
      tries=$((tries + 1))
      [ "$tries" -le 60 ] || { echo 'the restored etcd did not get healthy in a minute' >&2; journalctl -u "$unit" -n 5 --no-pager -o cat >&2; exit 1; }
      sleep 1
    done
    uid=$(sed -n 's/^uid=//p' backup/about)
    etcd get /registry/namespaces/kube-system --print-value-only | grep -qaF -- "$uid" || { echo "the restored data is not of the cluster $uid that the backup says" >&2; exit 1; }
    keys=$(etcd get /registry --prefix --count-only --write-out=fields | sed -n 's/^"Count" : //p')
    [ "\${keys:-0}" -gt 0 ] || { echo 'the restored data holds nothing of Kubernetes' >&2; exit 1; }
    sha256sum <"$backup" | cut -d' ' -f1 >${`${drillPassed}.new`}
    mv ${`${drillPassed}.new`} ${drillPassed}`
}
