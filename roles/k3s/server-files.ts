import { file, type HostRef, type Item } from 'ts-play'
import { allowCgroupV1, bindPort, nodeAddress, podSubnet, serviceSubnet } from '../kubernetes/variables.ts'
import type { ApiEndpoint } from '../outputs.ts'
import { authenticationConfig, serverConfig, type ServerSettings } from './config.ts'
import { k3sPaths } from './paths.ts'
import { restartServer } from './restart.ts'
import { k3sAgent, k3sDisable, k3sServer, k3sSnapshots, k3sVersion } from './variables.ts'

/** What a server is configured with: the same on all of them, but for its own name and address. */
export const serverVars = { k3sVersion, bindPort, podSubnet, serviceSubnet, nodeAddress, allowCgroupV1, k3sDisable, k3sSnapshots, k3sServer, k3sAgent }

interface ServerVars {
  readonly k3sVersion: string
  readonly bindPort: number
  readonly podSubnet: string
  readonly serviceSubnet: string
  readonly nodeAddress?: string | undefined
  readonly allowCgroupV1: boolean
  readonly k3sDisable: readonly string[]
  readonly k3sSnapshots: ServerSettings['snapshots']
  readonly k3sServer: ServerSettings['server']
  readonly k3sAgent: ServerSettings['agent']
}

export function serverSettings({ host, vars, nodeName, endpoint }: { host: HostRef; vars: ServerVars; nodeName: string; endpoint: ApiEndpoint }): ServerSettings {
  const { k3sVersion: version, k3sDisable: disable, k3sSnapshots: snapshots, k3sServer: server, k3sAgent: agent, nodeAddress: address, ...same } = vars
  return { ...same, k3sVersion: version, disable, snapshots, server, agent, nodeName, address: address ?? host.address, endpoint }
}

/** How a server starts with its files: it is restarted for changes when it runs already, and the first time it just starts. */
export type Start = { readonly by: 'first start'; readonly begins: boolean } | { readonly by: 'restart'; readonly servers: readonly string[] }

export function serverFiles(settings: ServerSettings, start: Start): Item[] {
  const options = start.by === 'restart' ? { notify: [restartServer({ bindPort: settings.bindPort, servers: start.servers })] } : {}
  return [
    file({ path: k3sPaths.authentication, content: authenticationConfig, mode: 0o600 }, options),
    file({ path: k3sPaths.config, content: serverConfig(settings, { begins: start.by === 'first start' && start.begins }), mode: 0o600 }, options),
  ]
}
