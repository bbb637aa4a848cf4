import { at, isObject, textAt, withEnvironment, withFields, type Fields } from '../kubernetes/manifest.ts'
import type { Site } from './site.ts'

/**
 * What `helm template` makes of Cilium's chart, for this cluster: the API is asked at its endpoint, and pods have addresses of this cluster's range, be it by node (`ipam.mode:
 * kubernetes`) or from a pool of Cilium's own.
 *
 * @see https://docs.cilium.io/en/stable/network/concepts/ipam/
 * @throws Error when it is another manifest, or one for a cluster without kube-proxy
 */
export function cilium(objects: readonly Fields[], { endpoint, podSubnet }: Site): readonly Fields[] {
  const config = objects.find(object => isObject(object, 'ConfigMap', 'cilium-config'))
  const agent = objects.find(object => isObject(object, 'DaemonSet', 'cilium'))
  if (config === undefined || agent === undefined || at(agent, 'metadata', 'namespace') !== 'kube-system')
    throw new Error('the manifest of cilium has no ConfigMap cilium-config and DaemonSet cilium in kube-system: give what `helm template cilium cilium/cilium --namespace kube-system` prints')
  const ipam = textAt(config, 'data', 'ipam')
  if (ipam !== 'kubernetes' && ipam !== 'cluster-pool') throw new Error(`the manifest of cilium has ipam ${JSON.stringify(ipam)}: render it with --set ipam.mode=kubernetes or cluster-pool`)
  if (at(config, 'data', 'kube-proxy-replacement') === 'true') throw new Error('the manifest of cilium replaces kube-proxy, which kubeadm has installed: render it with --set kubeProxyReplacement=false')
  const server = { KUBERNETES_SERVICE_HOST: endpoint.name, KUBERNETES_SERVICE_PORT: String(endpoint.port) }
  return objects.map(object => {
    if (object === config) return ipam === 'kubernetes' ? object : withFields(object, ['data'], { 'cluster-pool-ipv4-cidr': podSubnet })
    // Agent and operator: what is of the host's network and asks the API before there is one of pods.
    return at(object, 'spec', 'template', 'spec', 'hostNetwork') === true ? withEnvironment(object, server) : object
  })
}
