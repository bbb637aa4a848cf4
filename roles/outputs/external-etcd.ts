import { output, type Secret, secret } from 'ts-play'
import { either } from './either.ts'

/** A member of external etcd as the member list has it. Its name is empty until it has started. */
export interface EtcdVoter {
  readonly id: string
  readonly name: string
  readonly peer: string
  readonly client: string
  readonly learner: boolean
}
/** What a host of the group `etcd` is to the cluster. */
export interface EtcdSighting {
  readonly data: boolean
  /** An attempt of ours to found or join a cluster began here and has not ended. */
  readonly attempt: boolean
  /** SHA-256 of the certificate authority that lies here with its key. */
  readonly ca: string | undefined
  /** Certificates of clients that were signed here lie here. */
  readonly signs: boolean
  /** What the member of this host says; `undefined` while it does not run or has no majority behind it. */
  readonly members: readonly EtcdVoter[] | undefined
}
export const EtcdSighting = output('etcd-sighting', (seed): EtcdSighting => ({
  data: either(seed, false, true),
  attempt: either(seed, false, true),
  ca: seed,
  signs: either(seed, false, true),
  members: [{ id: seed, name: seed, peer: `https://${seed}.invalid:2380`, client: `https://${seed}.invalid:2379`, learner: either(seed, false, true) }],
}))

/** Where etcd's release comes from: its archive on the controller, by an absolute path, or for the hosts to download. */
export type EtcdRelease =
  | { readonly from: 'file'; readonly path: string; readonly sha256: string }
  | { readonly from: 'url'; readonly url: string; readonly sha256: string }
export const EtcdRelease = output('etcd-release', (seed): EtcdRelease =>
  either<EtcdRelease>(seed, { from: 'file', path: '/a', sha256: 'a'.repeat(64) }, { from: 'url', url: 'https://b.invalid/', sha256: 'b'.repeat(64) }),
)

/** The backup that lies unpacked on a host with a member of etcd. */
export interface StagedBackup {
  /** Empty where none was unpacked. */
  readonly sum: string
  /** SHA-256 of the cluster's authority in it. */
  readonly authority: string
  /** What has become of it there: it was only unpacked, it lies in the place of etcd's data, etcd ran on it. */
  readonly state: 'unpacked' | 'placed' | 'restored'
}
export const StagedBackup = output('staged-backup', (seed): StagedBackup => ({ sum: seed, authority: seed, state: either<StagedBackup['state']>(seed, 'unpacked', 'restored') }))

/** etcd's certificate authority, for members that have to sign for themselves when the others are gone. */
export interface EtcdAuthority {
  readonly certificate: string
  readonly key: Secret<string>
}
export const EtcdAuthority = output('etcd-authority', (seed): EtcdAuthority => ({ certificate: seed, key: secret`${seed}` }))

/** What a control plane asks etcd's authority to sign; its key stays where it is. */
export interface EtcdRequest {
  readonly csr: string
}
export const EtcdRequest = output('etcd-request', (seed): EtcdRequest => ({ csr: seed }))

/** Certificates of etcd's clients by the name of their host, and the authority that they know etcd by. */
export interface EtcdClients {
  readonly authority: string
  readonly certificates: Readonly<Record<string, string>>
}
export const EtcdClients = output('etcd-clients', (seed): EtcdClients => ({ authority: seed, certificates: { [seed]: seed } }))
