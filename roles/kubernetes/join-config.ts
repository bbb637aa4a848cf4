import { secret, type Secret } from 'ts-play'
import type { ApiEndpoint, WorkerTicket } from '../outputs.ts'
import { nodeRegistration, type NodeRegistration } from './kubeadm-config.ts'
import { toYaml } from './yaml.ts'

export interface JoinSettings {
  readonly node: NodeRegistration
  readonly endpoint: ApiEndpoint
  readonly ticket: WorkerTicket
  /** Only for a control plane. `certificateKey`: the CAs come by kubeadm's upload instead of lying there already. */
  readonly controlPlane?: { readonly bindPort: number; readonly certificateKey: Secret<string> | undefined }
}

/**
 * The configuration of `kubeadm join`. The joining host trusts the cluster by the hash of its CA, never by "whoever answers", and the token stands
 * here and nowhere else: not in an argument, not in the environment. Quoted, because a token of digits alone would be a number.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/#kubeadm-k8s-io-v1beta4-JoinConfiguration
 */
export function joinConfig({ node, endpoint, ticket, controlPlane }: JoinSettings): Secret<string> {
  const plain = toYaml({ apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'JoinConfiguration', nodeRegistration: nodeRegistration(node) })
  const local = toYaml({ controlPlane: { localAPIEndpoint: { advertiseAddress: node.address, bindPort: controlPlane?.bindPort } } })
  const key = controlPlane?.certificateKey
  return secret`${plain}discovery:
  bootstrapToken:
    apiServerEndpoint: "${endpoint.name}:${endpoint.port}"
    token: "${ticket.token}"
    caCertHashes:
      - "${ticket.caHash}"
${controlPlane === undefined ? '' : local}${key === undefined ? '' : secret`  certificateKey: "${key}"\n`}`
}
