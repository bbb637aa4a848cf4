import { toYamlDocuments, type Data } from '../kubernetes/yaml.ts'
import type { ApiEndpoint } from '../outputs.ts'

export interface FlannelSettings {
  readonly endpoint: ApiEndpoint
  readonly podSubnet: string
  /** `host-gw` routes between nodes of one network, `vxlan` tunnels between networks. */
  readonly backend: 'host-gw' | 'vxlan'
  readonly image: string
  readonly pluginImage: string
}

const namespace = 'kube-flannel'
const labels = { app: 'flannel', 'k8s-app': 'flannel', tier: 'node' }
const named = (name: string): Data => ({ name, namespace, labels })

/**
 * flannel as a DaemonSet: a daemon on each node that adds the routes to all others, so that a new node changes no old one. Each uses the interface of
 * its node's own address; upstream's choice, the default route, is wrong on machines with a network of their own for the cluster. And each asks the API at
 * its endpoint: the Service of upstream's choice works only once kube-proxy has been there, and until then flannel would crash.
 *
 * @see https://github.com/flannel-io/flannel/blob/v0.28.10/Documentation/kube-flannel.yml
 */
export function flannelManifest(settings: FlannelSettings): string {
  return toYamlDocuments([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: named('flannel') },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'flannel', labels },
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'flannel', labels },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'flannel' },
      subjects: [{ kind: 'ServiceAccount', name: 'flannel', namespace }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: named('kube-flannel-cfg'), data: { 'cni-conf.json': json(cniConfig), 'net-conf.json': json(netConfig(settings)) } },
    daemonSet(settings),
  ])
}

const cniConfig = {
  name: 'cbr0',
  cniVersion: '1.0.0',
  plugins: [
    { type: 'flannel', delegate: { hairpinMode: true, isDefaultGateway: true } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
}

function netConfig({ podSubnet, backend }: FlannelSettings) {
  return { Network: podSubnet, EnableNFTables: false, Backend: { Type: backend } }
}

function json(data: object): string {
  return `${JSON.stringify(data, undefined, 2)}\n`
}

function daemonSet({ endpoint, image, pluginImage }: FlannelSettings): Data {
  const config = { name: 'config', mountPath: '/etc/kube-flannel' }
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: named('kube-flannel-ds'),
    spec: {
      selector: { matchLabels: { app: 'flannel' } },
      template: {
        metadata: { labels: { app: 'flannel', tier: 'node' } },
        spec: {
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          serviceAccountName: 'flannel',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
          initContainers: [
            { name: 'install-cni-plugin', image: pluginImage, command: ['cp'], args: ['-f', '/flannel', '/opt/cni/bin/flannel'], volumeMounts: [{ name: 'cni-plugin', mountPath: '/opt/cni/bin' }] },
            {
              name: 'install-cni',
              image,
              command: ['/opt/bin/install-conf'],
              args: ['/etc/kube-flannel/cni-conf.json', '/etc/cni/net.d/10-flannel.conflist'],
              volumeMounts: [{ name: 'cni', mountPath: '/etc/cni/net.d' }, config],
            },
          ],
          containers: [flanneld({ endpoint, image, config })],
          volumes: [
            { name: 'run', hostPath: { path: '/run/flannel', type: 'DirectoryOrCreate' } },
            { name: 'cni-plugin', hostPath: { path: '/opt/cni/bin', type: 'DirectoryOrCreate' } },
            { name: 'cni', hostPath: { path: '/etc/cni/net.d', type: 'DirectoryOrCreate' } },
            { name: 'config', configMap: { name: 'kube-flannel-cfg' } },
            { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
          ],
        },
      },
    },
  }
}

function flanneld({ endpoint, image, config }: { endpoint: ApiEndpoint; image: string; config: Data }): Data {
  const probe = (path: string): Data => ({ httpGet: { path, port: 'healthz' }, periodSeconds: 10 })
  const field = (name: string, fieldPath: string): Data => ({ name, valueFrom: { fieldRef: { fieldPath } } })
  return {
    name: 'kube-flannel',
    image,
    command: ['/opt/bin/flanneld'],
    args: ['--ip-masq', '--kube-subnet-mgr', '--healthz-port=8081', '--iface=$(HOST_IP)'],
    env: [
      field('POD_NAME', 'metadata.name'),
      field('POD_NAMESPACE', 'metadata.namespace'),
      field('HOST_IP', 'status.hostIP'),
      { name: 'KUBERNETES_SERVICE_HOST', value: endpoint.name },
      { name: 'KUBERNETES_SERVICE_PORT', value: String(endpoint.port) },
      { name: 'EVENT_QUEUE_DEPTH', value: '5000' },
    ],
    ports: [{ name: 'healthz', containerPort: 8081, protocol: 'TCP' }],
    livenessProbe: probe('/healthz'),
    readinessProbe: probe('/readyz'),
    resources: { requests: { cpu: '100m', memory: '50Mi' } },
    securityContext: { privileged: false, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
    volumeMounts: [{ name: 'run', mountPath: '/run/flannel' }, config, { name: 'xtables-lock', mountPath: '/run/xtables.lock' }],
  }
}
