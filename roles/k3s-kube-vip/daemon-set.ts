import { secret, type Secret } from 'ts-play'
import type { EndpointOf } from '../kubernetes/endpoint.ts'
import { kubeVipPeers, kubeVipVariables } from '../kubernetes/kube-vip.ts'
import { toYamlDocuments, type Data } from '../kubernetes/yaml.ts'

const name = 'kube-vip'
const namespace = 'kube-system'
const metadata = { name, namespace, labels: { 'app.kubernetes.io/name': name } }

/**
 * kube-vip on every server, with an account of its own: leases are all that it changes. It is the same text on every server, because each of them applies it. What an
 * API without a floating address cannot tell kube-vip it need not know: it talks to the Service `kubernetes`, which leads to the servers one by one.
 *
 * @see https://kube-vip.io/docs/installation/daemonset/
 */
export function kubeVipDaemonSet(endpoint: EndpointOf<'kube-vip'>, interfaceName: string | undefined): string | Secret<string> {
  const { announce, image } = endpoint
  const fromPod = (variable: string, fieldPath: string): Data => ({ name: variable, valueFrom: { fieldRef: { fieldPath } } })
  const bgp: readonly Data[] = announce.by === 'arp' ? [] : [
    { name: 'bgp_enable', value: 'true' },
    { name: 'bgp_as', value: String(announce.as) },
    // On the host's network a pod has the host's address.
    fromPod('bgp_routerid', 'status.podIP'),
    fromPod('bgp_sourceip', 'status.podIP'),
    { name: 'bgp_peers', valueFrom: { secretKeyRef: { name, key: 'peers' } } },
  ]
  const text = toYamlDocuments([
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list', 'watch', 'create', 'update', 'patch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: `system:${name}` },
      rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: `system:${name}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `system:${name}` },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata,
      spec: {
        selector: { matchLabels: metadata.labels },
        template: {
          metadata: { labels: metadata.labels },
          spec: {
            serviceAccountName: name,
            hostNetwork: true,
            priorityClassName: 'system-node-critical',
            affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] }] } } },
            tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }, { operator: 'Exists', effect: 'NoExecute' }],
            containers: [
              {
                name,
                image,
                imagePullPolicy: 'IfNotPresent',
                args: ['manager'],
                securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] } },
                env: [fromPod('vip_nodename', 'spec.nodeName'), ...Object.entries(kubeVipVariables(endpoint, interfaceName)).map(([key, value]) => ({ name: key, value })), ...bgp],
              },
            ],
          },
        },
      },
    },
  ])
  if (announce.by === 'arp') return text
  const head = toYamlDocuments([{ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque' }])
  return secret`${text}---\n${head}stringData:\n  peers: ${kubeVipPeers(announce.peers).map(peers => JSON.stringify(peers))}\n`
}
