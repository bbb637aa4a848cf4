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

export interface Drill {
  /** Prints where the backup lies; nothing if there is none. */
  readonly find: Command
  /** What to say then. */
  readonly missing: string
  /** Prints the backup, decrypted; the key is on stdin. */
  readonly bytes: (file: Command) => Command
  /** Minutes: an older backup than this does not pass, however whole it is. */
  readonly maxAge: number
}

/**
 * Restores a backup into a folder of its own and runs an etcd on it that only this host can reach: what cannot be read, is not whole, is too old, or does not
 * hold the cluster that it says it does, to the last key, fails here and not on the day when it is needed. What was unpacked is taken away again, also after a failure.
 */
export function drillScript({ find, missing, bytes, maxAge }: Drill): Command {
  return sh`
    umask 077
    refuse() { echo "$*" >&2; exit 1; }
    backup=$(${find})
    [ -n "$backup" ] || refuse ${missing}
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
    about() { sed -n "s/^$1=//p" backup/about; }
    taken=$(about taken)
    at=$(date -u -d "$taken" +%s) || refuse 'the backup does not say when it was taken'
    age=$(($(date -u +%s) - at))
    [ "$age" -le ${maxAge * 60} ] || refuse "the newest backup was taken at $taken, $((age / 60)) minutes ago: more than "${maxAge}
    ${etcdTools}/etcdutl snapshot restore backup/snapshot.db --data-dir "$work/data" >/dev/null
    systemd-run --quiet --collect --unit="$unit" --property=MemoryMax=4G ${etcdTools}/etcd --data-dir "$work/data" --listen-client-urls ${CLIENT} --advertise-client-urls ${CLIENT} \\
      --listen-peer-urls ${PEER} --initial-advertise-peer-urls ${PEER} --log-level error
    tries=0
    until etcd endpoint health >/dev/null 2>&1; do
      tries=$((tries + 1))
      [ "$tries" -le 60 ] || { echo 'the restored etcd did not get healthy in a minute' >&2; journalctl -u "$unit" -n 5 --no-pager -o cat >&2; exit 1; }
      sleep 1
    done
    uid=$(about uid)
    [ -n "$uid" ] || refuse 'the backup does not say of which cluster it is'
    etcd get /registry/namespaces/kube-system --print-value-only | grep -qaF -- "$uid" || refuse "the restored data is not of the cluster $uid that the backup says"
    field() { sed -n "s/^\\"$1\\" : //p" | head -n 1; }
    wanted=$(about status | sed -n 's/.*"revision":\\([0-9]*\\).*/\\1/p')
    revision=$(etcd get / --limit 1 --keys-only --write-out=fields | field Revision)
    [ "$revision" = "$wanted" ] || refuse "the restored data is at revision $revision, and the backup says $wanted"
    keys=$(etcd get '' --prefix --count-only --write-out=fields | field Count)
    [ "\${keys:-0}" -gt 0 ] || refuse 'the restored data holds nothing'
    wanted=$(about keys)
    [ -z "$wanted" ] || [ "$keys" = "$wanted" ] || refuse "the restored data has $keys keys, and the cluster had $wanted"
    sha256sum <"$backup" | cut -d' ' -f1 >${`${drillPassed}.new`}
    mv ${`${drillPassed}.new`} ${drillPassed}`
}
