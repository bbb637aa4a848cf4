import { etcdClientFiles } from '../kubernetes/etcd-client.ts'
import { flags, nodeRegistration, type NodeRegistration } from '../kubernetes/kubeadm-config.ts'
import { toYamlDocuments, type Data } from '../kubernetes/yaml.ts'

type Fields = Readonly<Record<string, Data>>

/** Everything that `kubeadm init` decides for the cluster's whole life. */
export interface ClusterSettings {
  readonly kubernetesVersion: string
  readonly clusterName: string
  /** NAME:PORT, the same for every machine for ever. */
  readonly endpoint: string
  readonly podSubnet: string
  readonly serviceSubnet: string
  readonly certificateNames: readonly string[]
  readonly etcd: StackedSettings | ExternalSettings
  readonly apiServerExtraArgs: Readonly<Record<string, string>>
  readonly imageRepository: string | undefined
  /** Fields of the KubeletConfiguration and KubeProxyConfiguration beside ours. */
  readonly kubelet: Fields
  readonly kubeProxy: Fields
}

export interface StackedSettings {
  readonly dataDirectory: string
  readonly extraArgs: Readonly<Record<string, string>>
}
export interface ExternalSettings {
  /** Client URLs. */
  readonly endpoints: readonly string[]
}

export interface InitSettings extends ClusterSettings {
  readonly node: NodeRegistration
  readonly bindPort: number
}

/**
 * The configuration of `kubeadm init`, four documents of the v1beta4 API. It holds no secret.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/
 */
export function initConfig(settings: InitSettings): string {
  return toYamlDocuments([initConfiguration(settings), clusterConfiguration(settings), kubeletConfiguration(settings), kubeProxyConfiguration(settings)])
}

/**
 * kubeadm cannot be kept from making a bootstrap token of its own, only from making one that lasts. It calls the API at its endpoint, and gives up after a
 * minute: a balancer may need longer to see the first server.
 */
function initConfiguration({ node, bindPort }: InitSettings): Data {
  return {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'InitConfiguration',
    bootstrapTokens: [{ description: 'made by kubeadm init, used by nobody', ttl: '1m0s' }],
    localAPIEndpoint: { advertiseAddress: node.address, bindPort },
    nodeRegistration: nodeRegistration(node),
    timeouts: { kubernetesAPICall: '5m0s' },
  }
}

/** Also read on its own, by `kubeadm init phase upload-certs` and the like. */
export function clusterConfiguration(settings: ClusterSettings): Data {
  const { kubernetesVersion, clusterName, endpoint, podSubnet, serviceSubnet, certificateNames, etcd, apiServerExtraArgs, imageRepository } = settings
  return {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    kubernetesVersion,
    clusterName,
    controlPlaneEndpoint: endpoint,
    ...(imageRepository === undefined ? {} : { imageRepository }),
    networking: { podSubnet, serviceSubnet, dnsDomain: 'cluster.local' },
    apiServer: { certSANs: certificateNames, extraArgs: flags(apiServerExtraArgs) },
    etcd: 'endpoints' in etcd ? { external: { endpoints: etcd.endpoints, ...etcdClientFiles } } : { local: { dataDir: etcd.dataDirectory, extraArgs: flags(etcd.extraArgs) } },
  }
}

/** The kubelet's cgroup driver is containerd's; `rotateCertificates` keeps its client certificate alive. */
function kubeletConfiguration({ kubelet }: InitSettings): Data {
  return { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', cgroupDriver: 'systemd', rotateCertificates: true, ...kubelet }
}

function kubeProxyConfiguration({ kubeProxy }: InitSettings): Data {
  return { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration', ...kubeProxy }
}
