import { sh, type Command } from 'ts-play'

/** Where a control plane keeps what it knows external etcd by. Not below `pki`, which `kubeadm reset` empties, also when we clean up after an attempt. */
export const etcdClientFolder = '/etc/kubernetes/etcd-client'

export const etcdClientFiles = { caFile: `${etcdClientFolder}/ca.crt`, certFile: `${etcdClientFolder}/client.crt`, keyFile: `${etcdClientFolder}/client.key` } as const

/** `/registry/` and `/registry0` in base64: all that any kube-apiserver keeps. */
const everything = '{"key":"L3JlZ2lzdHJ5Lw==","range_end":"L3JlZ2lzdHJ5MA==","count_only":true}'

/**
 * Shell that ends with a failure where external etcd holds a cluster, or cannot be asked: its control planes may all be gone, and an init with new authorities over its
 * data would be the end of it.
 */
export function etcdIsUsed(urls: readonly string[]): Command {
  const { caFile, certFile, keyFile } = etcdClientFiles
  return sh`
    counted=
    for url in ${urls}; do counted=$(curl -fsS --max-time 10 --cacert ${caFile} --cert ${certFile} --key ${keyFile} -d ${everything} "$url/v3/kv/range") && break; done
    case $counted in
      '') echo 'etcd does not answer: whether it holds a cluster is not known' >&2; exit 1 ;;
      *'"count":'*) echo 'etcd holds the data of a cluster already: bring back one of its control planes or its /etc/kubernetes/pki from a backup, or empty etcd if it may go' >&2; exit 1 ;;
    esac`
}
