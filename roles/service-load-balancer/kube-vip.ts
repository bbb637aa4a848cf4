import { prefixVariable } from '../kubernetes/kube-vip.ts'
import type { ServiceLoadBalancerBy } from '../kubernetes/service-load-balancer.ts'
import { toYamlDocuments, type Data } from '../kubernetes/yaml.ts'

const namespace = 'kube-system'
const holder = 'kube-vip-services'
const provider = 'kube-vip-cloud-provider'

/**
 * kube-vip for Services: a holder on each node that takes workloads, which elect one of them for each Service, and the cloud provider that gives a Service its address.
 * Apart from the kube-vip of the control planes, which holds the API's address and nothing else.
 *
 * @see https://kube-vip.io/docs/usage/kubernetes-services/ and https://github.com/kube-vip/kube-vip-cloud-provider
 */
export function kubeVipServices({ addresses, image, providerImage, interface: name }: ServiceLoadBalancerBy<'kube-vip'>): string {
  const variables: Readonly<Record<string, string>> = {
    svc_enable: 'true',
    svc_election: 'true',
    cp_enable: 'false',
    vip_arp: 'true',
    vip_leaderelection: 'true',
    [prefixVariable(image)]: '32',
    // 2112 may be the control planes' kube-vip's.
    prometheus_server: ':2113',
    ...(name === undefined ? {} : { vip_interface: name, vip_servicesinterface: name }),
  }
  const node: Data = { name: 'vip_nodename', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }
  return toYamlDocuments([
    ...account(holder, [
      { apiGroups: [''], resources: ['services'], verbs: ['get', 'list', 'watch', 'update', 'patch'] },
      { apiGroups: [''], resources: ['services/status'], verbs: ['update', 'patch'] },
      { apiGroups: [''], resources: ['nodes', 'endpoints', 'pods'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list', 'watch', 'create', 'update', 'patch'] },
    ]),
    ...account(provider, [
      { apiGroups: [''], resources: ['services'], verbs: ['get', 'list', 'watch', 'update', 'patch'] },
      { apiGroups: [''], resources: ['services/status'], verbs: ['update', 'patch'] },
      { apiGroups: [''], resources: ['configmaps', 'nodes', 'endpoints', 'namespaces'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch', 'update'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list', 'watch', 'create', 'update', 'patch'] },
    ]),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kubevip', namespace }, data: pools(addresses) },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: holder, namespace, labels: { app: holder } },
      spec: {
        selector: { matchLabels: { app: holder } },
        template: {
          metadata: { labels: { app: holder } },
          spec: {
            hostNetwork: true,
            priorityClassName: 'system-node-critical',
            serviceAccountName: holder,
            containers: [
              {
                name: 'kube-vip',
                image,
                imagePullPolicy: 'IfNotPresent',
                args: ['manager'],
                securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] } },
                env: [node, ...Object.entries(variables).map(([key, value]) => ({ name: key, value }))],
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: provider, namespace, labels: { app: provider } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: provider } },
        template: {
          metadata: { labels: { app: provider } },
          spec: {
            serviceAccountName: provider,
            tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }],
            containers: [
              {
                name: provider,
                image: providerImage,
                imagePullPolicy: 'IfNotPresent',
                command: ['/kube-vip-cloud-provider', '--leader-elect-resource-name=kube-vip-cloud-controller', '--leader-elect-resource-namespace=kube-system'],
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              },
            ],
          },
        },
      },
    },
  ])
}

/** The provider takes ranges and networks by different names. */
function pools(addresses: readonly string[]): Data {
  const networks = addresses.filter(each => each.includes('/'))
  const ranges = addresses.filter(each => !each.includes('/')).map(each => (each.includes('-') ? each : `${each}-${each}`))
  return { ...(networks.length === 0 ? {} : { 'cidr-global': networks.join(',') }), ...(ranges.length === 0 ? {} : { 'range-global': ranges.join(',') }) }
}

function account(name: string, rules: readonly Data[]): readonly Data[] {
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: `system:${name}` }, rules },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: `system:${name}` }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `system:${name}` }, subjects: [{ kind: 'ServiceAccount', name, namespace }] },
  ]
}
