import { z } from 'ts-play'

/**
 * Where kubeadm, kubelet and kubectl come from.
 *
 * - `repository`: Debian packages of pkgs.k8s.io or of a mirror of it, `keyring` being the mirror's key (a file on the controller); `revision` is the
 *   part of a package's version after that of Kubernetes.
 * - `bundle`: a folder on the controller, for hosts without a network; `mounted` is the same folder where the hosts have it as a disk or share,
 *   which saves sending it to each of them.
 */
export const software = z
  .discriminatedUnion('from', [
    z.strictObject({ from: z.literal('repository'), uri: z.url().optional(), keyring: z.string().optional(), revision: z.string().default('1.1') }),
    z.strictObject({ from: z.literal('bundle'), folder: z.string(), mounted: z.string().startsWith('/').optional() }),
  ])
  .default({ from: 'repository', revision: '1.1' })
  .describe('Where the Kubernetes binaries come from')
