import { command, Members, role, sh, type Command } from 'ts-play'
import { clientUrls, etcdTopology, unlessExternal } from '../kubernetes/etcd-topology.ts'
import { apiIsReady, localKubectl } from '../kubernetes/kubectl.ts'
import { bindPort, nodeAddress } from '../kubernetes/variables.ts'

const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml'

/**
 * Every kube-apiserver knows the hosts of etcd that there are today, and so does what the next control plane is made from: a host that was replaced by another one
 * would be missing once two more are gone. Played with `serial: 1`, because a kube-apiserver that learns them is restarted.
 */
export const etcdEndpoints = role('etcd-endpoints', {
  vars: { etcd: etcdTopology, bindPort, nodeAddress },
  inputs: { members: Members },
  skip: ({ vars }) => unlessExternal(vars.etcd),
  tasks: ({ host, vars, inputs }) => {
    const urls = clientUrls(inputs.members)
    const kubectl = localKubectl(vars.nodeAddress ?? host.address, vars.bindPort)
    const isControlPlane = sh`[ -s ${manifest} ]`
    return [
      command({ name: 'kube-apiserver knows all hosts of etcd', onlyIf: isControlPlane, run: rewriteManifest(urls, vars.bindPort), unless: sh`grep -qxF ${`    - ${flag(urls)}`} ${manifest}` }),
      command({ name: 'kubeadm-config knows all hosts of etcd', onlyIf: isControlPlane, run: record(kubectl, urls), unless: sh`[ "$(${recorded(kubectl)})" = ${urls.join(' ')} ]` }),
    ]
  },
})

const flag = (urls: readonly string[]): string => `--etcd-servers=${urls.join(',')}`

/** The kubelet sees the new manifest when it is whole; done is this when the new process is ready. */
function rewriteManifest(urls: readonly string[], port: number): Command {
  return sh`
    new=$(mktemp -p /etc/kubernetes .kube-apiserver.XXXXXX)
    trap 'rm -f "$new"' EXIT
    trap 'exit 130' HUP INT TERM
    sed ${`s#^    - --etcd-servers=.*#    - ${flag(urls)}#`} ${manifest} >"$new"
    grep -qxF ${`    - ${flag(urls)}`} "$new" || { echo ${`${manifest} has no --etcd-servers`} >&2; exit 1; }
    chmod 600 "$new"
    mv "$new" ${manifest}
    tries=0
    until grep -qzxF -e ${flag(urls)} /proc/[0-9]*/cmdline 2>/dev/null && ${apiIsReady('127.0.0.1', port)}; do
      tries=$((tries + 1))
      [ $tries -lt 180 ] || { echo 'kube-apiserver has not come back with the new list: see crictl ps -a --name kube-apiserver' >&2; exit 1; }
      sleep 1
    done`
}

/** kubeadm's record, whose list is written one endpoint a line. */
function recorded(kubectl: Command): Command {
  return sh`${kubectl} get configmap --namespace kube-system kubeadm-config -o ${'jsonpath={.data.ClusterConfiguration}'} | sed -n 's#^ *- \\(https://[^ ]*:2379\\)$#\\1#p' | tr '\\n' ' ' | sed 's/ $//'`
}

function record(kubectl: Command, urls: readonly string[]): Command {
  return sh`
    old=$(${kubectl} get configmap --namespace kube-system kubeadm-config -o ${'jsonpath={.data.ClusterConfiguration}'})
    printf '%s\\n' "$old" | awk -v urls=${urls.join(' ')} '
      /^ *- https:\\/\\/[^ ]*:2379$/ { next }
      { print }
      /^ *endpoints:$/ { match($0, /^ */); count = split(urls, each, " "); for (i = 1; i <= count; i++) printf "%*s- %s\\n", RLENGTH, "", each[i] }
    ' | ${kubectl} create configmap --namespace kube-system kubeadm-config --from-file ClusterConfiguration=/dev/stdin --dry-run=client -o yaml | ${kubectl} replace -f -`
}
