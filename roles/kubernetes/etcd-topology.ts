import { z, type Member } from 'ts-play'
import { nodeAddressOf } from './node-address.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 has 64 hexadecimal digits').describe('SHA-256 of the archive')

/**
 * Where etcd runs, for the cluster's life.
 *
 * - `stacked`: kubeadm puts a member on every control plane.
 * - `external`: hosts of the group `etcd`, by systemd, from etcd's own release archive (etcd, etcdctl and etcdutl in one folder), which is named with its sum
 *   because nothing else vouches for it: downloaded by the hosts, or a file of the controller. Distributions' packages are too old for it.
 */
export const etcdTopology = z
  .discriminatedUnion('topology', [
    z.strictObject({ topology: z.literal('stacked') }),
    z.strictObject({
      topology: z.literal('external'),
      release: z.discriminatedUnion('from', [
        z.strictObject({ from: z.literal('url'), url: z.url(), sha256 }),
        z.strictObject({ from: z.literal('file'), file: z.string(), sha256 }),
      ]),
      certificateDays: z.int().min(2).max(3650).default(365).describe('How long certificates of members and clients are valid'),
      renewBefore: z.int().min(1).default(90).describe('Days: a run renews those that end sooner'),
    }),
  ])
  .refine(given => given.topology === 'stacked' || given.renewBefore < given.certificateDays, 'renewBefore has to be less than certificateDays')
  .default({ topology: 'stacked' })
  .describe('Where etcd runs: stacked on the control planes, or on hosts of its own')

export type EtcdTopology = z.output<typeof etcdTopology>
export type ExternalEtcd = Extract<EtcdTopology, { topology: 'external' }>

/** Flags of etcd, wherever it runs. */
export const etcdExtraArgs = z.record(z.string(), z.string()).default({}).describe('Flags of etcd beside ours or those of kubeadm')
export const etcdDiskLimit = z.int().positive().default(50).describe('Milliseconds that a durable write may take, nearly always')

/** The reason to leave a host out of a role about external etcd. */
export function unlessExternal({ topology }: EtcdTopology): string | undefined {
  return topology === 'external' ? undefined : 'etcd is stacked on the control planes'
}

export const clientUrl = (address: string): string => `https://${address}:2379`
export const peerUrl = (address: string): string => `https://${address}:2380`
export const clientUrls = (members: readonly Member[]): readonly string[] => members.map(member => clientUrl(nodeAddressOf(member)))

/** Sizes of a cluster that lose one or two members and go on. Even ones lose no more than the odd one below, and more easily. */
const SIZES = [1, 3, 5]

/** What is wrong with the number of members, if anything. */
export function wrongSize(count: number): string | undefined {
  if (SIZES.includes(count)) return undefined
  if (count === 0) return 'the group etcd has no hosts, and etcd.topology is external'
  return `the group etcd has ${count} hosts, and etcd wants 1, 3 or 5: ${count > 5 ? 'more make every write slower' : `of ${count} as few may die as of ${count - 1}`}`
}
