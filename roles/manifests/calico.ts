import { at, isObject, withEnvironment, type Fields } from '../kubernetes/manifest.ts'
import type { Site } from './site.ts'

/**
 * Calico's own manifest (`calico.yaml` or `calico-vxlan.yaml`, not the operator's) for this cluster: its first pool is the range of this cluster's pods, nodes have the address
 * that the kubelet was given, and the API is asked at its endpoint, which does not need kube-proxy.
 *
 * @see https://docs.tigera.io/calico/latest/reference/configure-calico-node
 * @throws Error when it is another manifest
 */
export function calico(objects: readonly Fields[], { endpoint, podSubnet }: Site): readonly Fields[] {
  const node = objects.find(object => isObject(object, 'DaemonSet', 'calico-node'))
  if (node === undefined || at(node, 'metadata', 'namespace') !== 'kube-system')
    throw new Error('the manifest of calico has no DaemonSet calico-node in kube-system: give the one that is applied as it is (calico.yaml), not the operator’s')
  const services: Fields = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kubernetes-services-endpoint', namespace: 'kube-system' },
    // All its containers of the host's network read it, where it is there.
    data: { KUBERNETES_SERVICE_HOST: endpoint.name, KUBERNETES_SERVICE_PORT: String(endpoint.port) },
  }
  return [
    services,
    ...objects.filter(object => !isObject(object, 'ConfigMap', 'kubernetes-services-endpoint')).map(object =>
      object === node ? withEnvironment(object, { CALICO_IPV4POOL_CIDR: podSubnet, IP_AUTODETECTION_METHOD: 'kubernetes-internal-ip' }, name => name === 'calico-node') : object,
    ),
  ]
}
