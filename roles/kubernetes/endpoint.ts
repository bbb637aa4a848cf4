import { Secret, secretString, z, type Member } from 'ts-play'
import { nodeAddressOf } from './node-address.ts'

/** In every certificate and kubeconfig. An address would have to be kept for ever; a name can move. */
const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.[a-z]([a-z0-9-]*[a-z0-9])?$/, 'the endpoint is called by a DNS name, not by an address')
  .describe('DNS name of the Kubernetes API')
const portNumber = z.int().min(1).max(65535)
const port = portNumber.default(6443).describe('Port of the API at the endpoint; written into every kubeconfig, so it stays')
const vip = z.ipv4().describe('Floating address behind the name')
const autonomousSystem = z.int().min(1).max(4_294_967_295)

/** It stands between colons and commas. */
const peerPassword = secretString().refine(given => !/[:,/]/.test(Secret.reveal(given)), 'kube-vip takes no password with ":", "," or "/" in it')

/** How kube-vip tells the network where the floating address is: to its neighbours on one network, or to routers. */
const announce = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('arp') }),
  z.strictObject({
    by: z.literal('bgp'),
    as: autonomousSystem.describe('Autonomous system of the control planes'),
    peers: z
      .array(z.strictObject({ address: z.ipv4(), as: autonomousSystem, password: peerPassword.optional(), multihop: z.boolean().default(false) }))
      .min(1)
      .describe('Routers that are told'),
  }),
])

/** The release of kube-vip that the manifest belongs to. */
export const kubeVipImage = 'ghcr.io/kube-vip/kube-vip:v1.0.3'

/**
 * The ways to one address of the API that outlives every machine behind it: what an inventory chooses by `endpoint: { strategy: …, name: … }`. The name and
 * port are the cluster's for life; what is behind them may change (`playbooks/move-endpoint.ts`).
 *
 * - `haproxy+keepalived`: hosts of the group `lb` hold a floating address and send to healthy control planes. They may be control planes themselves, if ports differ.
 * - `kube-vip`: the control planes hold it among themselves, elected through the very API that they serve.
 * - `local`: every node has a balancer of its own on the loopback, and nothing floats. From outside, the control planes are reached one by one.
 * - `dns-round-robin`: the name has the addresses of all control planes. Nobody takes a dead one out.
 * - `external`: somebody else's balancer.
 * - `control-plane`: one control plane's address. Not available when it is not: for single nodes, and to begin with.
 */
export const endpoint = z
  .discriminatedUnion('strategy', [
    z.strictObject({
      strategy: z.literal('haproxy+keepalived'),
      name,
      port,
      vip,
      vrrpRouterId: z.int().min(1).max(255).default(51).describe('VRRP router id: of its own among all floating addresses of the network'),
      vrrpPassword: secretString().optional().describe('At most 8 characters; travels in clear, so it keeps mistakes apart, not attackers'),
    }),
    z.strictObject({ strategy: z.literal('kube-vip'), name, port, vip, announce: announce.default({ by: 'arp' }), image: z.string().default(kubeVipImage) }),
    // Another port than 6443, which every kube-apiserver has on all addresses of its machine, the loopback included.
    z.strictObject({ strategy: z.literal('local'), name, port: portNumber.default(6444) }),
    z.strictObject({ strategy: z.literal('dns-round-robin'), name, port }),
    z.strictObject({ strategy: z.literal('external'), name, port, address: z.ipv4().optional().describe('Address behind the name; without one, DNS has to know it') }),
    z.strictObject({ strategy: z.literal('control-plane'), name, port, address: z.ipv4().describe('Address of a control plane') }),
  ])
  .describe('How the API is reached')

export type Endpoint = z.output<typeof endpoint>
export type Strategy = Endpoint['strategy']
export type EndpointOf<S extends Strategy> = Extract<Endpoint, { strategy: S }>

/** The reason to leave a host out of a role that serves another strategy. */
export function unlessEndpointIs(wanted: Strategy, given: Endpoint): string | undefined {
  return given.strategy === wanted ? undefined : `the endpoint is ${given.strategy}`
}

/** The one address behind the name that is the same for everybody; `undefined` where there is none. */
export function addressOf(given: Endpoint): string | undefined {
  switch (given.strategy) {
    case 'haproxy+keepalived':
    case 'kube-vip':
      return given.vip
    case 'external':
    case 'control-plane':
      return given.address
    case 'local':
    case 'dns-round-robin':
      return undefined
  }
}

/** The address that moves between machines. */
export function floatingAddressOf(given: Endpoint): string | undefined {
  return 'vip' in given ? given.vip : undefined
}

/** What the name has to stand for on a node; empty where only DNS can know. */
export function addressesOnNodes(given: Endpoint, controlPlanes: readonly Member[]): readonly string[] {
  if (given.strategy === 'local') return ['127.0.0.1']
  if (given.strategy === 'dns-round-robin') return controlPlanes.map(nodeAddressOf)
  const address = addressOf(given)
  return address === undefined ? [] : [address]
}

/** Whether API servers themselves answer at the endpoint, so that its port has to be theirs. */
export function isServedDirectly(given: Endpoint): boolean {
  return given.strategy === 'kube-vip' || given.strategy === 'dns-round-robin' || given.strategy === 'control-plane'
}
