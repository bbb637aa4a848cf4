import type { ApiEndpoint } from '../outputs.ts'
import { toYaml, type Data } from '../kubernetes/yaml.ts'
import { parseVersion, traitsOf } from '../kubernetes/version.ts'
import { k3sPaths } from './paths.ts'
import { kubernetesOf } from './version.ts'

type Options = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** What every node has to know of itself. */
export interface NodeSettings {
  readonly k3sVersion: string
  readonly nodeName: string
  readonly address: string
  readonly endpoint: ApiEndpoint
  readonly allowCgroupV1: boolean
  readonly agent: Options
}
export interface ServerSettings extends NodeSettings {
  readonly bindPort: number
  readonly podSubnet: string
  readonly serviceSubnet: string
  readonly disable: readonly string[]
  readonly snapshots: { readonly schedule: string; readonly keep: number }
  readonly server: Options
}

/**
 * The configuration of a server. Only the very first start of a cluster has `begins`; from then on every server has `server`, the one that began it included, and k3s
 * does not read either once it has a database. It is for the day when a server finds that it was removed: with `server` it joins again, and with `cluster-init`, or
 * with neither, it would begin a second cluster beside the living one.
 *
 * The certificate has the endpoint's name and address from the first day, and nothing that changes when servers come and go: a list of them would restart all of
 * them for each. Addresses are explicit, because k3s would take that of the default route.
 *
 * @see https://docs.k3s.io/cli/server
 */
export function serverConfig(settings: ServerSettings, { begins }: { readonly begins: boolean }): string {
  const { endpoint, address } = settings
  return written({
    ...(begins ? { 'cluster-init': true } : { server: `https://${endpoint.name}:${endpoint.port}` }),
    'token-file': k3sPaths.serverToken,
    'agent-token-file': k3sPaths.agentToken,
    ...ofNode(settings),
    'advertise-address': address,
    'https-listen-port': settings.bindPort,
    'tls-san': [endpoint.name, ...(endpoint.address === undefined ? [] : [endpoint.address])],
    'cluster-cidr': settings.podSubnet,
    'service-cidr': settings.serviceSubnet,
    'write-kubeconfig-mode': '0600',
    ...(settings.disable.length === 0 ? {} : { disable: settings.disable }),
    'etcd-snapshot-schedule-cron': settings.snapshots.schedule,
    'etcd-snapshot-retention': settings.snapshots.keep,
    ...settings.agent,
    ...settings.server,
    'kubelet-arg': kubeletArgs(settings, settings.agent, settings.server),
    'kube-apiserver-arg': [...listOf(settings.server['kube-apiserver-arg']), `authentication-config=${k3sPaths.authentication}`],
  })
}

/** The configuration of an agent. Its token lets it join as an agent, and nothing else. */
export function agentConfig(settings: NodeSettings): string {
  const { endpoint } = settings
  return written({
    server: `https://${endpoint.name}:${endpoint.port}`,
    'token-file': k3sPaths.agentToken,
    ...ofNode(settings),
    ...settings.agent,
    'kubelet-arg': kubeletArgs(settings, settings.agent),
  })
}

/**
 * Who may ask without saying who they are: anybody, whether the API server is well, and nothing else. k3s has no anonymous requests at all, so balancers could
 * only see whether a port is open, which it is long before the server can serve. With this file k3s leaves anonymous requests to it since 1.33.1 (k3s-io/k3s#12245).
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-authenticator-configuration
 */
export const authenticationConfig = toYaml({
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AuthenticationConfiguration',
  anonymous: { enabled: true, conditions: [{ path: '/livez' }, { path: '/readyz' }] },
})

function ofNode({ nodeName, address }: NodeSettings): { readonly [key: string]: Data } {
  return { 'node-name': nodeName, 'node-ip': address }
}

/** From 1.35 on the kubelet refuses cgroup v1 unless told otherwise. */
function kubeletArgs({ k3sVersion, allowCgroupV1 }: NodeSettings, ...given: readonly Options[]): readonly string[] | undefined {
  const refused = traitsOf(parseVersion(kubernetesOf(k3sVersion)))?.cgroupV1 === 'refused'
  const all = [...given.flatMap(options => listOf(options['kubelet-arg'])), ...(refused && allowCgroupV1 ? ['fail-cgroupv1=false'] : [])]
  return all.length === 0 ? undefined : all
}

function listOf(option: Options[string] | undefined): readonly string[] {
  if (option === undefined) return []
  return typeof option === 'object' ? option : [String(option)]
}

function written(data: Data): string {
  return `# Written by ts-play; changes are overwritten.\n${toYaml(data)}`
}
