import { command, sh, type Command, type Task } from 'ts-play'

const role = 'node-role.kubernetes.io/control-plane'

/**
 * What `kubeadm join` does to the Node at its very end, after its etcd has a vote: for a join that died between the two. From then on the host is a member like
 * any other, and only this would be missing for good.
 *
 * @see https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/#mark-the-node-as-control-plane
 */
export function markControlPlane({ kubectl, nodeName }: { readonly kubectl: Command; readonly nodeName: string }): Task {
  return command({
    name: 'mark the node as a control plane',
    run: sh`
    ${kubectl} label node ${nodeName} --overwrite ${`${role}=`} node.kubernetes.io/exclude-from-external-load-balancers=
    ${kubectl} taint node ${nodeName} --overwrite ${`${role}:NoSchedule`}`,
    unless: sh`case $(${kubectl} get node ${nodeName} -o ${'jsonpath={.metadata.labels}'}) in *${`"${role}"`}*) ;; *) exit 1 ;; esac`,
    timeout: 60_000,
  })
}
