import type { HostRef, Member } from 'ts-play'
import { certificateNames } from '../kubernetes/certificate-names.ts'
import { clientUrls, type EtcdTopology } from '../kubernetes/etcd-topology.ts'
import { ignoredChecks } from '../kubernetes/preflight.ts'
import { parseVersion, traitsOf } from '../kubernetes/version.ts'
import type { Data } from '../kubernetes/yaml.ts'
import type { ApiEndpoint, EtcdLayout } from '../outputs.ts'
import type { InitSettings } from './init-config.ts'

/** The variables of `variables.ts` that shape the cluster, parsed. */
interface ClusterVariables {
  readonly kubernetesVersion: string
  readonly clusterName: string
  readonly podSubnet: string
  readonly serviceSubnet: string
  readonly bindPort: number
  readonly nodeAddress?: string | undefined
  readonly allowCgroupV1: boolean
  readonly ignorePreflightErrors: readonly string[]
  readonly apiServerExtraArgs: Readonly<Record<string, string>>
  readonly kubelet: Readonly<Record<string, Data>>
  readonly kubeProxy: Readonly<Record<string, Data>>
  readonly imageRepository?: string | undefined
  readonly controlPlaneWorkloads: boolean
  readonly etcd: EtcdTopology
}

export interface Circumstances {
  readonly host: HostRef
  readonly nodeName: string
  readonly vars: ClusterVariables
  readonly inputs: { readonly endpoint: ApiEndpoint; readonly etcd: EtcdLayout; readonly etcdHosts: readonly Member[]; readonly controlPlanes: readonly Member[]; readonly balancers: readonly Member[] }
}

/** What `kubeadm init` is told, from the role's variables and inputs. */
export function initSettings({ host, nodeName, vars, inputs }: Circumstances): InitSettings {
  const refusesCgroupV1 = traitsOf(parseVersion(vars.kubernetesVersion))?.cgroupV1 === 'refused'
  return {
    ...vars,
    endpoint: `${inputs.endpoint.name}:${inputs.endpoint.port}`,
    certificateNames: certificateNames(inputs),
    etcd: vars.etcd.topology === 'external' ? { endpoints: clientUrls(inputs.etcdHosts) } : inputs.etcd,
    imageRepository: vars.imageRepository,
    kubelet: { ...(vars.allowCgroupV1 && refusesCgroupV1 ? { failCgroupV1: false } : {}), ...vars.kubelet },
    node: { name: nodeName, address: vars.nodeAddress ?? host.address, ignorePreflightErrors: ignoredChecks(vars), takesWorkloads: vars.controlPlaneWorkloads },
  }
}
