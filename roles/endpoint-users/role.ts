import { command, Members, role, sh } from 'ts-play'
import { addressesOnNodes, endpoint as schema } from '../kubernetes/endpoint.ts'

/**
 * Pods of the host's network got a copy of /etc/hosts when they started, and go on with it when the file says something else: kube-proxy and the network's own daemon
 * would ask the old address for ever. They are started anew where their copy is old; their DaemonSets do the rest. Static pods ask their own machine, so they stay.
 */
export const endpointUsers = role('endpoint-users', {
  vars: { endpoint: schema },
  inputs: { controlPlanes: Members },
  tasks: ({ vars, inputs }) => {
    const addresses = addressesOnNodes(vars.endpoint, inputs.controlPlanes)
    // NAMESPACE/NAME of each pod of a DaemonSet whose copy has other addresses for the name.
    const stale = sh`
    stale() {
      pods=$(kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=10s get pods --all-namespaces --field-selector "spec.nodeName=$(uname -n | tr A-Z a-z)" -o ${'jsonpath={range .items[*]}{.metadata.uid} {.metadata.ownerReferences[0].kind} {.metadata.namespace} {.metadata.name}{"\\n"}{end}'})
      for copy in /var/lib/kubelet/pods/*/etc-hosts; do
        [ -e "$copy" ] || continue
        found=$(awk -v name=${vars.endpoint.name} '!/^[[:space:]]*#/ { for (i = 2; i <= NF; i++) if ($i == name) print $1 }' "$copy" | sort | tr '\\n' ' ')
        case $found in ''|${`${addresses.toSorted().join(' ')} `}) continue ;; esac
        uid=\${copy%/etc-hosts}
        printf '%s\\n' "$pods" | awk -v uid="\${uid##*/}" '$1 == uid && $2 == "DaemonSet" { print $3, $4 }'
      done
    }`
    return [
      command({
        name: 'pods of the host’s network know the endpoint where it is',
        run: sh`${stale}
    stale | while read -r namespace name; do kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=60s delete pod --namespace "$namespace" "$name"; done
    tries=0
    until [ -z "$(stale)" ]; do
      tries=$((tries + 1))
      [ $tries -lt 60 ] || { echo "still with the old address: $(stale)" >&2; exit 1; }
      sleep 1
    done`,
        unless: sh`${stale}
    [ -z "$(stale)" ]`,
        timeout: 300_000,
      }),
    ]
  },
})
