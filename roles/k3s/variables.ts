import { z } from 'ts-play'

/** `v1.34.2+k3s1`: exact. It has no default, because the sum of the binary belongs to it. */
export const k3sVersion = z.string().regex(/^v1\.\d+\.\d+\+k3s\d+$/, 'a version of k3s reads v1.34.2+k3s1').describe('Exact version of k3s, v1.MINOR.PATCH+k3sN')

const sum = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 has 64 hexadecimal digits, in lower case')
const onController = z.string().startsWith('/')

/** Both pinned by their sums: nothing runs that the inventory does not name byte for byte. */
export const k3sBinary = z
  .strictObject({
    sha256: sum.describe('Of the binary, from the release’s sha256sum-ARCH.txt'),
    file: onController.optional().describe('The binary on the controller, for hosts without a network'),
    url: z.url().optional().describe('Where a mirror has it; default: the release on GitHub'),
  })
  .describe('The k3s binary; per group, where machines have different architectures')
export const k3sImages = z
  .array(z.strictObject({ file: onController.regex(/\.tar(\.gz|\.zst)?$/, 'an archive of images ends in .tar, .tar.gz or .tar.zst'), sha256: sum }))
  .default([])
  .describe('Archives of images on the controller, for hosts without a registry')

/** What the roles write themselves, because the cluster's safety hangs on it, and what would bring a secret into a file that all may be shown. */
const ours = [
  'advertise-address', 'agent-token', 'agent-token-file', 'cluster-cidr', 'cluster-init', 'cluster-reset', 'data-dir', 'datastore-endpoint', 'https-listen-port', 'node-ip', 'node-name', 'server',
  'service-cidr', 'tls-san', 'token', 'token-file', 'vpn-auth', 'write-kubeconfig', 'etcd-s3-access-key', 'etcd-s3-secret-key',
]
const options = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
  .refine(given => Object.keys(given).every(key => !ours.includes(key)), { error: ({ input }) => `these are not to be given here: ${Object.keys(Object(input)).filter(key => ours.includes(key)).join(', ')}` })
  .default({})

export const k3sServer = options.describe('More options of `k3s server`, as config.yaml has them')
export const k3sAgent = options.describe('More options of `k3s agent`, and of the agent in each server')

export const k3sDisable = z
  .array(z.enum(['coredns', 'servicelb', 'traefik', 'local-storage', 'metrics-server', 'runtimes']))
  .default([])
  .describe('Components of k3s to leave out')
export const k3sSnapshots = z
  .strictObject({ schedule: z.string().default('0 */6 * * *'), keep: z.int().positive().default(12) })
  .default({ schedule: '0 */6 * * *', keep: 12 })
  .describe('When each server takes a snapshot of etcd (cron), and how many it keeps')
