import { z } from 'ts-play'
import { etcdTopology } from '../kubernetes/etcd-topology.ts'
import { allowCgroupV1, bindPort, clusterName, ignorePreflightErrors, imageRepository, kubernetesVersion, nodeAddress, podSubnet, serviceSubnet } from '../kubernetes/variables.ts'

const fields = z.record(z.string(), z.json())
const flags = z.record(z.string(), z.string())

/** What a cluster is made with. All of it is read once, by `kubeadm init`, and changed later by the API only. */
export const clusterVars = {
  kubernetesVersion,
  clusterName,
  podSubnet,
  serviceSubnet,
  bindPort,
  nodeAddress,
  allowCgroupV1,
  ignorePreflightErrors,
  apiServerExtraArgs: flags.default({}).describe('Flags of kube-apiserver beside those of kubeadm'),
  kubelet: fields.default({}).describe('Fields of the KubeletConfiguration of all nodes'),
  kubeProxy: fields.default({}).describe('Fields of the KubeProxyConfiguration'),
  imageRepository,
  etcd: etcdTopology,
  controlPlaneWorkloads: z.boolean().default(false).describe('Whether the first control plane takes workloads like any other node; later: kubectl taint'),
}

/** How a run may act for the cluster. */
export const runVars = {
  assumeFresh: z.array(z.string()).default([]).describe('Control planes that cannot be asked and hold no cluster, by your word'),
  pki: z.enum(['ssh', 'upload']).default('ssh').describe('How the certificate authorities reach other control planes: over SSH, or by kubeadm’s encrypted upload'),
  impatientInit: z.enum(['refuse', 'accept']).default('refuse').describe('What to do with a kubeadm that does not wait for its balancer (kubernetes/kubeadm#3294)'),
}
