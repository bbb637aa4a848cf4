import { sh, waitFor, type Command, type Task } from 'ts-play'

/**
 * The cluster was made with this name and port. Both are in every kubeconfig on every machine, so an inventory that says otherwise is wrong, however right its balancers are.
 */
export function isRecorded({ name, port, kubectl }: { name: string; port: number; kubectl: Command }): Task {
  const wanted = `${name}:${port}`
  return waitFor({
    name: `the cluster’s endpoint is ${wanted}`,
    until: sh`
    record=$(${kubectl} get configmap --namespace kube-system kubeadm-config -o ${'jsonpath={.data.ClusterConfiguration}'} | sed -n 's/^controlPlaneEndpoint: *//p')
    [ "$record" = ${wanted} ] || { echo "the cluster’s endpoint is $record, which is in every kubeconfig, and the inventory says "${`${wanted}: set endpoint.name and endpoint.port to the cluster’s`}; exit 1; }`,
    timeout: 5000,
  })
}
