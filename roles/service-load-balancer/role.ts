import { kubectlApply, role, sh, waitFor } from 'ts-play'
import { localKubectl, rolledOut } from '../kubernetes/kubectl.ts'
import { serviceLoadBalancer } from '../kubernetes/service-load-balancer.ts'
import { bindPort, nodeAddress } from '../kubernetes/variables.ts'
import { ClusterInfo, Manifests } from '../outputs.ts'
import { kubeVipServices } from './kube-vip.ts'
import { metallbPool } from './pool.ts'

/** Services of type LoadBalancer, from the control plane that serves the others, once everybody is in. */
export const services = role('service-load-balancer', {
  vars: { serviceLoadBalancer, bindPort, nodeAddress },
  inputs: { cluster: ClusterInfo, manifests: Manifests },
  skip: ({ host, vars, inputs }) => (vars.serviceLoadBalancer === undefined ? 'no serviceLoadBalancer is wanted' : inputs.cluster.servedBy === host.name ? undefined : 'not elected'),
  tasks: ({ host, vars, inputs }) => {
    const { serviceLoadBalancer: wanted } = vars
    const kubectl = localKubectl(vars.nodeAddress ?? host.address, vars.bindPort)
    switch (wanted?.by) {
      case undefined:
        return []
      case 'metallb':
        return [
          kubectlApply({ name: 'MetalLB', manifest: inputs.manifests.serviceLoadBalancer ?? '' }),
          waitFor({
            name: 'MetalLB judges and announces',
            // Its webhook has to answer before any pool is taken.
            until: sh`
              ${kubectl} wait --for=condition=Established --timeout=1s crd/ipaddresspools.metallb.io crd/l2advertisements.metallb.io
              ${kubectl} wait --for=condition=Available --timeout=1s --namespace metallb-system deployment/controller
              ${rolledOut(kubectl, { namespace: 'metallb-system', name: 'speaker' })}`,
            timeout: 300_000,
            every: 2000,
          }),
          kubectlApply({ name: 'addresses of Services', manifest: metallbPool(wanted.addresses) }, { retries: 5, delay: 3000 }),
        ]
      case 'kube-vip':
        return [
          kubectlApply({ name: 'kube-vip for Services', manifest: kubeVipServices(wanted) }),
          waitFor({
            name: 'kube-vip holds addresses of Services',
            until: sh`
              ${kubectl} wait --for=condition=Available --timeout=1s --namespace kube-system deployment/kube-vip-cloud-provider
              ${rolledOut(kubectl, { namespace: 'kube-system', name: 'kube-vip-services' })}`,
            timeout: 300_000,
            every: 2000,
          }),
        ]
    }
  },
})
