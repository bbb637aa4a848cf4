import { z } from 'ts-play'
import { addressRange } from './cidr.ts'
import { kubeVipImage } from './endpoint.ts'
import { manifestSource } from './manifest-source.ts'

/** The release of MetalLB that our pools belong to, by the digest of its manifest as the checksum database of Go knows it. */
export const metallbManifest = {
  url: 'https://raw.githubusercontent.com/metallb/metallb/v0.15.2/config/manifests/metallb-native.yaml',
  sha256: 'a1b04c376fb39c93265f551fe23716a3ae6e09b790edb3bf257d3fc784c35a18',
} as const

const addresses = z
  .array(z.string().refine(given => addressRange(given) !== undefined, 'a range of addresses reads 10.0.0.200-10.0.0.220 or 10.0.0.192/27'))
  .min(1)
  .describe('Addresses for Services of type LoadBalancer: of the nodes’ own network, and nobody’s yet')

/**
 * Who gives Services of type LoadBalancer an address, and holds it: on one node at a time, which answers for it to its neighbours (ARP); another one when that node dies.
 *
 * - `metallb`: MetalLB in its native mode, by its own manifest.
 * - `kube-vip`: kube-vip on the workers, and its cloud provider, which gives the addresses.
 */
export const serviceLoadBalancer = z
  .discriminatedUnion('by', [
    z.strictObject({ by: z.literal('metallb'), addresses, manifest: manifestSource.default(metallbManifest) }),
    z.strictObject({
      by: z.literal('kube-vip'),
      addresses,
      image: z.string().default(kubeVipImage),
      providerImage: z.string().default('ghcr.io/kube-vip/kube-vip-cloud-provider:v0.0.12'),
      interface: z.string().optional().describe('Interface of the workers that holds the addresses; default: the one of their default route'),
    }),
  ])
  .optional()
  .describe('Addresses for Services of type LoadBalancer; none: no such Services')

export type ServiceLoadBalancer = NonNullable<z.output<typeof serviceLoadBalancer>>
export type ServiceLoadBalancerBy<B extends ServiceLoadBalancer['by']> = Extract<ServiceLoadBalancer, { by: B }>
