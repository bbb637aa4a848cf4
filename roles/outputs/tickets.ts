import { minted, type Secret, secret } from 'ts-play'
import { either } from './either.ts'

/** What a worker needs to join: a bootstrap token of half an hour, and the CA by which it knows the cluster. */
export interface WorkerTicket {
  readonly token: Secret<string>
  readonly caHash: string
}
export const WorkerTicket = minted('worker-ticket', (seed): WorkerTicket => ({ token: secret`token-${seed}`, caHash: `sha256:${seed}` }))

/** A file of the cluster's PKI, by its path under /etc/kubernetes/pki. */
export interface PkiFile {
  readonly path: string
  readonly content: Secret<string>
}

/** How a joining control plane comes by the certificate authorities: their files over SSH, or kubeadm's encrypted upload and its key. */
export type PkiSource =
  | { readonly by: 'ssh'; readonly files: readonly PkiFile[] }
  | { readonly by: 'upload'; readonly certificateKey: Secret<string> }

/** What a control plane needs to join. */
export interface ControlPlaneTicket extends WorkerTicket {
  readonly pki: PkiSource
  /** Client URLs of etcd members that did not answer when the ticket was made. */
  readonly sickMembers: readonly string[]
}
export const ControlPlaneTicket = minted('control-plane-ticket', (seed): ControlPlaneTicket => ({
  token: secret`token-${seed}`,
  caHash: `sha256:${seed}`,
  pki: either<PkiSource>(seed, { by: 'ssh', files: [{ path: 'ca-a.crt', content: secret`a` }] }, { by: 'upload', certificateKey: secret`b` }),
  sickMembers: [`https://${seed}.invalid:2379`],
}))
