import { command, sh, type Task } from 'ts-play'

/** Where the tools lie that are of exactly the etcd that runs here. */
export const etcdTools = '/usr/local/lib/ts-play/etcd'

/**
 * etcd, etcdctl and etcdutl out of the image that the static pod runs: a snapshot is read best by the version that wrote it, and no repository has to
 * be asked. Taken anew when the manifest names another image.
 */
export function installEtcdTools(): Task {
  return command({
    name: 'take etcd’s tools out of its image',
    run: sh`
    image=$(${imageOfManifest})
    [ -n "$image" ] || { echo 'no etcd runs here as a static pod' >&2; exit 1; }
    at=$(mktemp -d /run/ts-play-etcd.XXXXXX)
    trap 'ctr -n k8s.io images unmount --rm "$at" >/dev/null 2>&1; rmdir "$at"' EXIT
    trap 'exit 130' HUP INT TERM
    ctr -n k8s.io images mount "$image" "$at" >/dev/null
    mkdir -p ${etcdTools}
    for tool in etcd etcdctl etcdutl; do install -m 755 "$at/usr/local/bin/$tool" ${etcdTools}; done
    printf '%s\\n' "$image" >${`${etcdTools}/image`}`,
    unless: sh`[ "$(cat ${`${etcdTools}/image`})" = "$(${imageOfManifest})" ] && [ -x ${`${etcdTools}/etcdutl`} ]`,
  })
}

/** Also while the manifest is put aside during a restore. */
const imageOfManifest = sh`sed -n 's/^ *image: *//p' /etc/kubernetes/manifests/etcd.yaml /etc/kubernetes/ts-play-restore/etcd.yaml 2>/dev/null | head -n 1`
