import { X509Certificate } from 'node:crypto'
import { sh, type Command } from 'ts-play'
import { caHash } from './evidence.ts'

/**
 * Asks an endpoint which cluster it serves. `cluster-info` is what kubeadm publishes for joining nodes, readable without credentials, so a host
 * that belongs to nothing can ask. The certificate is not checked: the answer is only ever compared with what is known, and trusted for nothing.
 *
 * @see https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/#create-the-public-cluster-info-configmap
 */
export function askClusterInfo(address: string, port: number): Command {
  return sh`curl -ks --connect-timeout 2 --max-time 5 ${`https://${address}:${port}/api/v1/namespaces/kube-public/configmaps/cluster-info`} || true`
}

/** The CA of the cluster that answered; `undefined` when nothing answered, or nothing of kubeadm's. */
export function parseClusterInfo(answer: string): string | undefined {
  const data = /certificate-authority-data: ([A-Za-z0-9+/=]+)/.exec(answer)?.[1]
  if (data === undefined) return undefined
  try {
    return caHash(new X509Certificate(Buffer.from(data, 'base64')))
  } catch {
    return undefined
  }
}
