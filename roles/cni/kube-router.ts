import type { NetworkOf } from '../kubernetes/network.ts'
import { toYamlDocuments, type Data } from '../kubernetes/yaml.ts'
import type { ApiEndpoint } from '../outputs.ts'

const namespace = 'kube-system'
const name = 'kube-router'
const labels = { 'k8s-app': name, tier: 'node' }
const configuration = '/etc/cni/net.d/10-kuberouter.conflist'

/** kube-router writes the node's own range of pod addresses into it. */
const cniConfig = {
  cniVersion: '1.0.0',
  name: 'kube-router',
  plugins: [
    { name: 'kubernetes', type: 'bridge', bridge: 'kube-bridge', isDefaultGateway: true, hairpinMode: true, ipam: { type: 'host-local' } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
}

/**
 * kube-router as a DaemonSet that routes and filters: each node tells all others by BGP which pods it has. It takes the node's address from the Node, which the kubelet
 * was given, and asks the API at its endpoint, which does not need kube-proxy. Services stay with kube-proxy: its own way with them needs IPVS.
 *
 * @see https://github.com/cloudnativelabs/kube-router/blob/v2.1.0/docs/user-guide.md
 */
export function kubeRouterManifest({ endpoint, image, overlay }: Pick<NetworkOf<'kube-router'>, 'image' | 'overlay'> & { endpoint: ApiEndpoint }): string {
  const metadata = { name, namespace, labels }
  return toYamlDocuments([
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name, labels },
      rules: [
        { apiGroups: [''], resources: ['namespaces', 'pods', 'services', 'nodes', 'endpoints'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name, labels },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kube-router-cfg', namespace, labels }, data: { 'cni-conf.json': `${JSON.stringify(cniConfig, undefined, 2)}\n` } },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata,
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec({ endpoint, image, overlay }) } },
    },
  ])
}

function podSpec({ endpoint, image, overlay }: { endpoint: ApiEndpoint; image: string; overlay: NetworkOf<'kube-router'>['overlay'] }): Data {
  const cni = { name: 'cni', mountPath: '/etc/cni/net.d' }
  const field = (variable: string, fieldPath: string): Data => ({ name: variable, valueFrom: { fieldRef: { fieldPath } } })
  const probe: Data = { httpGet: { path: '/healthz', port: 20244 }, initialDelaySeconds: 10, periodSeconds: 10 }
  return {
    hostNetwork: true,
    priorityClassName: 'system-node-critical',
    serviceAccountName: name,
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ operator: 'Exists' }],
    initContainers: [
      {
        name: 'install-cni',
        image,
        // Not over what is there: kube-router has written the node's range into it.
        command: ['/bin/sh', '-c', `[ -f ${configuration} ] || { cp /etc/kube-router/cni-conf.json ${configuration}.new && mv ${configuration}.new ${configuration}; }`],
        volumeMounts: [cni, { name: 'config', mountPath: '/etc/kube-router' }],
      },
    ],
    containers: [
      {
        name,
        image,
        args: ['--run-router=true', '--run-firewall=true', '--run-service-proxy=false', '--bgp-graceful-restart=true', `--enable-overlay=${overlay !== 'none'}`, `--overlay-type=${overlay === 'full' ? 'full' : 'subnet'}`],
        env: [
          field('NODE_NAME', 'spec.nodeName'),
          field('POD_NAME', 'metadata.name'),
          { name: 'KUBE_ROUTER_CNI_CONF_FILE', value: configuration },
          { name: 'KUBERNETES_SERVICE_HOST', value: endpoint.name },
          { name: 'KUBERNETES_SERVICE_PORT', value: String(endpoint.port) },
        ],
        livenessProbe: probe,
        readinessProbe: probe,
        resources: { requests: { cpu: '100m', memory: '100Mi' } },
        securityContext: { privileged: true },
        volumeMounts: [cni, { name: 'lib-modules', mountPath: '/lib/modules', readOnly: true }, { name: 'xtables-lock', mountPath: '/run/xtables.lock' }],
      },
    ],
    volumes: [
      { name: 'cni', hostPath: { path: '/etc/cni/net.d', type: 'DirectoryOrCreate' } },
      { name: 'config', configMap: { name: 'kube-router-cfg' } },
      { name: 'lib-modules', hostPath: { path: '/lib/modules', type: 'DirectoryOrCreate' } },
      { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
    ],
  }
}
